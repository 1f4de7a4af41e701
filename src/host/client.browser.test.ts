import { afterEach, describe, expect, it, vi } from 'vitest';
import { STORAGE_FORMAT } from '../engine/blocks/manifest.ts';
import { OPEN_DEADLINE_MS, READ_DEADLINE_MS, WRITE_DEADLINE_MS } from '../limits.ts';
import { databaseName, openIndexedDbStorage } from '../storage/indexeddb.ts';
import { refusalOf } from '../testing/refusal.ts';
import type { EngineEvent, MemoryEngine, NewMemory } from '../types.ts';
import { createTabs, loseConnection, stall } from './host-test-util.ts';

const { open, workers } = createTabs();
const { open: openFragile, workers: fragile } = createTabs({ areFragile: true });
const lastWorker = () => workers.at(-1);

describe('the client', () => {
  it('remembers through a worker, and finds again after closing', async () => {
    const namespace = crypto.randomUUID();
    const first = await open({ namespace });
    const { id, durability } = await first.add({ content: 'Ana lives in Lisbon' });
    expect(durability).toBe('journaled');
    expect((await first.status()).storage).toMatchObject({
      kind: 'indexeddb',
      persistent: true,
      origin: 'newOrEvicted',
      connection: { state: 'open', reopened: 0 },
    });
    await first.close();
    const second = await open({ namespace });
    expect((await second.search('Where does Ana live?')).hits[0]?.id).toBe(id);
    expect((await second.status()).storage.origin).toBe('existing');
    expect(await second.flush()).toEqual({ durability: 'flushed' });
  });

  it('tells through a worker what memories have to do with each other, also what an earlier one was taught', async () => {
    const namespace = crypto.randomUUID();
    const first = await open({ namespace });
    const contents = ['a red boat', 'the red boat sails', 'red boats sail far', 'a boat is red'];
    const { ids } = await first.addMany(contents.map((content) => ({ content })));
    await first.search('red boat');
    await first.close();
    const second = await open({ namespace });
    const related = await second.related(ids[0] ?? '', { kinds: ['learnt', 'similar'] });
    expect(related.length).toBeGreaterThan(0);
    expect((await second.path(ids[0] ?? '', ids[1] ?? ''))?.memories.at(-1)?.id).toBe(ids[1]);
    const [concept] = await second.concepts();
    expect((await second.concept(concept?.id ?? '')).members.length).toBe(concept?.size);
    const error = await refusalOf(second.related('0190163d-8694-739b-aea5-966c26f8ad91'));
    expect(error.code).toBe('NOT_FOUND');
  });

  it('takes the choice of which model embeds queries, and refuses what is none', async () => {
    const engine = await open({ queryEmbedder: 'builtin' });
    expect((await engine.status()).embedder.state).toBe('ready');
    expect(await refusalOf(open({ queryEmbedder: 'fast' as 'auto' }))).toMatchObject({
      code: 'INVALID_INPUT',
    });
  });

  it('keeps code, hint and operation id of errors across the worker’s boundary', async () => {
    const engine = await open();
    const error = await refusalOf(
      engine.update('0190163d-8694-739b-aea5-966c26f8ad91', { speaker: 'x' }, { opId: 'mine' }),
    );
    expect(error).toMatchObject({ code: 'NOT_FOUND', opId: 'mine', retryable: false });
    expect(error.hint).toBeTruthy();
  });

  it('refuses what cannot be sent, in a typed error', async () => {
    const engine = await open();
    const memory = { content: 'a', metadata: { f: () => 1 } } as unknown as NewMemory;
    expect((await refusalOf(engine.add(memory))).code).toBe('INVALID_INPUT');
    expect((await engine.stats()).count).toBe(0);
  });

  it('keeps prototype keys out across the boundary', async () => {
    const engine = await open();
    const metadata = JSON.parse('{"__proto__": {"polluted": true}}') as NewMemory['metadata'];
    expect((await refusalOf(engine.add({ content: 'a', metadata }))).code).toBe('INVALID_INPUT');
  });

  it('leaves the caller’s vector in the caller’s hands', async () => {
    const engine = await open();
    const vector = Float32Array.of(1, 0, 0);
    const { id } = await engine.add({
      content: 'kept',
      embedding: { modelId: 'host', space: 'host', vector },
    });
    expect(vector.length).toBe(3);
    expect((await engine.get(id, { includeVector: true }))?.vector).toEqual(vector);
    const { hits } = await engine.search('kept', { includeVector: true });
    expect(hits[0]?.memory.vector).toEqual(vector);
  });

  it('takes limits to the engine, and tells of what went for them', async () => {
    const engine = await open({ limits: { maxMemories: 3, maxBytes: 5_000_000 } });
    const { ids } = await engine.addMany([{ content: 'a' }, { content: 'b' }, { content: 'c' }]);
    await engine.add({ content: 'd' });
    expect((await engine.status()).limits).toMatchObject({
      maxMemories: 3,
      maxBytes: 5_000_000,
      memories: 3,
      evicted: 1,
    });
    expect(await engine.history(ids[0] ?? '')).toMatchObject([{ type: 'delete', reason: 'evicted' }]);
    const critical = [1, 2, 3].map((number) => ({ content: `${number}`, priority: 'critical' as const }));
    await engine.addMany(critical);
    const error = await refusalOf(engine.add({ content: 'e' }, { opId: 'mine' }));
    expect(error).toMatchObject({ code: 'QUOTA_EXCEEDED', opId: 'mine', details: { memories: 3 } });
    expect(error.hint).toBeTruthy();
  });

  it('refuses a configuration that is none', async () => {
    const limits = { maxMemories: 0.5 };
    expect((await refusalOf(open({ limits }))).code).toBe('INVALID_INPUT');
    expect((await refusalOf(open({ namespace: '' }))).code).toBe('INVALID_INPUT');
    const index = 'fastest' as 'exact';
    expect((await refusalOf(open({ index }))).code).toBe('INVALID_INPUT');
  });

  it('serves from an hnswlib index where that was chosen', async () => {
    const engine = await open({ index: 'hnswlib' });
    await engine.addMany([{ content: 'Ana lives in Lisbon' }, { content: 'tomatoes' }]);
    const { hits, plan } = await engine.search('Lisbon');
    expect(plan.index).toBe('hnswlib');
    expect(hits[0]?.memory.content).toBe('Ana lives in Lisbon');
  });

  it('says that nothing lasts where it was opened in memory', async () => {
    const engine = await open({ storage: 'memory' });
    expect((await engine.add({ content: 'a' })).durability).toBe('accepted');
    expect((await engine.status()).storage).toMatchObject({ kind: 'memory', persistent: false });
  });
});

describe('closing', () => {
  it('answers what was asked before, and refuses what is asked after', async () => {
    const engine = await open();
    const writes = Array.from({ length: 20 }, (_, i) => engine.add({ content: `memory ${i}` }));
    const closing = engine.close();
    expect((await refusalOf(engine.add({ content: 'late' }))).code).toBe('CLOSED');
    expect((await Promise.all(writes)).length).toBe(20);
    await closing;
  });

  it('refuses options that there are not', async () => {
    expect((await refusalOf(open({ namspace: 'x' } as object))).code).toBe('INVALID_INPUT');
  });
});

describe('a worker that dies', () => {
  it('ends a write in flight with its operation id, and the repeated call is applied once', async () => {
    const engine = await open();
    const memories = Array.from({ length: 300 }, (_, i) => ({ content: `memory ${i}` }));
    const write = engine.addMany(memories);
    await new Promise((resolve) => setTimeout(resolve, 5));
    lastWorker()?.terminate();
    const error = await refusalOf(write);
    expect(error).toMatchObject({ code: 'OUTCOME_UNKNOWN', retryable: true });
    expect(error.opId).toBeTruthy();
    await engine.addMany(memories, { opId: error.opId });
    await engine.addMany(memories, { opId: error.opId });
    expect((await engine.stats()).count).toBe(300);
  });

  it('ends a read in flight, and the next call is answered by a new worker', async () => {
    const engine = await open();
    await engine.add({ content: 'kept' });
    lastWorker()?.terminate();
    const error = await refusalOf(engine.search('kept'));
    expect(error).toMatchObject({ code: 'WORKER_DIED', retryable: true });
    expect((await engine.search('kept')).hits).toHaveLength(1);
  });

  it('is told in a typed error when its script cannot be loaded', async () => {
    const broken = () => new Worker('/there-is-no-such-worker.js', { type: 'module' });
    expect((await refusalOf(open({ createWorker: broken }))).code).toBe('WORKER_DIED');
  });
});

describe('every wait ends', () => {
  const useFakeTimers = () => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  afterEach(() => vi.useRealTimers());
  /** A call that is under way, and stays so. */
  const askOfBusyWorker = async (engine: MemoryEngine) => {
    stall(fragile.at(-1), 1_000);
    const outcome = refusalOf(engine.search('anything'));
    await new Promise((resolve) => setTimeout(resolve, 50));
    return { outcome };
  };

  it('of a call whose worker does not answer: at its deadline, in a typed error', async () => {
    const engine = await openFragile();
    useFakeTimers();
    stall(fragile.at(-1), 1_500);
    const read = refusalOf(engine.search('anything'));
    const write = refusalOf(engine.add({ content: 'a' }, { opId: 'mine' }));
    await vi.advanceTimersByTimeAsync(READ_DEADLINE_MS);
    expect(await read).toMatchObject({ code: 'DEADLINE_EXCEEDED', retryable: true });
    await vi.advanceTimersByTimeAsync(WRITE_DEADLINE_MS);
    expect(await write).toMatchObject({ code: 'OUTCOME_UNKNOWN', opId: 'mine', retryable: true });
    vi.useRealTimers();
    await engine.add({ content: 'a' }, { opId: 'mine' });
    expect((await engine.stats()).count).toBe(1);
  });

  it('of an opening whose worker does not answer', async () => {
    useFakeTimers();
    const silent = () => new Worker(URL.createObjectURL(new Blob([''], { type: 'text/javascript' })));
    const error = refusalOf(open({ createWorker: silent }));
    await vi.advanceTimersByTimeAsync(OPEN_DEADLINE_MS);
    expect(await error).toMatchObject({ code: 'DEADLINE_EXCEEDED', retryable: true });
  });

  it('of all calls when a message of the worker cannot be read', async () => {
    const engine = await openFragile();
    const read = await askOfBusyWorker(engine);
    fragile.at(-1)?.dispatchEvent(new MessageEvent('messageerror'));
    expect((await read.outcome).code).toBe('WORKER_DIED');
    expect((await engine.stats()).count).toBe(0);
  });

  it('of all calls when the worker throws', async () => {
    const engine = await openFragile();
    const read = await askOfBusyWorker(engine);
    fragile.at(-1)?.dispatchEvent(new ErrorEvent('error', { message: 'out of memory' }));
    expect(await read.outcome).toMatchObject({
      code: 'WORKER_DIED',
      message: expect.stringContaining('out of memory'),
    });
  });
});

describe('a connection that died while nobody looked', () => {
  it('is replaced when the page is shown again, before a call meets it, and is shown in status', async () => {
    const engine = await openFragile();
    await engine.add({ content: 'kept' });
    loseConnection(fragile.at(-1));
    document.dispatchEvent(new Event('visibilitychange'));
    await expect
      .poll(async () => (await engine.status()).storage.connection)
      .toMatchObject({ state: 'open', reopened: 1, lastError: { code: 'STORAGE_UNAVAILABLE' } });
    expect((await engine.search('kept')).hits).toHaveLength(1);
  });

  it('is replaced by the call that meets it, and nothing is lost', async () => {
    const engine = await openFragile();
    const written: string[] = [];
    for (let i = 0; i < 10; i++) {
      loseConnection(fragile.at(-1));
      written.push((await engine.add({ content: `memory ${i}` })).id);
    }
    expect((await engine.list({ order: 'oldest' })).memories.map(({ id }) => id)).toEqual(written);
    expect((await engine.status()).storage.connection?.reopened).toBeGreaterThan(0);
  });
});

describe('two tabs', () => {
  it('share one owner: what one writes the other finds, and is told of', async () => {
    const namespace = crypto.randomUUID();
    const owner = await open({ namespace });
    const follower = await open({ namespace });
    expect((await owner.status()).role).toBe('owner');
    expect((await follower.status()).role).toBe('follower');
    const told = new Promise<EngineEvent>((resolve) => {
      owner.subscribe((event) => {
        if (event.type === 'change') resolve(event);
      });
    });
    const { id } = await follower.add({ content: 'from the second tab' });
    expect(await told).toMatchObject({ operations: [{ type: 'add', id }] });
    expect((await owner.get(id))?.content).toBe('from the second tab');
    expect((await refusalOf(follower.add({ content: '' }))).code).toBe('INVALID_INPUT');
  });

  it('go on when the owner closes, with nothing lost and a write in flight applied once', async () => {
    const namespace = crypto.randomUUID();
    const owner = await open({ namespace });
    await owner.add({ content: 'first' });
    const follower = await open({ namespace });
    const ownerWorker = workers.at(-2);
    const write = follower.addMany([{ content: 'second' }, { content: 'third' }]);
    ownerWorker?.terminate();
    expect((await write).ids).toHaveLength(2);
    expect((await follower.status()).role).toBe('owner');
    expect((await follower.stats()).count).toBe(3);
  });
});

describe('an owner whom another one has replaced', () => {
  it('opens again and applies the call once', async () => {
    const namespace = crypto.randomUUID();
    const engine = await open({ namespace });
    await engine.add({ content: 'first' });
    const storage = await openIndexedDbStorage({ name: databaseName('default', namespace, STORAGE_FORMAT) });
    const expectEpoch = await storage.epoch();
    await storage.commit({ expectEpoch, nextEpoch: expectEpoch + 1, durability: 'journaled' });
    await storage.close();
    const writes = ['second', 'third'].map((content) => engine.add({ content }));
    expect((await Promise.all(writes)).map(({ durability }) => durability)).toEqual([
      'journaled',
      'journaled',
    ]);
    const { memories } = await engine.list({ order: 'oldest' });
    expect(memories.map(({ content }) => content).sort()).toEqual(['first', 'second', 'third']);
  });
});

describe('a newer format', () => {
  it('is refused with a hint, and nothing is written', async () => {
    const namespace = crypto.randomUUID();
    const name = `loci:default:${namespace}:f99`;
    await new Promise((resolve, reject) => {
      const request = indexedDB.open(name);
      request.onsuccess = () => resolve(request.result.close());
      request.onerror = () => reject(request.error);
    });
    expect((await refusalOf(open({ namespace }))).code).toBe('NEWER_FORMAT');
    const names = (await indexedDB.databases()).map((database) => database.name);
    expect(names.filter((each) => each?.includes(namespace))).toEqual([name]);
    indexedDB.deleteDatabase(name);
  });
});

import { describe, expect, it } from 'vitest';
import { MAX_CONTENT_BYTES } from '../limits.ts';
import { refusalOf } from '../testing/refusal.ts';
import type { EngineEvent, Filter, NewMemory } from '../types.ts';
import { createLastingStorage, NOW, openTestEngine } from './engine-test-util.ts';

const unit = (at: number, dimensions = 4) => {
  const vector = new Float32Array(dimensions);
  vector[at] = 1;
  return vector;
};
const hosted = (at: number, dimensions = 4) => ({
  modelId: 'host',
  space: 'host',
  vector: unit(at, dimensions),
});

describe('add', () => {
  it('answers the id and the level reached, and the memory is there', async () => {
    const engine = await openTestEngine({ tenant: 'acme', namespace: 'notes' });
    const { id, durability, opId } = await engine.add({
      content: 'Ana lives in Lisbon',
      metadata: { cluster: 'eu' },
    });
    expect(durability).toBe('journaled');
    expect(opId).toBeTruthy();
    expect(await engine.get(id)).toMatchObject({
      id,
      tenant: 'acme',
      namespace: 'notes',
      content: 'Ana lives in Lisbon',
      metadata: { cluster: 'eu' },
      createdAt: NOW,
      revision: 1,
      embedding: { modelId: 'hashing-384-v1', dimensions: 384, origin: 'engine' },
      sizeBytes: 'Ana lives in Lisbon'.length + '{"cluster":"eu"}'.length + 4 * 384,
    });
  });

  it('answers flushed where that was asked for, and accepted where nothing persists', async () => {
    const engine = await openTestEngine();
    expect((await engine.add({ content: 'a' }, { durability: 'flushed' })).durability).toBe('flushed');
    const inMemory = await openTestEngine({ storage: { ...createLastingStorage(), persistent: false } });
    expect((await inMemory.add({ content: 'a' })).durability).toBe('accepted');
  });

  it('is applied once under one operation id, also when both calls run at the same time', async () => {
    const engine = await openTestEngine();
    const calls = [
      engine.add({ content: 'a' }, { opId: 'one' }),
      engine.add({ content: 'a' }, { opId: 'one' }),
    ];
    const [first, second] = await Promise.all(calls);
    expect(second).toEqual(first);
    expect(await engine.add({ content: 'a' }, { opId: 'one' })).toEqual(first);
    expect((await engine.stats()).count).toBe(1);
  });

  it('refuses an operation id that was used for another kind of call', async () => {
    const engine = await openTestEngine();
    await engine.add({ content: 'a' }, { opId: 'one' });
    expect((await refusalOf(engine.deleteAll({ everything: true }, { opId: 'one' }))).code).toBe(
      'INVALID_INPUT',
    );
    expect((await engine.stats()).count).toBe(1);
  });

  it('takes an id of the caller’s, once', async () => {
    const engine = await openTestEngine();
    const id = '0190163d-8694-739b-aea5-966c26f8ad91';
    expect((await engine.add({ id, content: 'a' })).id).toBe(id);
    expect((await refusalOf(engine.add({ id, content: 'b' }))).code).toBe('ALREADY_EXISTS');
  });

  it('keeps all of a batch or none of it', async () => {
    const engine = await openTestEngine();
    await engine.add({ content: 'a', embedding: hosted(0) });
    const batches: (readonly NewMemory[])[] = [
      [{ content: 'b' }, { content: '' }],
      [{ content: 'b' }, { content: 'c', embedding: hosted(0, 5) }],
      [
        { content: 'b' },
        { content: 'c', embedding: { ...hosted(0), vector: Float32Array.of(1, Number.NaN, 0, 0) } },
      ],
      [{ content: 'b' }, { content: 'c', embedding: { ...hosted(0), vector: new Float32Array(4) } }],
    ];
    for (const batch of batches) {
      const error = await refusalOf(engine.addMany(batch));
      expect(['INVALID_INPUT', 'INVALID_VECTOR']).toContain(error.code);
      expect(error.hint).toBeTruthy();
      expect((await engine.stats()).count).toBe(1);
    }
  });

  it('names the operation id in the error, for a retry', async () => {
    const engine = await openTestEngine();
    const error = await refusalOf(
      engine.update('0190163d-8694-739b-aea5-966c26f8ad91', { speaker: 'x' }, { opId: 'mine' }),
    );
    expect(error).toMatchObject({ code: 'NOT_FOUND', opId: 'mine' });
  });

  it('refuses an empty and an over-long content, and changes nothing', async () => {
    const engine = await openTestEngine();
    expect((await refusalOf(engine.add({ content: '' }))).code).toBe('INVALID_INPUT');
    expect((await refusalOf(engine.add({ content: 'x'.repeat(MAX_CONTENT_BYTES + 1) }))).code).toBe(
      'INVALID_INPUT',
    );
    expect((await engine.stats()).count).toBe(0);
  });
});

describe('get', () => {
  it('answers null for what there is not', async () => {
    const engine = await openTestEngine();
    expect(await engine.get('0190163d-8694-739b-aea5-966c26f8ad91')).toBeNull();
  });

  it('brings the vector where it was asked for', async () => {
    const engine = await openTestEngine();
    const { id } = await engine.add({ content: 'a', embedding: hosted(2) });
    expect((await engine.get(id))?.vector).toBeUndefined();
    expect((await engine.get(id, { includeVector: true }))?.vector).toEqual(unit(2));
  });

  it('counts the reading', async () => {
    const engine = await openTestEngine();
    const { id } = await engine.add({ content: 'a' });
    await engine.get(id);
    expect(await engine.get(id)).toMatchObject({ accessCount: 1, lastAccessedAt: NOW });
  });
});

describe('list', () => {
  const fill = async (count: number) => {
    const engine = await openTestEngine();
    await engine.addMany(
      Array.from({ length: count }, (_, i) => ({ content: `m${i}`, tags: i % 2 ? ['odd'] : [] })),
    );
    return engine;
  };

  it('pages through all of them by cursor, each once, in either order', async () => {
    const engine = await fill(25);
    for (const order of ['newest', 'oldest'] as const) {
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await engine.list({ limit: 10, cursor, order });
        expect(page.total).toBe(25);
        seen.push(...page.memories.map(({ content }) => content));
        cursor = page.nextCursor;
      } while (cursor !== undefined);
      const expected = Array.from({ length: 25 }, (_, i) => `m${i}`);
      expect(seen).toEqual(order === 'oldest' ? expected : expected.reverse());
    }
  });

  it('goes on where it was when memories are added and deleted between two pages', async () => {
    const engine = await fill(6);
    const first = await engine.list({ limit: 3, order: 'oldest' });
    await engine.add({ content: 'new' });
    await engine.delete(first.memories[0]?.id ?? '');
    const rest = await engine.list({ limit: 10, order: 'oldest', cursor: first.nextCursor });
    expect(rest.memories.map(({ content }) => content)).toEqual(['m3', 'm4', 'm5', 'new']);
  });

  it('lists what a filter meets', async () => {
    const engine = await fill(9);
    const page = await engine.list({ filter: { tags: 'odd' }, limit: 2 });
    expect(page.total).toBe(4);
    expect(page.memories.map(({ content }) => content)).toEqual(['m7', 'm5']);
  });

  it.each([{ limit: 0 }, { limit: 1.5 }, { limit: 1e9 }, { cursor: 'nonsense' }])(
    'refuses %o',
    async (options) => {
      expect((await refusalOf((await fill(1)).list(options))).code).toBe('INVALID_INPUT');
    },
  );
});

describe('search', () => {
  it('finds by words and vectors, and says why', async () => {
    const engine = await openTestEngine();
    await engine.addMany([{ content: 'Ana lives in Lisbon' }, { content: 'The oven comes from Bologna' }]);
    const { hits, plan } = await engine.search('Where does Ana live?');
    expect(hits[0]?.memory.content).toBe('Ana lives in Lisbon');
    expect(hits[0]?.score).toBeGreaterThan(0.5);
    expect(hits[0]?.why.lexical?.terms).toContain('ana');
    expect(hits[0]?.why.vector?.space).toBe('hashing-384-v1');
    expect(plan).toMatchObject({
      index: 'kernel',
      lexical: true,
      considered: 2,
      vector: [{ plan: 'exact', members: 2 }],
    });
  });

  it('finds nothing but members of the filter, whatever is nearer', async () => {
    const engine = await openTestEngine();
    await engine.addMany([
      { content: 'Ana lives in Lisbon', speaker: 'Bo' },
      { content: 'Ana lived elsewhere', speaker: 'Cy' },
    ]);
    const { hits } = await engine.search('Ana lives in Lisbon', { filter: { speaker: 'Cy' } });
    expect(hits.map(({ memory }) => memory.speaker)).toEqual(['Cy']);
    expect((await engine.search('Ana', { filter: { speaker: 'Di' } })).hits).toEqual([]);
  });

  it('compares a vector of the caller’s in its own space only', async () => {
    const engine = await openTestEngine();
    await engine.addMany([{ content: 'of the host', embedding: hosted(1) }, { content: 'of the engine' }]);
    const { hits, plan } = await engine.search('', { embedding: { space: 'host', vector: unit(1) } });
    expect(hits.map(({ memory }) => memory.content)).toEqual(['of the host']);
    expect(plan.spaces).toEqual(['host']);
    const wrong = engine.search('', { embedding: { space: 'host', vector: unit(1, 5) } });
    expect((await refusalOf(wrong)).code).toBe('INVALID_VECTOR');
  });

  it('says when it had no model for some of the vectors, and serves by words', async () => {
    const engine = await openTestEngine();
    await engine.add({ content: 'Ana lives in Lisbon', embedding: hosted(1) });
    const { hits, plan } = await engine.search('Lisbon');
    expect(hits).toHaveLength(1);
    expect(plan.degraded).toContain('host');
  });

  it('never finds what was deleted, and finds a changed text by its new words', async () => {
    const engine = await openTestEngine();
    const { ids } = await engine.addMany([{ content: 'red tomatoes' }, { content: 'green cucumbers' }]);
    await engine.delete(ids[0] ?? '');
    await engine.update(ids[1] ?? '', { content: 'yellow peppers' });
    expect((await engine.search('tomatoes')).hits.map(({ id }) => id)).not.toContain(ids[0]);
    expect((await engine.search('peppers')).hits[0]?.memory.content).toBe('yellow peppers');
    expect((await engine.search('cucumbers')).hits[0]?.why.lexical).toBeUndefined();
  });

  it.each([
    ['an empty query', '', {}],
    ['a query too long', 'x'.repeat(10_000), {}],
    ['a limit of none', 'x', { limit: 0 }],
    ['a minimum above 1', 'x', { minScore: 2 }],
  ])('refuses %s', async (_, query, options) => {
    expect((await refusalOf((await openTestEngine()).search(query, options))).code).toBe('INVALID_INPUT');
  });

  it('refuses an unknown operator', async () => {
    const engine = await openTestEngine();
    const filter = { speaker: { $like: 'A' } } as unknown as Filter;
    expect((await refusalOf(engine.search('x', { filter }))).code).toBe('INVALID_FILTER');
  });
});

describe('update', () => {
  it('changes what is named, makes a revision and keeps the rest', async () => {
    const engine = await openTestEngine();
    const { id } = await engine.add({ content: 'a', speaker: 'Bo', tags: ['x'] });
    await engine.update(id, { speaker: null, priority: 'critical' });
    const memory = await engine.get(id);
    expect(memory).toMatchObject({ content: 'a', tags: ['x'], priority: 'critical', revision: 2 });
    expect(memory?.speaker).toBeUndefined();
  });

  it('refuses an end before the beginning that the memory has', async () => {
    const engine = await openTestEngine();
    const { id } = await engine.add({ content: 'a', validFrom: 10 });
    expect((await refusalOf(engine.update(id, { invalidAt: 5 }))).code).toBe('INVALID_INPUT');
    expect((await engine.get(id))?.revision).toBe(1);
  });
});

describe('delete', () => {
  it('forgets one, and says so', async () => {
    const engine = await openTestEngine();
    const { id } = await engine.add({ content: 'a' });
    expect(await engine.delete(id)).toMatchObject({ deleted: 1, held: 0 });
    expect(await engine.get(id)).toBeNull();
    expect(await engine.delete(id)).toMatchObject({ deleted: 0 });
  });

  it('does not touch what is on legal hold', async () => {
    const engine = await openTestEngine();
    const { id } = await engine.add({ content: 'a', legalHold: true, expiresAt: NOW - 1 });
    expect((await refusalOf(engine.delete(id))).code).toBe('LEGAL_HOLD');
    expect(await engine.deleteAll({ everything: true })).toMatchObject({ deleted: 0, held: 1 });
    expect(await engine.get(id)).not.toBeNull();
  });
});

describe('deleteAll', () => {
  it('deletes all of a scope, however many', async () => {
    const engine = await openTestEngine();
    for (let batch = 0; batch < 5; batch++)
      await engine.addMany(
        Array.from({ length: 500 }, (_, i) => ({
          content: `m${i}`,
          sessionId: i % 5 ? 'go' : 'stay',
          embedding: hosted(i % 4),
        })),
      );
    expect(await engine.deleteAll({ filter: { sessionId: 'go' } })).toMatchObject({ deleted: 2_000 });
    expect((await engine.stats()).count).toBe(500);
    expect(await engine.deleteAll({ everything: true })).toMatchObject({ deleted: 500 });
    expect((await engine.stats()).count).toBe(0);
  });

  it('counts the vectors of models by whatever name these have', async () => {
    const engine = await openTestEngine();
    for (const modelId of ['constructor', '__proto__', 'toString'])
      await engine.add({ content: 'a', embedding: { ...hosted(0), modelId } });
    const { byModel } = await engine.stats();
    expect(Object.entries(byModel).sort()).toEqual([
      ['__proto__', 1],
      ['constructor', 1],
      ['toString', 1],
    ]);
  });

  it('deletes nothing for a value that the host forgot to fill in', async () => {
    const engine = await openTestEngine();
    await engine.add({ content: 'a' });
    for (const filter of [{ sessionId: undefined }, { $and: [{}] }, { tags: { $nin: [] } }])
      expect((await refusalOf(engine.deleteAll({ filter }))).code).toBe('INVALID_FILTER');
    const both = { filter: { speaker: 'x' }, everything: true } as const;
    expect((await refusalOf(engine.deleteAll(both))).code).toBe('SCOPE_REQUIRED');
    expect((await engine.stats()).count).toBe(1);
  });

  it.each([undefined, {}, { filter: {} }, { everything: false }])(
    'refuses %o: it must be told what',
    async (scope) => {
      const engine = await openTestEngine();
      await engine.add({ content: 'a' });
      expect((await refusalOf(engine.deleteAll(scope as { everything: true }))).code).toBe('SCOPE_REQUIRED');
      expect((await engine.stats()).count).toBe(1);
    },
  );
});

describe('history', () => {
  it('tells what happened, oldest first, with what was there before', async () => {
    const engine = await openTestEngine();
    const { id, opId } = await engine.add({ content: 'a' });
    await engine.update(id, { content: 'b' });
    await engine.update(id, { speaker: 'Ana' });
    const history = await engine.history(id);
    expect(history.map(({ type }) => type)).toEqual(['add', 'update', 'update']);
    expect(history[0]?.opId).toBe(opId);
    expect(history[1]?.changes).toEqual({ content: { before: 'a', after: 'b' } });
  });

  it('keeps of a deleted memory that it was deleted, and not what it was', async () => {
    const engine = await openTestEngine();
    const { id } = await engine.add({ content: 'secret' });
    await engine.update(id, { content: 'more secret' });
    await engine.delete(id);
    const history = await engine.history(id);
    expect(history.map(({ type }) => type)).toEqual(['delete']);
    expect(JSON.stringify(history)).not.toContain('secret');
  });
});

describe('subscribe', () => {
  it('tells of every change until it is ended, and no listener can break a write', async () => {
    const engine = await openTestEngine();
    const events: EngineEvent[] = [];
    const end = engine.subscribe((event) => {
      events.push(event);
      throw new Error('a listener’s fault');
    });
    const { id } = await engine.add({ content: 'a' });
    await engine.delete(id);
    end();
    await engine.add({ content: 'b' });
    const changes = events.flatMap((event) => (event.type === 'change' ? event.operations : []));
    expect(changes).toEqual([
      { type: 'add', id },
      { type: 'delete', id },
    ]);
  });
});

describe('close', () => {
  it('ends every later call in a typed error', async () => {
    const engine = await openTestEngine();
    await engine.close();
    await engine.close();
    for (const call of [
      engine.add({ content: 'a' }),
      engine.get('x'),
      engine.search('x'),
      engine.status(),
      engine.flush(),
    ])
      expect((await refusalOf(call)).code).toBe('CLOSED');
  });
});

describe('ids, listeners and misspelt options', () => {
  it('are refused in a typed error', async () => {
    const engine = await openTestEngine();
    const none = undefined as unknown as string;
    for (const call of [
      engine.get(none),
      engine.delete(none),
      engine.history(none),
      engine.list({ limt: 3 } as object),
      engine.search('a', { fliter: { speaker: 'x' } } as object),
      engine.add({ content: 'a' }, { opID: 'k' } as object),
      engine.list({ order: 'random' as 'newest' }),
    ])
      expect((await refusalOf(call)).code).toBe('INVALID_INPUT');
    expect(() => engine.subscribe(undefined as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT' }),
    );
  });
});

describe('options', () => {
  it('may be null, and are refused in a typed error where they are none', async () => {
    const engine = await openTestEngine();
    const none = null as unknown as undefined;
    const { id } = await engine.add({ content: 'Lisbon' }, none);
    expect(await engine.get(id, none)).not.toBeNull();
    expect((await engine.list(none)).total).toBe(1);
    expect((await engine.search('Lisbon', none)).hits).toHaveLength(1);
    const wrong = 'everything' as unknown as undefined;
    for (const call of [
      engine.add({ content: 'a' }, wrong),
      engine.list(wrong),
      engine.search('a', wrong),
      engine.get(id, wrong),
    ])
      expect((await refusalOf(call)).code).toBe('INVALID_INPUT');
  });

  it('refuse a query’s embedding that is none', async () => {
    const engine = await openTestEngine();
    for (const embedding of [{ space: 'host' }, { space: 7, vector: unit(1) }, 'x', null])
      expect((await refusalOf(engine.search('a', { embedding: embedding as never }))).code).toBe(
        'INVALID_VECTOR',
      );
  });
});

describe('stats and status', () => {
  it('count what is there', async () => {
    const engine = await openTestEngine();
    await engine.addMany([
      { content: 'a' },
      { content: 'b', kind: 'semantic', tier: 'longterm', embedding: hosted(1) },
    ]);
    expect(await engine.stats()).toMatchObject({
      count: 2,
      byKind: { episodic: 1, semantic: 1 },
      byTier: { working: 1, longterm: 1 },
      byModel: { 'hashing-384-v1': 1, host: 1 },
      sizeBytes: 2 + 4 + 4 * 384 + 4 * 4,
    });
  });

  it('tell a new store from one that was there', async () => {
    const storage = createLastingStorage();
    const first = await openTestEngine({ storage });
    expect((await first.status()).storage.origin).toBe('newOrEvicted');
    await first.close();
    expect((await (await openTestEngine({ storage })).status()).storage.origin).toBe('existing');
  });
});

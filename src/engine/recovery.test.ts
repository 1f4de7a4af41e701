import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LociError } from '../errors.ts';
import { FOLD_IDLE_MS, OP_RESULT_RETENTION_MS } from '../limits.ts';
import { encodeFrame } from '../storage/codec.ts';
import { createMemoryStorage } from '../storage/memory.ts';
import { prefixRange, type Storage } from '../storage/storage.ts';
import { createTestEnvironment } from '../testing/environment.ts';
import { createFaultyStorage } from '../testing/faulty-storage.ts';
import { refusalOf } from '../testing/refusal.ts';
import type { Memory, MemoryEngine } from '../types.ts';
import { createExactIndex } from '../vector/exact.ts';
import type { VectorIndex } from '../vector/vector-index.ts';
import { Block } from './blocks/block.ts';
import { CONTENTS, RECORDS } from './blocks/block-store.ts';
import { encodeManifest, MANIFEST_KEYS, newManifest, STORAGE_FORMAT } from './blocks/manifest.ts';
import { createLastingStorage, NOW, openTestEngine, until } from './engine-test-util.ts';
import { LOG_ROWS } from './layout.ts';

/** What can be read of a namespace, for comparing; access counts are lossy and left out. */
async function contentsOf(engine: MemoryEngine): Promise<readonly Partial<Memory>[]> {
  const { memories } = await engine.list({ limit: 1_000, order: 'oldest' });
  return memories.map(({ accessCount: _count, lastAccessedAt: _time, ...memory }) => memory);
}

const countOf = async (storage: Storage, range = LOG_ROWS) => (await storage.getRange(range)).length;

async function allBytes(storage: Storage): Promise<string> {
  const rows = await storage.getRange({ from: '', to: '\uffff' });
  return rows.map(({ value }) => new TextDecoder().decode(value)).join('\n');
}

describe('opening again', () => {
  it('finds everything, replayed from the log as well as folded', async () => {
    const storage = createLastingStorage();
    const environment = createTestEnvironment({ seed: 1_001, now: NOW });
    const engine = await openTestEngine({ storage, environment });
    const { ids } = await engine.addMany([
      { content: 'Ana lives in Lisbon', speaker: 'Bo' },
      { content: 'b' },
      { content: 'c' },
    ]);
    await engine.update(ids[0] ?? '', { speaker: null, tags: ['home'] });
    await engine.delete(ids[1] ?? '');
    const before = await contentsOf(engine);

    const replayed = await openTestEngine({ storage });
    expect(await contentsOf(replayed)).toEqual(before);
    await replayed.close();
    expect(await countOf(storage)).toBe(0);

    const folded = await openTestEngine({ storage });
    expect(await contentsOf(folded)).toEqual(before);
    expect((await folded.search('Lisbon')).hits[0]?.memory.tags).toEqual(['home']);
    expect((await folded.history(ids[0] ?? '')).map(({ type }) => type)).toEqual(['add', 'update']);
  });

  it('goes on with ordinals and ids that nobody had', async () => {
    const storage = createLastingStorage();
    const first = await openTestEngine({ storage });
    const { id } = await first.add({ content: 'a' });
    await first.delete(id);
    await first.close();
    const second = await openTestEngine({ storage });
    await second.add({ content: 'b' });
    await second.close();
    const [row] = await storage.getRange(prefixRange(RECORDS));
    expect(new Block(row?.value ?? new Uint8Array()).ordinalAt(0)).toBe(1);
  });

  it('remembers which calls were answered, for a day', async () => {
    const storage = createLastingStorage();
    const first = await openTestEngine({ storage });
    const answer = await first.add({ content: 'a' }, { opId: 'one' });
    await first.close();
    const environment = createTestEnvironment({ seed: 1_002, now: NOW + OP_RESULT_RETENTION_MS - 1 });
    const second = await openTestEngine({ storage, environment });
    expect(await second.add({ content: 'a' }, { opId: 'one' })).toEqual(answer);
    await environment.advance(FOLD_IDLE_MS + 2);
    await second.close();
    const third = await openTestEngine({ storage });
    expect((await third.add({ content: 'a' }, { opId: 'one' })).id).not.toBe(answer.id);
  });

  it('refuses a newer format, and a store that lost its manifest, and writes nothing', async () => {
    const newer = createMemoryStorage();
    const manifest = encodeManifest({ ...newManifest(0), format: STORAGE_FORMAT + 1 });
    await newer.commit({ expectEpoch: 0, puts: manifest, durability: 'journaled' });
    expect((await refusalOf(openTestEngine({ storage: newer }))).code).toBe('NEWER_FORMAT');
    expect(await newer.epoch()).toBe(0);

    const headless = createMemoryStorage();
    const row = { key: 'record/0000000000', value: encodeFrame({}) };
    await headless.commit({ expectEpoch: 0, puts: [row], durability: 'journaled' });
    expect((await refusalOf(openTestEngine({ storage: headless }))).code).toBe('STORAGE_CORRUPT');
    expect(await headless.epoch()).toBe(0);
  });

  it('counts broken records, serves the others, and never answers with the broken ones', async () => {
    const storage = createLastingStorage();
    const first = await openTestEngine({ storage });
    await first.addMany([{ content: 'a' }, { content: 'b' }, { content: 'c' }]);
    await first.close();
    const [row] = await storage.getRange(prefixRange(RECORDS));
    const bytes = row?.value ?? new Uint8Array(9);
    const broken = {
      key: row?.key ?? '',
      value: bytes.map((byte, i) => (i === bytes.length - 1 ? byte ^ 1 : byte)),
    };
    await storage.commit({ expectEpoch: await storage.epoch(), puts: [broken], durability: 'journaled' });
    const second = await openTestEngine({ storage });
    expect((await second.status()).damaged).toBe(1);
    expect(await second.health()).toMatchObject({
      state: 'lost',
      reasons: [{ code: 'records-lost', count: 1 }],
    });
    expect((await contentsOf(second)).map(({ content }) => content)).toEqual(['a', 'b']);
  });

  it('fences off the engine that was there before', async () => {
    const storage = createLastingStorage();
    const first = await openTestEngine({ storage });
    const second = await openTestEngine({ storage });
    expect((await refusalOf(first.add({ content: 'late' }))).code).toBe('STALE_EPOCH');
    await second.add({ content: 'kept' });
    expect((await contentsOf(second)).map(({ content }) => content)).toEqual(['kept']);
  });
});

describe('the fold', () => {
  it('runs when nobody writes, and empties the log', async () => {
    const storage = createLastingStorage();
    const environment = createTestEnvironment({ seed: 1_001, now: NOW });
    const engine = await openTestEngine({ storage, environment });
    await engine.addMany(Array.from({ length: 600 }, (_, i) => ({ content: `m${i}` })));
    expect(await countOf(storage)).toBeGreaterThan(0);
    await environment.advance(FOLD_IDLE_MS);
    await until(async () => (await countOf(storage)) === 0);
    expect((await engine.list({ limit: 1_000 })).memories).toHaveLength(600);
  });

  it('leaves nothing of a deleted memory in storage, its former texts included', async () => {
    const storage = createLastingStorage();
    const engine = await openTestEngine({ storage });
    const { ids } = await engine.addMany([{ content: 'the first secret' }, { content: 'harmless' }]);
    await engine.update(ids[0] ?? '', { content: 'the second secret' });
    await engine.close();
    expect(await allBytes(storage)).toContain('secret');
    const again = await openTestEngine({ storage });
    await again.delete(ids[0] ?? '');
    await again.close();
    expect(await allBytes(storage)).not.toContain('secret');
    expect(await allBytes(storage)).toContain('harmless');
  });

  it('makes expired memories invisible at once, and removes them', async () => {
    const storage = createLastingStorage();
    const environment = createTestEnvironment({ seed: 1_001, now: NOW });
    const engine = await openTestEngine({ storage, environment });
    const { id } = await engine.add({ content: 'a passing secret', expiresAt: NOW + 100 });
    await engine.add({ content: 'held', expiresAt: NOW + 100, legalHold: true });
    expect(await engine.get(id)).not.toBeNull();
    await environment.advance(100);
    expect(await engine.get(id)).toBeNull();
    expect((await engine.search('passing secret')).hits.map((hit) => hit.id)).not.toContain(id);
    expect((await engine.list()).total).toBe(1);
    await engine.close();
    expect(await allBytes(storage)).not.toContain('passing secret');
  });
});

describe('a full disk', () => {
  it('is opened for reading; the first write that finds room has the engine opened anew', async () => {
    const storage = createLastingStorage();
    const before = await openTestEngine({ storage });
    await before.add({ content: 'Ana lives in Lisbon' });
    let isFull = true;
    const full: Storage = {
      ...storage,
      commit: (commit) =>
        isFull ? Promise.reject(new LociError('QUOTA_EXCEEDED', 'the disk is full')) : storage.commit(commit),
    };
    const engine = await openTestEngine({ storage: full });
    expect((await engine.search('Lisbon')).hits).toHaveLength(1);
    expect(await engine.health()).toMatchObject({ state: 'degraded', reasons: [{ code: 'read-only' }] });
    expect((await refusalOf(engine.add({ content: 'b' }))).code).toBe('QUOTA_EXCEEDED');
    await before.add({ content: 'written by the owner before' });
    isFull = false;
    expect(await refusalOf(engine.add({ content: 'b' }))).toMatchObject({
      code: 'STALE_EPOCH',
      retryable: true,
    });
    const again = await openTestEngine({ storage: full });
    await again.add({ content: 'b' });
    expect((await again.list()).total).toBe(3);
  });
});

describe('an engine whose disk has become full', () => {
  it('closes without a complaint: what was acknowledged is there', async () => {
    const storage = createLastingStorage();
    let isFull = false;
    const full: Storage = {
      ...storage,
      commit: (commit) =>
        isFull ? Promise.reject(new LociError('QUOTA_EXCEEDED', 'the disk is full')) : storage.commit(commit),
    };
    const engine = await openTestEngine({ storage: full });
    const { id } = await engine.add({ content: 'Ana lives in Lisbon' });
    isFull = true;
    await engine.close();
    const again = await openTestEngine({ storage });
    expect((await again.get(id))?.content).toBe('Ana lives in Lisbon');
    await again.close();
  });
});

describe('a failing store', () => {
  it('never acknowledges a write that did not land, and changes nothing: for every operation that may fail', async () => {
    for (let failAt = 1; ; failAt++) {
      const inner = createMemoryStorage();
      const faulty = createFaultyStorage(createLastingStorage(inner), { failAt });
      const acknowledged: string[] = [];
      let refused = 0;
      try {
        const engine = await openTestEngine({ storage: faulty });
        for (let i = 0; i < 4; i++) {
          try {
            acknowledged.push((await engine.add({ content: `m${i}` })).id);
          } catch (error) {
            expect(error).toBeInstanceOf(LociError);
            refused += 1;
          }
        }
        await engine.close();
      } catch (error) {
        expect(error).toBeInstanceOf(LociError);
      }
      const reopened = await openTestEngine({ storage: createLastingStorage(inner) });
      const ids = (await reopened.list({ order: 'oldest' })).memories.map(({ id }) => id);
      expect(ids).toEqual(acknowledged);
      expect(acknowledged.length + refused).toBeLessThanOrEqual(4);
      if (faulty.failed() === 0) {
        expect(failAt).toBeGreaterThan(5);
        return;
      }
    }
  });

  it('finds out whether a write landed whose answer was lost, and makes one that did not once more', async () => {
    for (const when of ['before', 'after'] as const) {
      const inner = createMemoryStorage();
      const probe = createFaultyStorage(createLastingStorage(inner));
      const opened = await openTestEngine({ storage: probe });
      const operations = probe.operations();
      await opened.close();

      const unknown = new LociError('OUTCOME_UNKNOWN', 'the connection was lost');
      const fresh = createMemoryStorage();
      const faulty = createFaultyStorage(createLastingStorage(fresh), {
        failAt: operations + 1,
        when,
        failWith: () => unknown,
      });
      const engine = await openTestEngine({ storage: faulty });
      await engine.add({ content: 'a' });
      await engine.add({ content: 'b' });
      const reopened = await openTestEngine({ storage: createLastingStorage(fresh) });
      const contents = (await reopened.list({ order: 'oldest' })).memories.map(({ content }) => content);
      expect(contents).toEqual(['a', 'b']);
    }
  });

  it('is followed by nothing when what landed could not be taken into memory, and a repeated call is applied once', async () => {
    const storage = createLastingStorage();
    let isBroken = false;
    const createIndex = async (dimensions: number): Promise<VectorIndex> => {
      const index = createExactIndex(dimensions);
      const add = index.add.bind(index);
      index.add = (ordinal, vector) => {
        if (isBroken) throw new Error('out of memory');
        add(ordinal, vector);
      };
      return index;
    };
    const engine = await openTestEngine({ storage, createIndex });
    isBroken = true;
    expect((await refusalOf(engine.add({ content: 'a' }, { opId: 'one' }))).code).toBe('OUTCOME_UNKNOWN');
    isBroken = false;
    expect((await refusalOf(engine.add({ content: 'b' }))).code).toBe('OUTCOME_UNKNOWN');
    const again = await openTestEngine({ storage });
    await again.add({ content: 'a' }, { opId: 'one' });
    expect((await again.list()).memories.map(({ content }) => content)).toEqual(['a']);
  });

  it('that lost its rows is told of, and not passed over', async () => {
    const inner = createMemoryStorage();
    const storage = createLastingStorage(inner);
    const first = await openTestEngine({ storage });
    await first.add({ content: 'Ana lives in Lisbon' });
    await first.close();
    const engine = await openTestEngine({ storage });
    await inner.commit({
      expectEpoch: await inner.epoch(),
      deleteRanges: [prefixRange(CONTENTS)],
      durability: 'journaled',
    });
    expect((await engine.search('Lisbon')).hits).toEqual([]);
    expect((await engine.status()).damaged).toBe(1);
    expect((await engine.health()).state).toBe('lost');
  });

  it('is shown in status when it fails in the background', async () => {
    const storage = createLastingStorage();
    let isFull = false;
    const flaky: Storage = {
      ...storage,
      commit: (commit) =>
        isFull ? Promise.reject(new LociError('QUOTA_EXCEEDED', 'the disk is full')) : storage.commit(commit),
    };
    const environment = createTestEnvironment({ seed: 1_001, now: NOW });
    const engine = await openTestEngine({ storage: flaky, environment });
    await engine.add({ content: 'a' });
    isFull = true;
    await environment.advance(FOLD_IDLE_MS);
    await until(async () => (await engine.status()).backgroundError !== undefined);
    isFull = false;
    await engine.add({ content: 'b' });
    await environment.advance(FOLD_IDLE_MS);
    await until(async () => (await engine.status()).backgroundError === undefined);
  });
});

describe('any history of calls', () => {
  it('reads the same as a plain map does, before and after opening again', async () => {
    const step = fc.record({
      verb: fc.constantFrom('add', 'add', 'update', 'delete', 'reopen', 'fold', 'lose the manifest'),
      target: fc.nat(5),
      text: fc
        .string({ minLength: 1, maxLength: 8 })
        .filter((text) => text.trim() !== '' && /^[\w ]+$/.test(text)),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const storage = createLastingStorage();
        const environment = createTestEnvironment({ seed: 1_001, now: NOW });
        let engine = await openTestEngine({ storage, environment });
        const model = new Map<string, string>();
        for (const { verb, target, text } of steps) {
          const id = [...model.keys()][target];
          if (verb === 'add') model.set((await engine.add({ content: text })).id, text);
          else if (verb === 'lose the manifest') {
            // Where nothing is left there is nothing to make one from.
            const expectEpoch = await storage.epoch();
            if (model.size > 0)
              await storage.commit({ expectEpoch, deletes: MANIFEST_KEYS, durability: 'journaled' });
            engine = await openTestEngine({ storage, environment });
          } else if (verb === 'reopen') engine = await openTestEngine({ storage, environment });
          else if (verb === 'fold') await environment.advance(FOLD_IDLE_MS);
          else if (id !== undefined && verb === 'update') {
            await engine.update(id, { content: text });
            model.set(id, text);
          } else if (id !== undefined) {
            await engine.delete(id);
            model.delete(id);
          }
        }
        const { memories } = await engine.list({ order: 'oldest', limit: 1_000 });
        expect(memories.map(({ id, content }) => [id, content])).toEqual([...model]);
        expect((await engine.health()).state).not.toBe('lost');
        await engine.close();
      }),
      { numRuns: 100 },
    );
  });
});

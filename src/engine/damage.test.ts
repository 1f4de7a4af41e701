import { describe, expect, it } from 'vitest';
import { LociError } from '../errors.ts';
import {
  COMMIT_BYTES,
  GRAPH_PIECE_BYTES,
  LOAD_BYTES,
  TIDY_AFTER_MS,
  WORD_REBUILD_RETRY_MS,
} from '../limits.ts';
import { createMemoryStorage } from '../storage/memory.ts';
import { type KeyRange, prefixRange, type Storage } from '../storage/storage.ts';
import { createTestEnvironment } from '../testing/environment.ts';
import type { MemoryEngine } from '../types.ts';
import { createExactIndex } from '../vector/exact.ts';
import type { VectorIndex } from '../vector/vector-index.ts';
import { Block } from './blocks/block.ts';
import { CONTENTS, RECORDS, vectorsPrefix, WORDS } from './blocks/block-store.ts';
import { decodeManifest, encodeManifest, MANIFEST_KEYS, newManifest } from './blocks/manifest.ts';
import { createLastingStorage, NOW, openTestEngine, until } from './engine-test-util.ts';
import { ACCESS_ROWS, LOG_ROWS, OP_ROWS } from './layout.ts';

/** Takes rows away behind the engine's back. */
async function loseRows(storage: Storage, range: KeyRange): Promise<void> {
  const expectEpoch = await storage.epoch();
  await storage.commit({ expectEpoch, deleteRanges: [range], durability: 'journaled' });
}

const ALL = { from: '', to: '\uffff' };

/** Changes one bit in the last byte of a row. */
async function breakRow(storage: Storage, range: KeyRange): Promise<string> {
  const row = (await storage.getRange(range)).at(-1);
  if (row === undefined) throw new Error('there is no such row');
  const value = row.value.map((byte, i) => (i === row.value.length - 1 ? byte ^ 1 : byte));
  const expectEpoch = await storage.epoch();
  await storage.commit({ expectEpoch, puts: [{ key: row.key, value }], durability: 'journaled' });
  return row.key;
}

/** The keys of the rows whose bytes hold a text. */
async function keysWith(storage: Storage, text: string): Promise<readonly string[]> {
  const rows = await storage.getRange(ALL);
  return rows.filter(({ value }) => Buffer.from(value).includes(text)).map(({ key }) => key);
}

describe('word segments', () => {
  it('are read in ranges of bounded bytes', async () => {
    const storage = createLastingStorage();
    const pieceBytes = LOAD_BYTES / 4;
    const refs = Array.from({ length: 10 }, (_, id) => ({
      id,
      first: 0,
      last: 0,
      rows: 0,
      bytes: pieceBytes,
      sum: 0,
    }));
    const pieces = refs.map(({ id }) => ({
      key: `${WORDS}${String(id).padStart(10, '0')}`,
      value: new Uint8Array(pieceBytes),
    }));
    const manifest = encodeManifest({ ...newManifest(NOW), nextBlock: 10, series: { [WORDS]: refs } });
    await storage.commit({ expectEpoch: 0, puts: [...pieces, ...manifest], durability: 'journaled' });
    let most = 0;
    const note = <T extends readonly (Uint8Array | undefined)[]>(values: T): T => {
      most = Math.max(
        most,
        values.reduce((sum, value) => sum + (value?.length ?? 0), 0),
      );
      return values;
    };
    const watched: Storage = {
      ...storage,
      getMany: async (keys) => note(await storage.getMany(keys)),
      getRange: async (range, options) => {
        const rows = await storage.getRange(range, options);
        note(rows.map(({ value }) => value));
        return rows;
      },
    };
    const engine = await openTestEngine({ storage: watched });
    expect((await engine.health()).repaired).toBe(10);
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(LOAD_BYTES);
  });

  it('that are broken are made anew, later too where storage fails meanwhile', async () => {
    const storage = createLastingStorage();
    const first = await openTestEngine({ storage });
    await first.add({ content: 'Ana lives in Lisbon' });
    await first.close();
    await loseRows(storage, prefixRange(WORDS));
    let isFailing = true;
    const failing: Storage = {
      ...storage,
      getMany: (keys) =>
        isFailing && keys[0]?.startsWith(CONTENTS)
          ? Promise.reject(new LociError('STORAGE_FAILED', 'it cannot be read'))
          : storage.getMany(keys),
    };
    const environment = createTestEnvironment({ seed: 1_001, now: NOW });
    const engine = await openTestEngine({ storage: failing, environment });
    await until(async () => (await engine.health()).reasons.some(({ code }) => code === 'background-failed'));
    isFailing = false;
    await environment.advance(WORD_REBUILD_RETRY_MS);
    await until(async () => (await engine.health()).state === 'ok');
    expect((await engine.search('Lisbon')).hits[0]?.why.lexical).toBeDefined();
    await engine.close();
    const again = await openTestEngine({ storage });
    expect((await again.health()).repaired).toBe(0);
  });
});

describe('vectors whose block is gone', () => {
  it('are counted and made anew where the block is missing on opening', async () => {
    const storage = createLastingStorage();
    const first = await openTestEngine({ storage });
    const { ids } = await first.addMany([{ content: 'a' }, { content: 'b' }]);
    await first.close();
    await loseRows(storage, prefixRange(vectorsPrefix(0)));
    const engine = await openTestEngine({ storage });
    expect((await engine.health()).reasons).toMatchObject([{ code: 'vectors-lost', count: 2 }]);
    await until(async () => (await engine.get(ids[1] ?? '', { includeVector: true }))?.vector !== undefined);
    await engine.close();
    expect((await (await openTestEngine({ storage })).health()).state).toBe('ok');
  });

  it('are counted and made anew where the fold finds it missing, and after opening again', async () => {
    for (const isReopened of [false, true]) {
      const storage = createLastingStorage(createMemoryStorage());
      const first = await openTestEngine({ storage });
      const vector = Float32Array.of(0.6, 0.8);
      const { ids } = await first.addMany([
        { content: 'a' },
        { content: 'b' },
        { content: 'c', embedding: { modelId: 'theirs', space: 'their-space', vector } },
        { content: 'd', embedding: { modelId: 'theirs', space: 'their-space', vector } },
      ]);
      await first.close();
      const environment = createTestEnvironment({ seed: 1_002, now: NOW });
      const second = await openTestEngine({ storage, environment });
      await loseRows(storage, prefixRange('vector/'));
      await second.delete(ids[0] ?? '');
      await second.delete(ids[2] ?? '');
      if (isReopened) await second.close();
      else await environment.advance(1);
      const engine = isReopened ? await openTestEngine({ storage }) : second;
      const lostVectors = async () =>
        (await engine.health()).reasons.find(({ code }) => code === 'vectors-lost')?.count;
      await until(async () => (await lostVectors()) !== undefined);
      await until(
        async () => (await engine.get(ids[1] ?? '', { includeVector: true }))?.vector !== undefined,
      );
      const theirs = await engine.get(ids[3] ?? '', { includeVector: true });
      expect(theirs?.content).toBe('d');
      expect(theirs?.vector).toBeUndefined();
      await engine.close();
    }
  });
});

describe('flush', () => {
  it('writes access times too, and leaves them where only they have no room', async () => {
    const storage = createLastingStorage();
    const first = await openTestEngine({ storage });
    const { id } = await first.add({ content: 'a' });
    await first.get(id);
    expect(await first.flush()).toEqual({ durability: 'flushed' });
    const second = await openTestEngine({ storage });
    expect((await second.get(id))?.accessCount).toBe(1);

    const full: Storage = {
      ...storage,
      commit: (commit) =>
        commit.puts?.some(({ key }) => key.startsWith('access/'))
          ? Promise.reject(new LociError('QUOTA_EXCEEDED', 'the disk is full'))
          : storage.commit(commit),
    };
    const third = await openTestEngine({ storage: full });
    await third.get(id);
    expect(await third.flush()).toEqual({ durability: 'flushed' });
  });
});

describe('a graph', () => {
  const graphBytes = 5 * COMMIT_BYTES;
  const createIndex = async (dimensions: number): Promise<VectorIndex> => {
    const index = createExactIndex(dimensions);
    index.serializeGraph = () => new Uint8Array(graphBytes).fill(7);
    index.maintain = () => false;
    return index;
  };

  it('is stored in transactions of bounded bytes, and nothing is left of a try that was cut off', async () => {
    const storage = createLastingStorage();
    let commits = 0;
    let most = 0;
    let failFrom = Number.POSITIVE_INFINITY;
    const watched: Storage = {
      ...storage,
      commit: (commit) => {
        const sizes = (commit.puts ?? []).filter(({ key }) => key.startsWith('graph/'));
        most = Math.max(
          most,
          sizes.reduce((sum, { value }) => sum + value.length, 0),
        );
        if (sizes.length > 0) commits += 1;
        const isCut = commits >= failFrom;
        return isCut ? new Promise(() => undefined) : storage.commit(commit);
      },
    };
    const environment = createTestEnvironment({ seed: 1_003, now: NOW });
    const first = await openTestEngine({ storage: watched, environment, createIndex });
    await first.add({ content: 'a' });
    failFrom = 3;
    await environment.advance(5_000);
    expect(commits).toBe(3);
    expect(await storage.getKeys(prefixRange('graph/'))).not.toEqual([]);

    failFrom = Number.POSITIVE_INFINITY;
    const later = createTestEnvironment({ seed: 1_004, now: NOW });
    const second = await openTestEngine({ storage: watched, environment: later });
    await later.advance(TIDY_AFTER_MS);
    expect(await storage.getKeys(prefixRange('graph/'))).toEqual([]);
    await second.close();

    const last = createTestEnvironment({ seed: 1_005, now: NOW });
    const third = await openTestEngine({ storage: watched, environment: last, createIndex });
    await third.add({ content: 'b' });
    await third.add({ content: 'c' });
    await last.advance(TIDY_AFTER_MS + 5_000);
    expect((await third.stats()).bytesByKind.graph).toBe(graphBytes);
    expect(await storage.getKeys(prefixRange('graph/'))).toHaveLength(graphBytes / GRAPH_PIECE_BYTES);
    expect(most).toBeLessThanOrEqual(COMMIT_BYTES);
  });

  it('whose storing fails leaves nothing behind', async () => {
    const storage = createLastingStorage();
    let commits = 0;
    const failing: Storage = {
      ...storage,
      commit: (commit) => {
        const isOfGraph = commit.puts?.some(({ key }) => key.startsWith('graph/')) === true;
        if (isOfGraph) commits += 1;
        return isOfGraph && commits === 3
          ? Promise.reject(new LociError('QUOTA_EXCEEDED', 'the disk is full'))
          : storage.commit(commit);
      },
    };
    const environment = createTestEnvironment({ seed: 1_003, now: NOW });
    const engine = await openTestEngine({ storage: failing, environment, createIndex });
    await engine.add({ content: 'a' });
    await environment.advance(1_500);
    expect(commits).toBe(3);
    expect(await storage.getKeys(prefixRange('graph/'))).toEqual([]);
    await engine.close();
    expect((await storage.getKeys(prefixRange('graph/'))).length).toBe(graphBytes / GRAPH_PIECE_BYTES);
  });
});

describe('some time after opening', () => {
  it('blocks that no manifest names are taken away, and none that the manifest or its copy names', async () => {
    const storage = createLastingStorage();
    const first = await openTestEngine({ storage });
    await first.add({ content: 'Ana lives in Lisbon' });
    await first.close();
    const before = await storage.getKeys(ALL);
    const [manifest = new Uint8Array()] = await storage.getMany(['manifest']);
    const stray = ['record/0000009001', 'content/0000009002', 'vector/0/0000009003', 'words/0000009004'];
    const spared = 'graph/0/0000009005';
    const ref = { id: 9_005, first: 0, last: 0, rows: 0, bytes: 1, sum: 0 };
    const copy = {
      ...decodeManifest(manifest),
      series: { ...decodeManifest(manifest).series, 'graph/0/': [ref] },
    };
    const puts = [...stray, spared].map((key) => ({ key, value: new Uint8Array([1]) }));
    const named = encodeManifest(copy).filter(({ key }) => key === 'manifest/copy');
    await storage.commit({
      expectEpoch: await storage.epoch(),
      puts: [...puts, ...named],
      durability: 'journaled',
    });
    const environment = createTestEnvironment({ seed: 1_006, now: NOW });
    const engine = await openTestEngine({ storage, environment });
    expect(await storage.getKeys(ALL)).toEqual(expect.arrayContaining(stray));
    await environment.advance(TIDY_AFTER_MS);
    expect(await storage.getKeys(ALL)).toEqual([...before, spared].sort());
    expect((await engine.search('Lisbon')).hits).toHaveLength(1);
    await engine.close();
  });

  it('a manifest that is broken is written again from its copy, and nothing is taken away before', async () => {
    const storage = createLastingStorage();
    const first = await openTestEngine({ storage });
    await first.add({ content: 'a' });
    await first.close();
    await breakRow(storage, { from: 'manifest', to: 'manifest/' });
    const environment = createTestEnvironment({ seed: 1_007, now: NOW });
    const engine = await openTestEngine({ storage, environment });
    expect((await engine.health()).repaired).toBe(1);
    await environment.advance(TIDY_AFTER_MS);
    const again = await openTestEngine({ storage });
    expect((await again.health()).repaired).toBe(0);
  });

  it('nothing is written on a full disk, whose epoch could not be taken', async () => {
    const storage = createLastingStorage();
    await (await openTestEngine({ storage })).add({ content: 'a' });
    const expectEpoch = await storage.epoch();
    const stray = { key: 'content/0000009002', value: new Uint8Array([1]) };
    await storage.commit({ expectEpoch, puts: [stray], durability: 'journaled' });
    let isFull = true;
    const full: Storage = {
      ...storage,
      commit: (commit) =>
        isFull ? Promise.reject(new LociError('QUOTA_EXCEEDED', 'the disk is full')) : storage.commit(commit),
    };
    const environment = createTestEnvironment({ seed: 1_008, now: NOW });
    await openTestEngine({ storage: full, environment });
    isFull = false;
    await environment.advance(TIDY_AFTER_MS);
    expect(await storage.getKeys(prefixRange('content/'))).toContain(stray.key);
  });

  it('broken rows of the log are gone with their texts, and stay counted', async () => {
    for (const isLast of [true, false]) {
      const storage = createLastingStorage();
      const first = await openTestEngine({ storage });
      await first.add({ content: 'kept' });
      await first.add({ content: 'the quokka' });
      await breakRow(storage, LOG_ROWS);
      const environment = createTestEnvironment({ seed: 1_009, now: NOW });
      const second = await openTestEngine({ storage, environment });
      if (!isLast) await second.add({ content: 'written afterwards' });
      expect(await keysWith(storage, 'quokka')).not.toEqual([]);
      await environment.advance(TIDY_AFTER_MS);
      expect(await keysWith(storage, 'quokka')).toEqual([]);
      await second.add({ content: 'and later' });
      const lost = { state: 'lost', reasons: [{ code: 'operations-lost', count: 1 }] };
      for (let round = 0; round < 3; round++) {
        const again = await openTestEngine({ storage });
        expect(await again.health()).toMatchObject(lost);
        expect((await again.list()).total).toBe(isLast ? 2 : 3);
        await again.close();
      }
    }
  });

  it('operations that are missing from the log stay counted once they are folded', async () => {
    const storage = createLastingStorage();
    const first = await openTestEngine({ storage });
    for (const content of ['a', 'b', 'c']) await first.add({ content });
    const [, key = ''] = await storage.getKeys(LOG_ROWS);
    await loseRows(storage, { from: key, to: `${key}\u0000` });
    for (let round = 0; round < 3; round++) {
      const again = await openTestEngine({ storage });
      expect((await again.health()).reasons).toMatchObject([{ code: 'operations-lost', count: 1 }]);
      await again.close();
    }
  });

  it('nothing is left of a memory whose record is broken: content, words, vector, former texts', async () => {
    const storage = createLastingStorage();
    const first = await openTestEngine({ storage });
    await first.add({ content: 'harmless', tags: ['numbat'] });
    const { id } = await first.add({ content: 'the quokka', speaker: 'bilby', tags: ['wombat'] });
    await first.update(id, { content: 'the quokka and the dingo' });
    await first.close();
    expect(await keysWith(storage, 'quokka')).not.toEqual([]);
    await breakRow(storage, prefixRange(RECORDS));
    const environment = createTestEnvironment({ seed: 1_010, now: NOW });
    const engine = await openTestEngine({ storage, environment });
    await environment.advance(TIDY_AFTER_MS);
    for (const text of ['quokka', 'dingo', 'wombat', 'bilby'])
      expect(await keysWith(storage, text)).toEqual([]);
    expect(await keysWith(storage, 'harmless')).not.toEqual([]);
    const vectors = await storage.getRange(prefixRange(vectorsPrefix(0)));
    expect(vectors.map(({ value }) => new Block(value).count)).toEqual([1]);
    await engine.close();
    for (let round = 0; round < 2; round++) {
      const again = await openTestEngine({ storage });
      expect((await again.health()).reasons).toMatchObject([{ code: 'records-lost', count: 1 }]);
      expect((await again.list()).total).toBe(1);
      await again.close();
    }
  });

  it('broken answers and access times are gone, after they were told of', async () => {
    const storage = createLastingStorage();
    const first = await openTestEngine({ storage });
    const { id } = await first.add({ content: 'a' }, { opId: 'quokka' });
    await first.get(id);
    await first.close();
    const broken = [await breakRow(storage, OP_ROWS), await breakRow(storage, ACCESS_ROWS)];
    const environment = createTestEnvironment({ seed: 1_011, now: NOW });
    const engine = await openTestEngine({ storage, environment });
    expect((await engine.health()).reasons).toMatchObject([{ code: 'rows-damaged', count: 2 }]);
    await environment.advance(TIDY_AFTER_MS);
    for (const key of broken) expect(await storage.get(key)).toBeUndefined();
    await engine.close();
    expect((await (await openTestEngine({ storage })).health()).state).toBe('ok');
  });
});

describe('a copy of the manifest', () => {
  for (const place of [0, 1])
    for (const how of ['missing', 'broken'] as const)
      it(`that is ${how} (the ${place === 0 ? 'first' : 'second'}) is written again on opening, and counted once`, async () => {
        const storage = createLastingStorage();
        const first = await openTestEngine({ storage });
        await first.add({ content: 'a' });
        await first.close();
        const key = MANIFEST_KEYS[place] ?? '';
        const range = { from: key, to: `${key}\u0000` };
        const whole = await storage.get(key);
        if (how === 'missing') await loseRows(storage, range);
        else await breakRow(storage, range);
        const second = await openTestEngine({ storage });
        expect(await second.health()).toMatchObject({ state: 'ok', repaired: 1 });
        await second.close();
        expect(await storage.get(key)).toEqual(whole);
        const third = await openTestEngine({ storage });
        expect(await third.health()).toMatchObject({ state: 'ok', repaired: 0 });
        expect((await third.list()).total).toBe(1);
      });

  it('that cannot be written again keeps nothing from being opened', async () => {
    const inner = createLastingStorage();
    const first = await openTestEngine({ storage: inner });
    await first.add({ content: 'a' });
    await first.close();
    await loseRows(inner, { from: MANIFEST_KEYS[0], to: `${MANIFEST_KEYS[0]}\u0000` });
    const storage: Storage = {
      ...inner,
      commit: (commit) =>
        commit.nextEpoch === undefined
          ? Promise.reject(new LociError('QUOTA_EXCEEDED', 'the disk is full'))
          : inner.commit(commit),
    };
    expect((await (await openTestEngine({ storage })).list()).total).toBe(1);
  });
});

describe('a vector that is found broken when it is read', () => {
  const given = { modelId: 'host', space: 's', vector: Float32Array.of(0.6, 0.8) };
  const read = {
    get: (engine: MemoryEngine, id: string) => engine.get(id, { includeVector: true }),
    list: (engine: MemoryEngine) => engine.list({ includeVector: true }),
    search: (engine: MemoryEngine) => engine.search('ships', { includeVector: true }),
  };

  for (const [verb, act] of Object.entries(read))
    it(`by ${verb} is counted once, whoever made it; the memory is served`, async () => {
      const storage = createLastingStorage();
      const first = await openTestEngine({ storage });
      const { id } = await first.add({ content: 'ships', embedding: given });
      await first.close();
      const engine = await openTestEngine({ storage });
      await breakRow(storage, prefixRange('vector/'));
      expect((await engine.health()).state).toBe('ok');
      for (let round = 0; round < 2; round++) await act(engine, id);
      expect((await engine.health()).reasons).toMatchObject([{ code: 'vectors-lost', count: 1 }]);
      expect((await engine.get(id))?.content).toBe('ships');
      await engine.close();
      const again = await openTestEngine({ storage });
      await act(again, id);
      expect((await again.health()).reasons).toMatchObject([{ code: 'vectors-lost', count: 1 }]);
    });

  it('is made anew where the engine made it', async () => {
    const storage = createLastingStorage();
    const first = await openTestEngine({ storage });
    const { id } = await first.add({ content: 'ships' });
    await first.close();
    const engine = await openTestEngine({ storage });
    await breakRow(storage, prefixRange('vector/'));
    await engine.get(id, { includeVector: true });
    await until(async () => (await engine.get(id, { includeVector: true }))?.vector !== undefined);
    await engine.close();
    const again = await openTestEngine({ storage });
    expect((await again.get(id, { includeVector: true }))?.vector?.length).toBe(384);
    expect((await again.health()).state).toBe('ok');
  });

  it('and was moved by another owner has the engine opened anew', async () => {
    const storage = createLastingStorage();
    const first = await openTestEngine({ storage });
    const { ids } = await first.addMany([
      { content: 'a', embedding: given },
      { content: 'b', embedding: given },
    ]);
    await first.close();
    const old = await openTestEngine({ storage });
    await old.list(); // contents are in memory now
    const next = await openTestEngine({ storage });
    await next.update(ids[0] ?? '', { content: 'a changed' });
    await next.close();
    await expect(old.list({ includeVector: true })).rejects.toMatchObject({ code: 'STALE_EPOCH' });
  });
});

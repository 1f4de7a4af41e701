import { describe, expect, it } from 'vitest';
import { LociError } from '../errors.ts';
import { LOAD_BYTES, WORD_REBUILD_RETRY_MS } from '../limits.ts';
import { createMemoryStorage } from '../storage/memory.ts';
import { type KeyRange, prefixRange, type Storage } from '../storage/storage.ts';
import { createTestEnvironment } from '../testing/environment.ts';
import { CONTENTS, vectorsPrefix, WORDS } from './blocks/block-store.ts';
import { encodeManifest, newManifest } from './blocks/manifest.ts';
import { createLastingStorage, NOW, openTestEngine, until } from './engine-test-util.ts';

/** Takes rows away behind the engine's back. */
async function loseRows(storage: Storage, range: KeyRange): Promise<void> {
  const expectEpoch = await storage.epoch();
  await storage.commit({ expectEpoch, deleteRanges: [range], durability: 'journaled' });
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

/** Spaces that are emptied and used again with vectors of another length, as by a user who changes his model. */

import { describe, expect, it } from 'vitest';
import { FOLD_IDLE_MS } from '../limits.ts';
import { prefixRange, type Storage } from '../storage/storage.ts';
import { createTestEnvironment } from '../testing/environment.ts';
import { dot } from '../vector/vectors.ts';
import { BLOCK_PREFIXES } from './blocks/block-store.ts';
import { decodeManifest, type Manifest } from './blocks/manifest.ts';
import { createLastingStorage, NOW, openTestEngine, until } from './engine-test-util.ts';
import { LOG_ROWS } from './layout.ts';

/** The unit vector along one axis. */
function axis(dimensions: number, number: number): Float32Array {
  return Float32Array.from({ length: dimensions }, (_, i) => (i === number ? 1 : 0));
}

const given = (dimensions: number, number = 0) => ({
  embedding: { modelId: 'host', space: 's', vector: axis(dimensions, number) },
});

async function manifestOf(storage: Storage): Promise<Manifest> {
  return decodeManifest((await storage.get('manifest')) ?? new Uint8Array());
}

/** Everything is read as it was written: the one memory with its vector of 128 dimensions, by id and by search. */
async function expectNew(storage: Storage, id: string): Promise<void> {
  const engine = await openTestEngine({ storage });
  const memory = await engine.get(id, { includeVector: true });
  expect(memory?.vector?.length).toBe(128);
  expect(dot(memory?.vector ?? new Float32Array(128), axis(128, 100))).toBeGreaterThan(0.999);
  const { hits } = await engine.search('', { embedding: { space: 's', vector: axis(128, 100) } });
  expect(hits.map((hit) => hit.id)).toEqual([id]);
  expect((await engine.health()).reasons).toEqual([]);
  await engine.close();
}

describe('a space that is emptied and used again with another length', () => {
  it('keeps the new vectors, also after it was folded and opened again', async () => {
    const storage = createLastingStorage();
    const engine = await openTestEngine({ storage });
    await engine.addMany([
      { content: 'a', ...given(8) },
      { content: 'b', ...given(8, 1) },
    ]);
    await engine.close();
    const second = await openTestEngine({ storage });
    await second.deleteAll({ everything: true });
    await second.close();
    const third = await openTestEngine({ storage });
    const { id } = await third.add({ content: 'new', ...given(128, 100) });
    await third.close();
    await expectNew(storage, id);
  });

  it('keeps them where all of it is folded at once', async () => {
    const storage = createLastingStorage();
    const environment = createTestEnvironment({ seed: 11, now: NOW });
    const engine = await openTestEngine({ storage, environment });
    const { id: old } = await engine.add({ content: 'a', ...given(8) });
    await environment.advance(FOLD_IDLE_MS);
    await until(async () => (await storage.getKeys(LOG_ROWS)).length === 0);
    await engine.delete(old);
    const { id } = await engine.add({ content: 'new', ...given(128, 100) });
    await engine.close();
    await expectNew(storage, id);
    const { spaces, series } = await manifestOf(storage);
    expect(spaces).toEqual([expect.objectContaining({ space: 's', dimensions: 128 })]);
    const named = Object.values(series).flat().length;
    const keys = await Promise.all(BLOCK_PREFIXES.map((prefix) => storage.getKeys(prefixRange(prefix))));
    expect(keys.flat()).toHaveLength(named);
  });

  it('is gone from the manifest when its last vector is, and its number is not given again', async () => {
    const storage = createLastingStorage();
    const engine = await openTestEngine({ storage });
    await engine.add({ content: 'a', ...given(8) });
    await engine.close();
    const [before] = (await manifestOf(storage)).spaces;
    const second = await openTestEngine({ storage });
    await second.deleteAll({ everything: true });
    await second.close();
    expect((await manifestOf(storage)).spaces).toEqual([]);
    const third = await openTestEngine({ storage });
    const { id } = await third.add({ content: 'new', ...given(128, 100) });
    await third.close();
    const [after] = (await manifestOf(storage)).spaces;
    expect(after?.number).toBeGreaterThan(before?.number ?? 0);
    await expectNew(storage, id);
  });

  it('can be opened from a log that has its end and its new beginning', async () => {
    const storage = createLastingStorage();
    const environment = createTestEnvironment({ seed: 12, now: NOW });
    let held: Promise<void> | undefined;
    const slow: Storage = {
      ...storage,
      commit: async (commit) => {
        if ((commit.deletes ?? []).some((key) => key.startsWith('log/'))) await held;
        return storage.commit(commit);
      },
    };
    const engine = await openTestEngine({ storage: slow, environment });
    const { id: old } = await engine.add({ content: 'a', ...given(8) });
    let release: () => void = () => undefined;
    held = new Promise((resolve) => {
      release = resolve;
    });
    await environment.advance(FOLD_IDLE_MS); // the fold waits in its commit
    const deleting = engine.delete(old); // and this waits for the fold
    release();
    held = undefined;
    await deleting;
    const { id } = await engine.add({ content: 'new', ...given(128, 100) });
    // Never closed, as if it were killed.
    expect((await storage.getKeys(LOG_ROWS)).length).toBeGreaterThan(0);
    await expectNew(storage, id);
  });

  it('refuses vectors of two lengths in one call', async () => {
    const engine = await openTestEngine();
    const memories = [
      { content: 'a', ...given(8) },
      { content: 'b', ...given(16) },
    ];
    await expect(engine.addMany(memories)).rejects.toMatchObject({ code: 'INVALID_VECTOR' });
    expect((await engine.list()).total).toBe(0);
    await engine.add({ content: 'b', ...given(16) });
    await expect(engine.add({ content: 'a', ...given(8) })).rejects.toMatchObject({ code: 'INVALID_VECTOR' });
  });
});

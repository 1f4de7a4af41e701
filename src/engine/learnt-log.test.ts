import { describe, expect, it } from 'vitest';
import { LEARNT_PAGE } from '../retrieval/association/index.ts';
import { decodeFrame, encodeFrame } from '../storage/codec.ts';
import type { Storage } from '../storage/storage.ts';
import { createLastingStorage, NOW, openTestEngine } from './engine-test-util.ts';
import { LEARNT_ROWS, learntKey } from './layout.ts';
import { LearntLog } from './learnt-log.ts';

/** Pairs of ordinals on the stored pages. */
async function storedPairs(storage: Storage): Promise<readonly (readonly number[])[]> {
  const rows = await storage.getRange(LEARNT_ROWS);
  return rows.flatMap(({ value }) => {
    const ends = new Uint32Array(decodeFrame(value).blobs[0]?.buffer ?? new ArrayBuffer(0));
    return Array.from({ length: ends.length / 2 }, (_, i) => [...ends.subarray(2 * i, 2 * i + 2)]);
  });
}

function rowOf(ends: readonly number[], strengths: readonly number[], times: readonly number[]) {
  const columns = [Uint32Array.from(ends), Float32Array.from(strengths), Float64Array.from(times)];
  const value = encodeFrame(
    {},
    columns.map(({ buffer }) => new Uint8Array(buffer)),
  );
  return { key: learntKey(0), value };
}

describe('what use has taught', () => {
  it('is kept over a reopening, and a search alone teaches less than a use', async () => {
    const storage = createLastingStorage();
    const first = await openTestEngine({ storage });
    await first.addMany(['the red boat', 'the red car', 'a green tree'].map((content) => ({ content })));
    const { hits } = await first.search('red boat car');
    await first.get(hits[1]?.id ?? '');
    await first.close();
    expect(await storedPairs(storage)).toEqual([[0, 1]]);
    const [row] = await storage.getRange(LEARNT_ROWS);
    const log = new LearntLog();
    if (row !== undefined) log.load(row);
    expect(log.edges.strength(0, 1, NOW)).toBeGreaterThan(0.2);
    expect(log.takeDirty()).toEqual({ puts: [], deletes: [] });
  });

  it('goes with a memory that is deleted, from storage as well', async () => {
    const storage = createLastingStorage();
    const engine = await openTestEngine({ storage });
    const { ids } = await engine.addMany(
      ['red boat one', 'red boat two', 'red boat three'].map((content) => ({ content })),
    );
    await engine.search('red boat');
    await engine.flush();
    expect(await storedPairs(storage)).toHaveLength(3);
    await engine.delete(ids[1] ?? '');
    await engine.close();
    expect(await storedPairs(storage)).toEqual([[0, 2]]);
    const second = await openTestEngine({ storage });
    await second.deleteAll({ everything: true });
    await second.close();
    expect(await storage.getKeys(LEARNT_ROWS)).toEqual([]);
  });

  it('goes on opening where its memory is gone from a store that kept its page', async () => {
    const storage = createLastingStorage();
    const engine = await openTestEngine({ storage });
    await engine.addMany(['red boat one', 'red boat two'].map((content) => ({ content })));
    await engine.search('red boat');
    await engine.flush();
    const pages = await storage.getRange(LEARNT_ROWS);
    expect(pages).toHaveLength(1);
    await engine.deleteAll({ everything: true });
    await engine.close();
    await storage.commit({ expectEpoch: await storage.epoch(), puts: pages, durability: 'journaled' });
    await (await openTestEngine({ storage })).close();
    expect(await storage.getKeys(LEARNT_ROWS)).toEqual([]);
  });

  it('is written again where its commit failed', () => {
    const log = new LearntLog();
    log.edges.strengthen(1, 2, 0.5, NOW);
    const changes = log.takeDirty();
    expect(changes.puts).toHaveLength(1);
    log.restoreDirty({ puts: changes.puts, deletes: ['access/0000000007'] });
    expect(log.takeDirty()).toEqual(changes);
  });

  it('takes in no edge that cannot be, and writes its page again without it', () => {
    const log = new LearntLog();
    const other = 3 * LEARNT_PAGE;
    const ends = [1, 2, 5, 5, 7, 6, 1, 3, 1, 4, other, other + 1];
    log.load(rowOf(ends, [0.5, 0.5, 0.5, Number.NaN, 2, 0.5], [NOW, NOW, NOW, NOW, NOW, NOW]));
    expect(log.edges.size).toBe(1);
    const [put] = log.takeDirty().puts;
    const [kept = new Uint8Array()] = decodeFrame(put?.value ?? new Uint8Array()).blobs;
    expect([...new Uint32Array(kept.buffer)]).toEqual([1, 2]);
  });
});

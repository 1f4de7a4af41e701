import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeVectorContract } from '../testing/vector-contract.ts';
import { bruteForce, clusteredVectors, measureRecall } from '../testing/vector-data.ts';
import { Bitset } from './bitset.ts';
import { createExactIndex } from './exact.ts';
import { createHnswlibIndex } from './hnswlib.ts';
import type { VectorIndex } from './vector-index.ts';

describeVectorContract('hnswlib-wasm', createHnswlibIndex, { exact: false, serializes: false });
describeVectorContract('the exact index', async (dimensions) => createExactIndex(dimensions), {
  exact: true,
  serializes: true,
});

it('leaves no database of its own behind', async () => {
  const index = await createHnswlibIndex(2);
  index.add(0, Float32Array.of(1, 0));
  index.close();
  // The package's loader would open one after the first 100 ms.
  await new Promise((resolve) => setTimeout(resolve, 500));
  const names = (await indexedDB.databases()).map(({ name }) => name ?? '');
  expect(names.filter((name) => name.includes('hnswlib'))).toEqual([]);
});

describe('a filter with too many members to compare each', () => {
  const rows = clusteredVectors({ count: 22_000, dimensions: 32, seed: 21 });
  const membersOf = (isMember: (row: Float32Array, ordinal: number) => boolean) =>
    Bitset.of(rows.flatMap((row, ordinal) => (isMember(row, ordinal) ? [ordinal] : [])));
  let index: VectorIndex;
  beforeAll(async () => {
    index = await createHnswlibIndex(32);
    rows.forEach((row, ordinal) => {
      index.add(ordinal, row);
    });
  });
  afterAll(() => index.close());

  it('finds nearly all of the nearest members', () => {
    expect(measureRecall(index, rows, { queries: 50 })).toBeGreaterThanOrEqual(0.95);
    for (const filter of [membersOf((_, i) => i % 2 === 0), membersOf((_, i) => i % 4 !== 0)])
      expect(measureRecall(index, rows, { filter, queries: 50 })).toBeGreaterThanOrEqual(0.995);
  });

  it('finds the members though all that is near the query is none', () => {
    const filter = membersOf((row) => (row[0] ?? 0) < 0.5);
    const query = new Float32Array(32).fill(0.1);
    query[0] = 10;
    expect(index.search(query, 10).filter(({ ordinal }) => filter.has(ordinal))).toEqual([]);
    const found = index.search(query, 10, { filter }).map(({ ordinal }) => ordinal);
    expect(found).toEqual(bruteForce(rows.entries(), query, 10, filter).map(({ ordinal }) => ordinal));
  });
});

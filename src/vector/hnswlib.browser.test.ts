import { expect, it } from 'vitest';
import { describeVectorContract } from '../testing/vector-contract.ts';
import { clusteredVectors, measureRecall } from '../testing/vector-data.ts';
import { Bitset } from './bitset.ts';
import { createExactIndex } from './exact.ts';
import { createHnswlibIndex } from './hnswlib.ts';

describeVectorContract('hnswlib-wasm', createHnswlibIndex, { exact: false });
describeVectorContract('the exact index', async (dimensions) => createExactIndex(dimensions), {
  exact: true,
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

it('finds nearly all under a filter at 384 dimensions', async () => {
  const rows = clusteredVectors({ count: 4_000, dimensions: 384, seed: 21 });
  const index = await createHnswlibIndex(384);
  rows.forEach((row, ordinal) => {
    index.add(ordinal, row);
  });
  const everyOther = Bitset.of(rows.flatMap((_, ordinal) => (ordinal % 2 === 0 ? [ordinal] : [])));
  const everyFourth = Bitset.of(rows.flatMap((_, ordinal) => (ordinal % 4 === 0 ? [ordinal] : [])));
  expect(measureRecall(index, rows)).toBeGreaterThanOrEqual(0.95);
  for (const filter of [everyOther, everyFourth])
    expect(measureRecall(index, rows, { filter })).toBeGreaterThanOrEqual(0.995);
  index.close();
});

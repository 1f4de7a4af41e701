import { expect, it } from 'vitest';
import kernel from '../kernel/build/kernel.wasm';
import { describeVectorContract } from '../testing/vector-contract.ts';
import { clusteredVectors, measureRecall } from '../testing/vector-data.ts';
import { createKernelIndex } from './kernel-index.ts';

describeVectorContract(
  'the kernel in workerd, imported as a module',
  (dimensions) => createKernelIndex(dimensions, { module: kernel }),
  { exact: false, serializes: true, tolerance: 5e-4 },
);

it('builds its graph in slices though the clock of workerd stands still', async () => {
  const rows = clusteredVectors({ count: 1_500, dimensions: 32, seed: 41 });
  const index = await createKernelIndex(32, { module: kernel, graphFromRows: 0 });
  rows.forEach((row, ordinal) => {
    index.add(ordinal, row);
  });
  let slices = 0;
  while (index.maintain(4)) slices++;
  expect(slices).toBeGreaterThan(5);
  expect(index.pending).toBe(0);
  expect(measureRecall(index, rows, { ef: 128, queries: 40 })).toBeGreaterThanOrEqual(0.97);
});

/** What the kernel does with seeded rows: run in Node and in browsers, whose answers and bytes must be the same. */

import { clusteredVectors, measureRecall } from '../../src/testing/vector-data.ts';
import { chooseBuild } from '../../src/vector/kernel.ts';
import { createKernelIndex } from '../../src/vector/kernel-index.ts';

export interface KernelCheck {
  readonly build: string;
  readonly plan: string | undefined;
  readonly recall: number;
  /** SHA-256 of the serialised rows and graph. */
  readonly digest: string;
}

export async function checkKernel(): Promise<KernelCheck> {
  const rows = clusteredVectors({ count: 3_000, dimensions: 96, seed: 61 });
  const index = await createKernelIndex(96, { graphFromRows: 0 });
  rows.forEach((row, ordinal) => {
    // Browsers differ in the last bits of cosines and logarithms: whole numbers are the same everywhere.
    index.add(
      ordinal,
      row.map((value) => Math.round(value * 1_000)),
    );
  });
  while (index.maintain(1_000));
  const recall = measureRecall(index, rows, { ef: 128, queries: 50 });
  const plan = index.lastEffort?.plan;
  for (let gone = 0; gone < 300; gone += 3) index.remove(gone);
  const digest = await crypto.subtle.digest('SHA-256', index.serialize().slice());
  return {
    build: chooseBuild(),
    plan,
    recall,
    digest: Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join(''),
  };
}

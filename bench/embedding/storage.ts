/** What a vector costs by its dimensions: in the index, and in storage. */

import { createRandom } from '../../src/testing/environment.ts';
import { createKernelIndex } from '../../src/vector/kernel-index.ts';
import { packedBytes } from '../../src/vector/packed-vector.ts';

export interface BytesPerVector {
  /** Of the index's memory, its graph built. */
  readonly index: number;
  /** Of a row in storage. */
  readonly stored: number;
}

const ROWS = 10_000;
const SLICE_MS = 50;
const measured = new Map<number, BytesPerVector>();

/** Measured once for each number of dimensions, on seeded vectors: what they are makes no difference. */
export async function bytesPerVector(dimensions: number): Promise<BytesPerVector> {
  const known = measured.get(dimensions);
  if (known !== undefined) return known;
  const random = createRandom(1);
  const index = await createKernelIndex(dimensions, { graphFromRows: 0 });
  for (let row = 0; row < ROWS; row++)
    index.add(
      row,
      Float32Array.from({ length: dimensions }, () => random() - 0.5),
    );
  while (index.maintain(SLICE_MS));
  const bytes = { index: index.memoryBytes / ROWS, stored: packedBytes(dimensions) };
  index.close();
  measured.set(dimensions, bytes);
  return bytes;
}

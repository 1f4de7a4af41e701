/** Vectors for tests of indexes: seeded clusters, and the nearest rows by comparing all. */

import type { Bitset } from '../vector/bitset.ts';
import type { Neighbour, VectorIndex } from '../vector/vector-index.ts';
import { createRandom } from './environment.ts';

export interface ClusteredOptions {
  readonly count: number;
  readonly dimensions: number;
  readonly seed: number;
}

/** Rows a cluster. */
const CLUSTER_SIZE = 40;
/** Spread of a row around its cluster's middle, per dimension, where middles spread by 1. */
const SPREAD = 0.4;

/** Vectors in clusters, as the vectors of texts are. */
export function clusteredVectors({ count, dimensions, seed }: ClusteredOptions): readonly Float32Array[] {
  const random = createRandom(seed);
  const clusters = Math.ceil(count / CLUSTER_SIZE);
  const middles = Array.from({ length: clusters }, () => gaussians(random, dimensions));
  return Array.from({ length: count }, () => {
    const middle = middles[Math.floor(random() * clusters)] ?? new Float32Array(dimensions);
    return gaussians(random, dimensions).map((value, i) => (middle[i] ?? 0) + SPREAD * value);
  });
}

/** The `k` rows of largest cosine, by the plainest way there is. */
export function bruteForce(
  rows: Iterable<readonly [ordinal: number, vector: Float32Array]>,
  query: Float32Array,
  k: number,
  filter?: Bitset,
): readonly Neighbour[] {
  return [...rows]
    .filter(([ordinal]) => filter === undefined || filter.has(ordinal))
    .map(([ordinal, vector]) => ({ ordinal, score: cosine(query, vector) }))
    .sort((a, b) => b.score - a.score || a.ordinal - b.ordinal)
    .slice(0, k);
}

/** Cosine of two vectors of any length but zero. */
export function cosine(a: Float32Array, b: Float32Array): number {
  let [product, aa, bb] = [0, 0, 0];
  a.forEach((value, i) => {
    const other = b[i] ?? 0;
    product += value * other;
    aa += value * value;
    bb += other * other;
  });
  return product / Math.sqrt(aa * bb);
}

export interface RecallOptions {
  readonly filter?: Bitset | undefined;
  /** Default 10. */
  readonly k?: number | undefined;
  /** Default 100. */
  readonly queries?: number | undefined;
  readonly ef?: number | undefined;
}

/** Share of the nearest rows that the index finds, for queries near rows; row i must have ordinal i. */
export function measureRecall(
  index: VectorIndex,
  rows: readonly Float32Array[],
  { filter, k = 10, queries = 100, ef }: RecallOptions = {},
): number {
  const random = createRandom(99);
  let [hits, wanted] = [0, 0];
  for (let i = 0; i < queries; i++) {
    const row = rows[Math.floor(random() * rows.length)] ?? new Float32Array(index.dimensions);
    const noise = gaussians(random, row.length);
    const query = row.map((value, j) => value + (SPREAD / 2) * (noise[j] ?? 0));
    const nearest = bruteForce(rows.entries(), query, k, filter).map(({ ordinal }) => ordinal);
    const found = new Set(index.search(query, k, { filter, ef }).map(({ ordinal }) => ordinal));
    hits += nearest.filter((ordinal) => found.has(ordinal)).length;
    wanted += nearest.length;
  }
  return hits / wanted;
}

/** Normally distributed numbers, by Box and Muller. */
function gaussians(random: () => number, count: number): Float32Array {
  return Float32Array.from(
    { length: count },
    () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()),
  );
}

/** A seeded mixture of clusters, as the vectors of texts are: any size, the same for the same seed. */

import { createRandom } from '../../src/testing/environment.ts';
import { type Matrix, normalizeRows, rowOf } from './matrix.ts';

export interface MixtureOptions {
  readonly count: number;
  readonly queries: number;
  readonly dimensions: number;
  readonly seed: number;
}

/** Rows a cluster, on average. */
const CLUSTER_SIZE = 100;
/** Spread of a row around its cluster's middle, per dimension, where middles spread by 1. */
const SPREAD = 0.6;

/** Rows and queries of one mixture, all at unit length. */
export function createMixture({ count, queries, dimensions, seed }: MixtureOptions): {
  readonly rows: Matrix;
  readonly queries: Matrix;
} {
  const random = createRandom(seed);
  const gaussian = gaussians(random);
  const clusters = Math.max(1, Math.ceil(count / CLUSTER_SIZE));
  const middles = Float32Array.from({ length: clusters * dimensions }, gaussian);
  const draw = (size: number) => {
    const matrix = { count: size, dimensions, values: new Float32Array(size * dimensions) };
    for (let row = 0; row < size; row++) {
      const middle = Math.floor(random() * clusters) * dimensions;
      const values = rowOf(matrix, row);
      for (let i = 0; i < dimensions; i++) values[i] = (middles[middle + i] ?? 0) + SPREAD * gaussian();
    }
    return normalizeRows(matrix);
  };
  return { rows: draw(count), queries: draw(queries) };
}

/** Normally distributed numbers, two of each draw (Box and Muller). */
export function gaussians(random: () => number): () => number {
  let spare: number | undefined;
  return () => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    const angle = 2 * Math.PI * random();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
}

/** What is measured on: rows, queries, filters and their exact neighbours, as plain data that can cross to a worker. */

import { createRandom } from '../../src/testing/environment.ts';
import type { Bitset } from '../../src/vector/bitset.ts';
import { firstRows, type Matrix } from './matrix.ts';
import { drawFilter, exactNeighbours } from './truth.ts';

/** Neighbours asked for; recall is recall@10. */
export const K = 10;
/** Shares of rows that a filtered search may find. */
export const SHARES: readonly number[] = [0.5, 0.1, 0.01];
/** Queries of a filtered search. */
const FILTERED_QUERIES = 200;

export interface Filtered {
  readonly share: number;
  readonly filter: Bitset;
  /** Of the first so many queries; fewer than ten where fewer rows are members. */
  readonly neighbours: readonly Uint32Array[];
}

export interface Dataset {
  readonly kind: 'mixture' | 'sentences';
  readonly seed: number;
  readonly rows: Matrix;
  readonly queries: Matrix;
  /** For each query its ten nearest rows. */
  readonly neighbours: readonly Uint32Array[];
  readonly filtered: readonly Filtered[];
}

/** Fewer queries where each of them means comparing very many rows. */
export function queryCountFor(rows: number): number {
  return rows > 200_000 ? 200 : 1_000;
}

export interface Vectors {
  readonly kind: Dataset['kind'];
  readonly rows: Matrix;
  readonly queries: Matrix;
  /** Where they are known. */
  readonly neighbours?: readonly Uint32Array[] | undefined;
}

/** Draws the filters and finds the exact neighbours that are not given. */
export function createDataset(vectors: Vectors, seed: number): Dataset {
  const { kind, rows, queries } = vectors;
  const random = createRandom(seed + 1);
  const filters = SHARES.map((share) => drawFilter(rows.count, share, random));
  const some = firstRows(queries, Math.min(FILTERED_QUERIES, queries.count));
  const found = exactNeighbours(rows, some, K, filters);
  return {
    kind,
    seed,
    rows,
    queries,
    neighbours: vectors.neighbours ?? exactNeighbours(rows, queries, K)[0] ?? [],
    filtered: SHARES.map((share, i) => ({
      share,
      filter: filters[i] ?? drawFilter(0, 0, random),
      neighbours: found[i] ?? [],
    })),
  };
}

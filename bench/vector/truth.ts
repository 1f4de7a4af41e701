/** The exact nearest neighbours, by comparing every row in floats: what recall is measured against. */

import { Bitset } from '../../src/vector/bitset.ts';
import { NearestRows } from '../../src/vector/nearest-rows.ts';
import { type Matrix, rowOf } from './matrix.ts';

/** Rows compared with all queries before the next ones: they stay in the cache. */
const BLOCK = 64;

/** For each query its `k` rows of largest inner product, best first, once for all rows and once for each filter. */
export function exactNeighbours(
  rows: Matrix,
  queries: Matrix,
  k: number,
  filters: readonly (Bitset | undefined)[] = [undefined],
): readonly (readonly Uint32Array[])[] {
  const nearest = filters.map(() => Array.from({ length: queries.count }, () => new NearestRows(k)));
  const products = new Float64Array(BLOCK);
  for (let from = 0; from < rows.count; from += BLOCK) {
    const to = Math.min(from + BLOCK, rows.count);
    for (let query = 0; query < queries.count; query++) {
      multiply(rows, from, to, rowOf(queries, query), products);
      filters.forEach((filter, which) => {
        const heap = nearest[which]?.[query];
        for (let row = from; row < to; row++)
          if (filter === undefined || filter.has(row)) heap?.offer(row, products[row - from] ?? 0);
      });
    }
  }
  return nearest.map((heaps) =>
    heaps.map((heap) => Uint32Array.from(heap.sorted(), ({ ordinal }) => ordinal)),
  );
}

/** Four rows at once: a number of the query is read once for all of them. */
function multiply(rows: Matrix, from: number, to: number, query: Float32Array, out: Float64Array): void {
  const { values, dimensions } = rows;
  for (let row = from; row < to; row += 4) {
    const a = row * dimensions;
    const b = Math.min(row + 1, to - 1) * dimensions;
    const c = Math.min(row + 2, to - 1) * dimensions;
    const d = Math.min(row + 3, to - 1) * dimensions;
    let [sumA, sumB, sumC, sumD] = [0, 0, 0, 0];
    for (let i = 0; i < dimensions; i++) {
      const value = query[i] ?? 0;
      sumA += value * (values[a + i] ?? 0);
      sumB += value * (values[b + i] ?? 0);
      sumC += value * (values[c + i] ?? 0);
      sumD += value * (values[d + i] ?? 0);
    }
    out[row - from] = sumA;
    if (row + 1 < to) out[row + 1 - from] = sumB;
    if (row + 2 < to) out[row + 2 - from] = sumC;
    if (row + 3 < to) out[row + 3 - from] = sumD;
  }
}

/** Members drawn by chance, so that each row is one with probability `share`. */
export function drawFilter(count: number, share: number, random: () => number): Bitset {
  const filter = new Bitset(count);
  for (let row = 0; row < count; row++) if (random() < share) filter.add(row);
  return filter;
}

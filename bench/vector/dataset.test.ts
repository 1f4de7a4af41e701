import { describe, expect, test } from 'vitest';
import { Bitset } from '../../src/vector/bitset.ts';
import { createDataset } from './dataset.ts';
import { rowOf } from './matrix.ts';
import { createMixture } from './mixture.ts';
import { exactNeighbours } from './truth.ts';

const small = { count: 301, queries: 7, dimensions: 13, seed: 5 };

describe('the mixture', () => {
  test('is the same for the same seed and another for another', () => {
    expect(createMixture(small)).toEqual(createMixture(small));
    expect(createMixture({ ...small, seed: 6 }).rows.values).not.toEqual(createMixture(small).rows.values);
  });

  test('has rows and queries of unit length', () => {
    const { rows, queries } = createMixture(small);
    for (const matrix of [rows, queries])
      for (let row = 0; row < matrix.count; row++)
        expect(Math.hypot(...rowOf(matrix, row))).toBeCloseTo(1, 5);
  });
});

describe('the exact neighbours', () => {
  const { rows, queries } = createMixture(small);
  const byHand = (query: number, isMember: (row: number) => boolean) =>
    Array.from({ length: rows.count }, (_, row) => ({
      row,
      score: rowOf(rows, row).reduce((sum, value, i) => sum + value * (rowOf(queries, query)[i] ?? 0), 0),
    }))
      .filter(({ row }) => isMember(row))
      .sort((a, b) => b.score - a.score)
      .slice(0, 10)
      .map(({ row }) => row);

  test('are those of comparing every row, with and without a filter', () => {
    const even = Bitset.of(Array.from({ length: 150 }, (_, i) => 2 * i));
    const [all, filtered] = exactNeighbours(rows, queries, 10, [undefined, even]);
    for (let query = 0; query < queries.count; query++) {
      expect([...(all?.[query] ?? [])]).toEqual(byHand(query, () => true));
      expect([...(filtered?.[query] ?? [])]).toEqual(byHand(query, (row) => even.has(row)));
    }
  });

  test('of a dataset are found for every share, and known ones are kept', () => {
    const known = Array.from({ length: small.queries }, () => Uint32Array.of(1, 2, 3));
    const dataset = createDataset({ kind: 'mixture', rows, queries, neighbours: known }, 1);
    expect(dataset.neighbours).toBe(known);
    expect(dataset.filtered.map(({ share }) => share)).toEqual([0.5, 0.1, 0.01]);
    for (const { filter, neighbours } of dataset.filtered)
      neighbours.forEach((each, query) => {
        expect([...each]).toEqual(byHand(query, (row) => filter.has(row)));
      });
  });
});

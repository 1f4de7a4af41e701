import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DiversityOptions, diversify } from './diversity.ts';

const never = () => 0;

/** All of them, unless something else is said. */
function order(
  relevances: readonly number[],
  similarity: (i: number, j: number) => number,
  options: Partial<DiversityOptions> = {},
): readonly number[] {
  return diversify(relevances, similarity, { lambda: 0.7, limit: relevances.length, ...options });
}

describe('maximal marginal relevance', () => {
  it('puts what repeats another behind what does not', () => {
    const pairs = new Set(['0,1', '1,0']);
    expect(order([1, 0.9, 0.5], (i, j) => (pairs.has(`${i},${j}`) ? 1 : 0))).toEqual([0, 2, 1]);
  });

  it('judges by the most similar one before, not by the mean', () => {
    // 3 is like 0 alone; 2 is a little like all.
    const similarity = (i: number, j: number) =>
      i + j === 3 && i * j === 0 ? 0.9 : Math.max(i, j) === 2 ? 0.4 : 0;
    expect(order([1, 0.9, 0.8, 0.8], similarity, { lambda: 0.5 })).toEqual([0, 1, 2, 3]);
  });

  it('chooses no more than are wanted, and asks for no more similarities than it needs', () => {
    let asked = 0;
    const similarity = () => {
      asked += 1;
      return 0;
    };
    expect(order([0.1, 0.9, 0.5], similarity, { limit: 2 })).toEqual([1, 2]);
    expect(asked).toBe(2);
    expect(order([], never)).toEqual([]);
    expect(order([1], never, { limit: 0 })).toEqual([]);
  });

  // In steps: products of the smallest doubles are 0, and their order is lost.
  const relevances = fc.array(
    fc.nat(1_000).map((value) => value / 1_000),
    { maxLength: 12 },
  );
  const tables = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 144, maxLength: 144 });
  const byTable = (table: readonly number[]) => (i: number, j: number) =>
    table[Math.min(i, j) * 12 + Math.max(i, j)] ?? 0;
  const byRelevance = (values: readonly number[]) =>
    values.map((_, i) => i).sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0) || a - b);

  it('is a permutation that begins with the best', () => {
    fc.assert(
      fc.property(
        relevances,
        tables,
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (values, table, lambda) => {
          const places = order(values, byTable(table), { lambda });
          expect([...places].sort((a, b) => a - b)).toEqual(values.map((_, i) => i));
          if (values.length > 0) expect(values[places[0] ?? -1]).toBe(Math.max(...values));
        },
      ),
    );
  });

  it('takes at every step what is worth most, as the formula says', () => {
    fc.assert(
      fc.property(relevances, tables, fc.double({ min: 0, max: 1, noNaN: true }), (values, table, lambda) => {
        const similarity = byTable(table);
        const places = order(values, similarity, { lambda });
        for (const [step, place] of places.entries()) {
          const before = places.slice(0, step);
          const worth = (i: number) =>
            lambda * (values[i] ?? 0) - (1 - lambda) * Math.max(0, ...before.map((j) => similarity(i, j)));
          for (const other of places.slice(step)) expect(worth(place)).toBeGreaterThanOrEqual(worth(other));
        }
      }),
    );
  });

  it('is the order of relevance where only that counts, or nothing is like another', () => {
    fc.assert(
      fc.property(relevances, tables, (values, table) => {
        expect(order(values, byTable(table), { lambda: 1 })).toEqual(byRelevance(values));
        expect(order(values, never)).toEqual(byRelevance(values));
      }),
    );
  });
});

/** Random histories of a VectorIndex, held against comparing every row. */

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Bitset } from '../vector/bitset.ts';
import type { Neighbour, VectorIndex, VectorIndexFactory } from '../vector/vector-index.ts';
import { bruteForce, cosine } from './vector-data.ts';

const DIMENSIONS = 4;
/** Fewer ordinals than steps, so that rows are replaced and come again. */
const ORDINALS = 24;
export interface HistoryOptions {
  /** Whether the index finds the nearest rows always. */
  readonly exact: boolean;
  /** How far a score may be off: they are computed in different orders, and stored rows may be rounded. */
  readonly tolerance: number;
}

type Step =
  | { readonly kind: 'add'; readonly ordinal: number; readonly vector: Float32Array }
  | { readonly kind: 'remove'; readonly ordinal: number }
  | {
      readonly kind: 'search';
      readonly query: Float32Array;
      readonly k: number;
      readonly members: readonly number[] | undefined;
    };

// Small whole numbers, so that equal scores happen.
const vectors = fc
  .array(fc.integer({ min: -2, max: 2 }), { minLength: DIMENSIONS, maxLength: DIMENSIONS })
  .filter((values) => values.some((value) => value !== 0))
  .map((values) => Float32Array.from(values));
const ordinals = fc.integer({ min: 0, max: ORDINALS - 1 });
const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('add' as const), ordinal: ordinals, vector: vectors }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), ordinal: ordinals }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('search' as const),
      query: vectors,
      k: fc.integer({ min: 0, max: ORDINALS + 2 }),
      members: fc.option(fc.uniqueArray(ordinals), { nil: undefined }),
    }),
  },
);

/** Runs random adds, removals and searches, and compares every answer with what comparing all rows finds. */
export function describeVectorHistories(create: VectorIndexFactory, options: HistoryOptions): void {
  it('answers as comparing every row would, through any history', async () => {
    const histories = fc.array(steps, { minLength: 1, maxLength: 80 });
    const property = fc.asyncProperty(histories, async (history) => {
      const index = await create(DIMENSIONS);
      const rows = new Map<number, Float32Array>();
      try {
        for (const step of history) runStep(step, index, rows, options);
        expect(index.size).toBe(rows.size);
      } finally {
        index.close();
      }
    });
    await fc.assert(property, { seed: 20_261_121, numRuns: 150 });
  });
}

function runStep(
  step: Step,
  index: VectorIndex,
  rows: Map<number, Float32Array>,
  { exact, tolerance }: HistoryOptions,
): void {
  if (step.kind === 'add') {
    index.add(step.ordinal, step.vector);
    rows.set(step.ordinal, step.vector);
  } else if (step.kind === 'remove') {
    expect(index.remove(step.ordinal)).toBe(rows.delete(step.ordinal));
  } else {
    const filter = step.members === undefined ? undefined : Bitset.of(step.members);
    const found = index.search(step.query, step.k, { filter });
    const expected = bruteForce(rows, step.query, step.k, filter);
    assertHonest(found, step.query, rows, filter, tolerance);
    expect(found.length).toBe(expected.length);
    if (exact) assertScores(found, expected, tolerance);
  }
}

/** Each row is there and a member, has its own cosine, and stands in its place. */
function assertHonest(
  found: readonly Neighbour[],
  query: Float32Array,
  rows: ReadonlyMap<number, Float32Array>,
  filter: Bitset | undefined,
  tolerance: number,
): void {
  found.forEach(({ ordinal, score }, i) => {
    const row = rows.get(ordinal);
    if (row === undefined) throw new Error(`${ordinal} was found and is not there`);
    expect(filter?.has(ordinal) ?? true).toBe(true);
    expect(Math.abs(score - cosine(query, row))).toBeLessThan(tolerance);
    const before = found[i - 1];
    if (before === undefined) return;
    const isAfter = before.score > score || (before.score === score && before.ordinal < ordinal);
    expect(isAfter).toBe(true);
  });
}

/** Rows may differ where scores differ by rounding only. */
function assertScores(found: readonly Neighbour[], expected: readonly Neighbour[], tolerance: number): void {
  expected.forEach(({ score }, i) => {
    expect(Math.abs((found[i]?.score ?? Number.NaN) - score)).toBeLessThan(tolerance);
  });
}

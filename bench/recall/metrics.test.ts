import { describe, expect, it } from 'vitest';
import { meansBy, meansOf, type QuestionScore, recallAt, reciprocalRank, shareKept } from './metrics.ts';

const score = (conversation: string, category: string, r5: number, r10: number, rank: number) => ({
  ...{ conversation, category, r5, r10 },
  reciprocalRank: rank,
  kept: {},
});

describe('recall', () => {
  it('is the share of the evidence among the first', () => {
    expect(recallAt([7, 3, 9, 1], [3, 1], 2)).toBe(0.5);
    expect(recallAt([7, 3, 9, 1], [3, 1], 4)).toBe(1);
    expect(recallAt([7, 3, 9, 1], [5], 4)).toBe(0);
  });

  it('counts what was not returned at all as not found', () => {
    expect(recallAt([], [1, 2], 10)).toBe(0);
    expect(recallAt([2], [1, 2, 3, 4], 10)).toBe(0.25);
  });
});

describe('the reciprocal rank', () => {
  it('is that of the first turn that is evidence', () => {
    expect(reciprocalRank([7, 3, 9, 1], [1, 9])).toBeCloseTo(1 / 3);
    expect(reciprocalRank([1], [1])).toBe(1);
    expect(reciprocalRank([7, 3], [1])).toBe(0);
  });
});

describe('evidence kept', () => {
  it('counts texts that stand verbatim', () => {
    const packed = 'Ann: The kiln is warm.\nBob: Take the blue bowl.\n';
    expect(shareKept(packed, ['The kiln is warm.', 'Take the bowl.'])).toBe(0.5);
    expect(shareKept(packed, ['the kiln is warm.'])).toBe(0);
    expect(shareKept('', ['anything'])).toBe(0);
  });
});

describe('means', () => {
  const scores: readonly QuestionScore[] = [
    score('a', '10', 0, 0.5, 0.25),
    score('b', '2', 1, 1, 1),
    score('a', '2', 0.5, 1, 0.5),
  ];

  it('are over questions, not over evidence', () => {
    expect(meansOf(scores)).toEqual({ n: 3, r5: 0.5, r10: 2.5 / 3, mrr: 1.75 / 3 });
  });

  it('of groups stand in the order of their names’ numbers', () => {
    const byCategory = meansBy(scores, ({ category }) => category);
    expect(Object.keys(byCategory)).toEqual(['2', '10']);
    expect(byCategory['2']).toEqual({ n: 2, r5: 0.75, r10: 1, mrr: 0.75 });
    expect(meansBy(scores, ({ conversation }) => conversation).a?.n).toBe(2);
  });
});

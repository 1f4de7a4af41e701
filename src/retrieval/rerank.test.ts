import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyRerank, rerankScores } from './rerank.ts';

const hits = [
  { id: 'a', score: 1 },
  { id: 'b', score: 0.8 },
  { id: 'c', score: 0.5 },
];
const ids = (list: readonly { readonly id: string }[]) => list.map(({ id }) => id).join('');

describe('what a reranker says of the best hits', () => {
  it('decides alone, halfway or not at all, as it is weighed', () => {
    expect(ids(applyRerank(hits, [-2, 0, 5], 1))).toBe('cba');
    expect(ids(applyRerank(hits, [-2, 0, 5], 0.55))).toBe('cab');
    expect(ids(applyRerank(hits, [-2, 0, 5], 0))).toBe('abc');
  });

  it('is of no account where all are judged alike, and where nothing was', () => {
    expect(applyRerank(hits, [3, 3, 3], 1)).toBe(hits);
    expect(applyRerank(hits, [], 1)).toBe(hits);
    expect(applyRerank([], [])).toEqual([]);
  });

  const lists = fc
    .array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 1, maxLength: 12 })
    .map((scores) => scores.sort((a, b) => b - a).map((score, i) => ({ id: i, score })));
  const judged = fc.array(fc.double({ min: -11, max: 11, noNaN: true }), { maxLength: 12 });

  it('keeps every hit, the list in order, the scale, and what was not read behind', () => {
    fc.assert(
      fc.property(lists, judged, fc.double({ min: 0, max: 1, noNaN: true }), (list, scores, weight) => {
        const read = scores.slice(0, list.length);
        const ordered = applyRerank(list, read, weight);
        expect(ordered.map(({ id }) => id).sort((a, b) => a - b)).toEqual(list.map(({ id }) => id));
        expect(ordered.slice(read.length)).toEqual(list.slice(read.length));
        const [first = 0, last = 0] = [list[0]?.score, list.at(-1)?.score];
        for (const [i, { score }] of ordered.entries()) {
          expect(score).toBeLessThanOrEqual((ordered[i - 1]?.score ?? first) + 1e-9);
          expect(score).toBeGreaterThanOrEqual(last - 1e-9);
        }
      }),
    );
  });

  it('does not depend on the model’s scale', () => {
    fc.assert(
      fc.property(lists, judged, fc.integer({ min: 1, max: 100 }), (list, scores, factor) => {
        const read = scores.slice(0, list.length).map((score) => Math.round(score));
        const order = (values: readonly number[]) => ids(applyRerank(list.map(named), values, 1));
        expect(order(read.map((score) => score * factor + 7))).toBe(order(read));
      }),
    );
  });
});

const named = ({ id, score }: { readonly id: number; readonly score: number }) => ({ id: String(id), score });

describe('what a reranker must give', () => {
  const reranker = (scores: readonly number[]) => ({
    id: 'm@q8',
    rerank: async () => Float32Array.from(scores),
  });

  it('is a number for each text', async () => {
    expect(await rerankScores(reranker([1, 2]), 'q', ['a', 'b'])).toEqual(Float32Array.of(1, 2));
    for (const wrong of [[1], [1, 2, 3], [1, Number.NaN], [1, Number.POSITIVE_INFINITY]])
      await expect(rerankScores(reranker(wrong), 'q', ['a', 'b'])).rejects.toMatchObject({
        code: 'MODEL_UNAVAILABLE',
        message: expect.stringContaining('m@q8'),
      });
  });
});

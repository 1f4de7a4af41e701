import { describe, expect, it } from 'vitest';
import { choosePlan, DEFAULT_CURVES, efFor, fitCurve, type Question } from './planner.ts';

const QUESTION: Question = {
  k: 10,
  size: 100_000,
  members: 100_000,
  isFiltered: false,
  pending: 0,
  dimensions: 384,
  metric: 'cosine',
  ef: undefined,
  recall: undefined,
};
const kindOf = (change: Partial<Question>) => choosePlan({ ...QUESTION, ...change }).kind;

describe('the plan', () => {
  it('compares each of few rows, scans the codes of more, and walks where that is less work', () => {
    const sizes = [1_000, 30_000, 200_000];
    expect(sizes.map((size) => kindOf({ size, members: size }))).toEqual(['exact', 'codes', 'graph']);
  });

  it('compares more of them while it is not known how well codes tell them apart', () => {
    const measured = { ...DEFAULT_CURVES, codes: { ...DEFAULT_CURVES.codes, isMeasured: true } };
    const question = { ...QUESTION, size: 10_000, members: 10_000 };
    expect(choosePlan(question).kind).toBe('exact');
    expect(choosePlan(question, measured).kind).toBe('codes');
  });

  it('is exact where a filter leaves less than 20 %, for most rows as results, and where all is asked for', () => {
    expect(kindOf({ isFiltered: true, members: 19_999 })).toBe('exact');
    expect(kindOf({ isFiltered: true, members: 20_001 })).not.toBe('exact');
    expect(kindOf({ k: 60_000 })).toBe('exact');
    expect(kindOf({ recall: 1 })).toBe('exact');
  });

  it('never asks a graph that there is not, whatever the width', () => {
    expect(kindOf({ pending: 100_000 })).toBe('codes');
    expect(kindOf({ pending: 100_000, ef: 50 })).toBe('codes');
    expect(choosePlan({ ...QUESTION, pending: 100_000, ef: 1 })).toEqual(
      choosePlan({ ...QUESTION, pending: 100_000 }),
    );
  });

  it('scans all rows while most of them are not in the graph yet', () => {
    expect(kindOf({ size: 200_000, members: 200_000, pending: 190_000 })).toBe('codes');
    expect(kindOf({ size: 200_000, members: 200_000, pending: 100 })).toBe('graph');
  });

  it('takes a width as a wish for the graph, and walks no narrower than twice the results', () => {
    expect(choosePlan({ ...QUESTION, ef: 64 })).toMatchObject({ kind: 'graph', ef: 64 });
    expect(choosePlan({ ...QUESTION, ef: 64, k: 100 })).toMatchObject({ kind: 'graph', ef: 200 });
  });

  it('searches wider under a filter, whose members lie farther off', () => {
    const half = { isFiltered: true, members: 50_000, ef: 100 };
    expect(choosePlan({ ...QUESTION, ...half })).toMatchObject({ kind: 'graph', ef: 142 });
  });

  it('does not trust codes with inner products, since they know no lengths', () => {
    expect(kindOf({ metric: 'inner-product', pending: 100_000 })).toBe('exact');
  });

  it('works more for more recall', () => {
    const widths = [0.9, 0.95, 0.99, 0.995, 0.999].map((recall) => efFor(recall, 10, DEFAULT_CURVES));
    expect(widths).toEqual(widths.toSorted((a, b) => a - b));
    expect(new Set(widths).size).toBe(5);
  });
});

describe('a fitted curve', () => {
  const curve = { intercept: -0.9, slope: -0.5 };
  const measured = (works: readonly number[], wanted: number) =>
    works.map((work) => ({
      work,
      wanted,
      missed: Math.round(wanted * Math.exp(curve.intercept + curve.slope * work ** 0.4)),
    }));

  it('is the one that was measured', () => {
    const fitted = fitCurve(measured([16, 32, 64, 128], 100_000), DEFAULT_CURVES.graph);
    expect(fitted.slope).toBeCloseTo(curve.slope, 2);
    expect(fitted.intercept).toBeCloseTo(curve.intercept, 1);
  });

  it('is the expected one where nothing was missed, and keeps its slope where one point tells', () => {
    const expected = DEFAULT_CURVES.graph;
    expect(fitCurve([{ work: 32, missed: 1, wanted: 640 }], expected)).toMatchObject(expected);
    expect(fitCurve([{ work: 32, missed: 20, wanted: 640 }], expected).slope).toBe(expected.slope);
  });

  it('asks for all rows where more work finds no more', () => {
    const flat = [24, 48, 96].map((work) => ({ work, missed: 600, wanted: 640 }));
    const codes = fitCurve(flat, DEFAULT_CURVES.codes);
    expect(
      choosePlan(
        { ...QUESTION, size: 30_000, members: 30_000, pending: 30_000 },
        { ...DEFAULT_CURVES, codes },
      ).kind,
    ).toBe('exact');
  });
});

import { describe, expect, test } from 'vitest';
import { curveOf, type EngineFigures, fastestAt, type Report, ratiosOf, tableOf } from './report.ts';
import { mediansOf } from './run.ts';

/** An engine with [p50, recall] at each width. */
function engine(
  name: string,
  search: readonly (readonly [number, number])[],
  more: Partial<EngineFigures> = {},
) {
  return {
    engine: name,
    runtime: 'node',
    about: '',
    buildPerSecond: 1_000,
    memoryBytes: 100,
    fileBytes: null,
    loadMs: null,
    search: search.map(([p50Ms, recall], i) => ({
      ef: 64 * (i + 1),
      p50Ms,
      p99Ms: 2 * p50Ms,
      recall,
      queries: 9,
    })),
    filtered: null,
    deleteUs: null,
    updateUs: null,
    recallAfterChurn: null,
    churnTimes: null,
    ...more,
  } satisfies EngineFigures;
}

const native = engine('hnswlib-node', [
  [0.4, 0.98],
  [0.8, 0.996],
  [1.6, 0.9995],
]);

describe('the fastest setting', () => {
  test('is the fastest of those that reach the recall, not the first', () => {
    const figures = engine('loci', [
      [0.3, 0.996],
      [0.2, 0.995],
      [0.1, 0.9949],
    ]);
    expect(fastestAt(figures, 0.995)).toMatchObject({ ef: 128, p50Ms: 0.2 });
  });

  test('is none where no setting reaches it', () => {
    expect(fastestAt(native, 0.9999)).toBeUndefined();
    expect(fastestAt(engine('loci', []), 0.5)).toBeUndefined();
  });
});

describe('the ratios', () => {
  test('divide our time by theirs, and our vectors per second by theirs', () => {
    const ours = engine(
      'loci',
      [
        [0.2, 0.996],
        [0.4, 0.9991],
      ],
      { buildPerSecond: 5_000, memoryBytes: 40 },
    );
    const flat = engine('loci-flat', [[0.6, 0.997]]);
    const wasm = engine('hnswlib-wasm', [[2, 0.995]]);
    expect(ratiosOf([ours, flat, native, wasm])).toEqual({
      queryVsNative: 0.25,
      queryVsNative999: 0.25,
      flatVsNative: 0.75,
      queryVsHnswlibWasm: 0.1,
      buildVsNative: 5,
      memoryVsNative: 0.4,
    });
  });

  test('are null where an engine is missing, does not reach the recall, or cannot tell its memory', () => {
    const ours = engine('loci', [[0.2, 0.996]], { memoryBytes: null });
    expect(ratiosOf([ours, native])).toEqual({
      queryVsNative: 0.25,
      queryVsNative999: null,
      flatVsNative: null,
      queryVsHnswlibWasm: null,
      buildVsNative: 1,
      memoryVsNative: null,
    });
    expect(Object.values(ratiosOf([]))).toEqual([null, null, null, null, null, null]);
  });
});

test('the figures of a width are medians over the rounds, each of its own', () => {
  const round = (p50Ms: number, p99Ms: number) => [{ ef: 64, p50Ms, p99Ms, recall: 1, queries: 9 }];
  expect(mediansOf([round(3, 7), round(1, 9), round(2, 8)])).toEqual([
    { ef: 64, p50Ms: 2, p99Ms: 8, recall: 1, queries: 9 },
  ]);
});

test('the tables have a cell for every column, also where nothing was measured', () => {
  const engines = [native, engine('voy', [[1, 0.5]])];
  const columns = tableOf({ engines })
    .split('\n')
    .map((line) => line.split('|').length);
  expect(new Set(columns).size).toBe(1);
  const report = { n: 1_000, data: 'mixture', engines, ratios: ratiosOf(engines) } as unknown as Report;
  const curve = curveOf([report, { ...report, n: 10_000, engines: [native] }]).split('\n');
  expect(curve).toHaveLength(4);
  expect(new Set(curve.map((line) => line.split('|').length)).size).toBe(1);
  expect(curve[2]).toContain('never');
});

import { expect, test } from 'vitest';
import { createBench } from './bench.ts';
import { createDataset } from './dataset.ts';
import type { Platform } from './engine.ts';
import { exact } from './engines/exact.ts';
import { engines } from './engines/index.ts';
import { createLabels } from './engines/labels.ts';
import { lociEngines } from './engines/loci.ts';
import { createMixture } from './mixture.ts';
import { ratiosOf } from './report.ts';
import { run } from './run.ts';

const alone: Platform = {
  runtime: 'node',
  importRival: async (name) => Promise.reject(new Error(`${name} is not installed`)),
  compileRival: async (path) => Promise.reject(new Error(`${path} is not installed`)),
  compileTrial: async () => Promise.reject(new Error('there is no trial')),
  heapBytes: () => null,
  files: null,
};

test('names are unique, and every engine says where it runs and at which widths', () => {
  expect(new Set(engines.map(({ name }) => name)).size).toBe(engines.length);
  for (const { runtimes, ladder, about } of engines) {
    expect(runtimes.length).toBeGreaterThan(0);
    expect(ladder.length).toBeGreaterThan(0);
    expect(about).not.toBe('');
  }
});

test('a run of 2,000 rows with ours and the exact scan has every figure', { timeout: 120_000 }, async () => {
  const mixture = createMixture({ count: 2_000, queries: 50, dimensions: 384, seed: 4 });
  const dataset = createDataset({ kind: 'mixture', ...mixture }, 4);
  const bench = createBench(dataset, engines, alone, () => undefined);
  const entrants = [...lociEngines, exact].map(({ name }) => ({ name, runtime: 'node', bench }));
  const { engines: figures, skipped } = await run(entrants, 3, () => undefined);
  expect(skipped).toEqual([]);
  expect(figures.map(({ engine }) => engine)).toEqual(['loci', 'loci-flat', 'exact']);
  for (const { search, filtered, ...once } of figures) {
    for (const { p50Ms, p99Ms, recall } of search) {
      expect(p50Ms).toBeGreaterThan(0);
      expect(p99Ms).toBeGreaterThanOrEqual(p50Ms);
      expect(recall).toBeLessThanOrEqual(1);
    }
    expect(Math.max(...search.map(({ recall }) => recall))).toBeGreaterThanOrEqual(0.995);
    expect(filtered?.map(({ share }) => share)).toEqual([0.5, 0.1, 0.01]);
    for (const { recall } of filtered ?? []) expect(recall).toBeGreaterThanOrEqual(0.995);
    const { buildPerSecond, memoryBytes, fileBytes, loadMs, deleteUs, updateUs } = once;
    for (const figure of [buildPerSecond, memoryBytes, fileBytes, loadMs, deleteUs, updateUs])
      expect(figure).toBeGreaterThan(0);
    expect(once.recallAfterChurn).toBeGreaterThanOrEqual(0.99);
    expect(once.churnTimes).toBe(2);
  }
  expect(ratiosOf(figures).queryVsNative).toBeNull();
});

test('a label is used once, and a free slot for each one taken', () => {
  const labels = createLabels();
  expect([labels.give(7), labels.hasFree(), labels.take(7), labels.give(7), labels.hasFree()]).toEqual([
    0,
    false,
    0,
    1,
    true,
  ]);
  expect(labels.hasFree()).toBe(false);
  expect([0, 1].map(labels.ordinalOf)).toEqual([7, 7]);
});

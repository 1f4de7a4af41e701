import { expect, test } from 'vitest';
import { createBench } from './bench.ts';
import { createDataset } from './dataset.ts';
import type { EngineSpec, Platform } from './engine.ts';
import { exact } from './engines/exact.ts';
import { createMixture } from './mixture.ts';
import { run } from './run.ts';

const platform: Platform = {
  runtime: 'node',
  importRival: async (name) => Promise.reject(new Error(`${name} is not installed`)),
  compileRival: async (path) => Promise.reject(new Error(`${path} is not installed`)),
  compileTrial: async () => Promise.reject(new Error('there is no trial')),
  heapBytes: () => null,
  files: null,
};
const dataset = createDataset(
  { kind: 'mixture', ...createMixture({ count: 600, queries: 20, dimensions: 16, seed: 3 }) },
  3,
);
const missing: EngineSpec = {
  ...exact,
  name: 'missing',
  create: async ({ importRival }) => importRival('missing') as never,
};

test('a run has every figure of the exact scan, and skips an engine that fails with the reason', async () => {
  const said: string[] = [];
  const bench = createBench(dataset, [exact, missing], platform, (line) => said.push(line));
  const entrants = [missing, exact].map(({ name }) => ({ name, runtime: 'node', bench }));
  const { engines, skipped } = await run(entrants, 3, (line) => said.push(line));
  expect(skipped).toEqual([
    { engine: 'missing', reason: 'it could not be built here: missing is not installed' },
  ]);
  expect(said.some((line) => line.startsWith('skipped missing'))).toBe(true);
  expect(engines).toHaveLength(1);
  expect(engines[0]).toEqual({
    engine: 'exact',
    runtime: 'node',
    about: exact.about,
    buildPerSecond: expect.any(Number),
    memoryBytes: expect.any(Number),
    fileBytes: 8 + 600 * 4 * 17,
    loadMs: expect.any(Number),
    search: [{ ef: null, p50Ms: expect.any(Number), p99Ms: expect.any(Number), recall: 1, queries: 20 }],
    filtered: [0.5, 0.1, 0.01].map((share) => ({
      share,
      p50Ms: expect.any(Number),
      recall: 1,
      queries: 20,
    })),
    deleteUs: expect.any(Number),
    updateUs: expect.any(Number),
    // Right only if the changes left every ordinal with the row that the benchmark thinks it has.
    recallAfterChurn: 1,
    churnTimes: 2,
  });
});

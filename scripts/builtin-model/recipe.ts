/** The recipe of the table that the package ships; docs/builtin-model.md says what was tried beside it. */

import type { Recipe } from './build.ts';

export const RECIPE: Recipe = {
  seed: 1,
  texts: { spans: 100_000, swaps: 100_000, mixes: 200_000, duets: 100_000, questions: 150_000 },
  rows: { words: 23_000, pairs: 0, buckets: 6_500 },
  dimensions: 384,
  reduced: 256,
  passes: 5,
  storedPasses: 1,
  batch: 256,
  rate: 0.003,
  wordDrop: 0.08,
  pairDrop: 0.1,
  similarityWeight: 10,
  crossWeight: 60,
  rankWeight: 1,
  rankTemperature: 0.08,
  neighbours: 32,
  wordBits: 3,
  bucketBits: 3,
};

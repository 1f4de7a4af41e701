/** The recipe of the table that the package ships; docs/builtin-model.md says what was tried beside it. */

import type { Recipe } from './build.ts';

export const RECIPE: Recipe = {
  seed: 1,
  texts: { spans: 100_000, swaps: 100_000, mixes: 200_000, duets: 100_000, questions: 60_000 },
  rows: { words: 21_000, pairs: 0, buckets: 8_400 },
  dimensions: 384,
  reduced: 256,
  passes: 6,
  storedPasses: 1,
  batch: 256,
  rate: 0.003,
  wordDrop: 0.08,
  pairDrop: 0.1,
  similarityWeight: 10,
  crossWeight: 20,
  rankWeight: 0,
  rankTemperature: 0.08,
  neighbours: 0,
  wordBits: 3,
  bucketBits: 3,
};

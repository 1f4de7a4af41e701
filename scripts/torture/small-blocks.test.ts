/** Torture with blocks so small that a few memories fill many: folds of several transactions, cut off between them. */

import { expect, it, vi } from 'vitest';
import { torture } from './run.ts';

vi.mock('../../src/limits.ts', async (load) => ({
  ...(await load<object>()),
  BLOCK_ROWS: 4,
  FOLD_BLOCKS: 2,
  FOLD_BATCH: 8,
  PAGE_BYTES: 300,
  LOAD_BLOCKS: 3,
  LOAD_BATCH: 5,
  BUFFER_MAX_DOCUMENTS: 6,
}));

const RUNS = 150;
/** Longest time on a machine that does other things too, ms. */
const TIMEOUT_MS = 240_000;

it('torture with small blocks loses nothing, and finds each memory by its present words alone', {
  timeout: TIMEOUT_MS,
}, async () => {
  const { report, failures } = await torture({ seed: 3, runs: RUNS, isShrunk: false });
  expect(failures).toEqual([]);
  expect(report).toMatchObject({ histories: RUNS, silentlyLost: 0, untypedErrors: 0 });
});

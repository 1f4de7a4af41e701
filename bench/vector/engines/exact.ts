/** The project's exact scan in floats, in plain JavaScript. */

import { createExactIndex } from '../../../src/vector/exact.ts';
import type { EngineSpec } from '../engine.ts';
import { portEngine } from './port.ts';

export const exact: EngineSpec = {
  name: 'exact',
  runtimes: ['node', 'chromium'],
  maxRows: 1_000_000,
  ladder: [null],
  about: 'src/vector/exact.ts: every row compared in float32, no SIMD',
  create: async (_platform, dimensions) =>
    portEngine(createExactIndex(dimensions), async () => createExactIndex(dimensions)),
};

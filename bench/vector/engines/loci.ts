/** Ours: the kernel's index with a graph from the first row on, and without any. */

import { createKernelIndex } from '../../../src/vector/kernel-index.ts';
import type { Ef, EngineSpec } from '../engine.ts';
import { portEngine } from './port.ts';

export const lociEngines: readonly EngineSpec[] = [
  spec(
    'loci',
    0,
    [
      0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 32, 64, 96, 128, 160, 192, 208, 224, 256, 320, 384, 448, 512,
      640,
    ],
    'the kernel’s graph at its defaults; build is addMany and all maintenance, memory is the index’s own count',
  ),
  spec(
    'loci-flat',
    Number.POSITIVE_INFINITY,
    [100, 120, 150, 200, 250, 300, 400, 800],
    'the kernel’s code scan without any graph; ef is the number of rows judged',
  ),
];

function spec(name: string, graphFromRows: number, ladder: readonly Ef[], about: string): EngineSpec {
  return {
    name,
    runtimes: ['node', 'chromium'],
    maxRows: 1_000_000,
    ladder,
    about,
    create: async (_platform, dimensions) => {
      const empty = () => createKernelIndex(dimensions, { graphFromRows });
      return portEngine(await empty(), empty);
    },
  };
}

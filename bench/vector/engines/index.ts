/** All engines, in the order they are shown. */

import type { EngineSpec } from '../engine.ts';
import { edgevec } from './edgevec.ts';
import { exact } from './exact.ts';
import { hnswlibNode } from './hnswlib-node.ts';
import { hnswlibWasm } from './hnswlib-wasm.ts';
import { lociEngines } from './loci.ts';
import { mememo } from './mememo.ts';
import { orama } from './orama.ts';
import { trialEngines } from './trial.ts';
import { usearch } from './usearch.ts';
import { voy } from './voy.ts';

export const engines: readonly EngineSpec[] = [
  ...lociEngines,
  ...trialEngines,
  exact,
  hnswlibNode,
  hnswlibWasm,
  usearch,
  edgevec,
  mememo,
  voy,
  orama,
];

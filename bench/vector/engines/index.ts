/** All engines, in the order they are shown. */

import type { EngineSpec } from '../engine.ts';
import { exact } from './exact.ts';
import { hnswlibNode } from './hnswlib-node.ts';

/** Ours first; which depends on how their binding can be loaded. */
export function allEngines(ours: readonly EngineSpec[]): readonly EngineSpec[] {
  return [...ours, exact, hnswlibNode];
}

/** A namespace in numbers. */

import { sizeOf } from '../memory/operation.ts';
import type { Stats } from '../types.ts';
import type { EngineState } from './state.ts';

export function collectStats(state: EngineState, storage: Stats['storage']): Stats {
  const byKind: Record<string, number> = {};
  const byTier: Record<string, number> = {};
  const byModel: Record<string, number> = {};
  let sizeBytes = 0;
  for (const memory of state.table.ascending()) {
    const { kind, tier, embedding } = memory.record;
    sizeBytes += sizeOf(memory);
    increment(byKind, kind);
    increment(byTier, tier);
    increment(byModel, embedding?.modelId ?? 'none');
  }
  return {
    count: state.table.size,
    sizeBytes,
    byKind,
    byTier,
    byModel,
    indexBytes: state.spaces.memoryBytes,
    ...(storage === undefined ? {} : { storage }),
  };
}

function increment(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}

/** A namespace in numbers. */

import type { Stats } from '../types.ts';
import type { EngineState } from './state.ts';

export function collectStats(
  state: EngineState,
  stored: Pick<Stats, 'storage' | 'bytesByKind' | 'contentCache' | 'limits'>,
): Stats {
  const { table } = state;
  const byKind: Record<string, number> = {};
  const byTier: Record<string, number> = {};
  const byModel: Record<string, number> = {};
  let sizeBytes = 0;
  for (const ordinal of table.ordinals()) {
    sizeBytes += table.sizeOf(ordinal);
    increment(byKind, String(table.field(ordinal, 'kind')));
    increment(byTier, String(table.field(ordinal, 'tier')));
    increment(byModel, table.embeddingOf(ordinal)?.modelId ?? 'none');
  }
  return {
    count: table.size,
    sizeBytes,
    byKind,
    byTier,
    byModel,
    indexBytes: state.spaces.memoryBytes,
    wordBytes: state.lexical.memoryBytes,
    ...stored,
  };
}

function increment(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}

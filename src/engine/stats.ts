/** A namespace in numbers. */

import type { Stats } from '../types.ts';
import type { EngineState } from './state.ts';

export function collectStats(
  state: EngineState,
  stored: Pick<Stats, 'storage' | 'bytesByKind' | 'contentCache' | 'limits'>,
): Stats {
  const { table } = state;
  // Maps: a host's model may have any name, that of a property of all objects too.
  const byKind = new Map<string, number>();
  const byTier = new Map<string, number>();
  const byModel = new Map<string, number>();
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
    byKind: Object.fromEntries(byKind),
    byTier: Object.fromEntries(byTier),
    byModel: Object.fromEntries(byModel),
    indexBytes: state.spaces.memoryBytes,
    wordBytes: state.lexical.memoryBytes,
    ...stored,
  };
}

function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

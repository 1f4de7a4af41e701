/** The closed word lists of a memory, and the order of its priorities. */

import type { MemoryKind, MemoryTier, Priority, Validity } from '../types.ts';

export const KINDS = ['episodic', 'semantic', 'procedural'] as const satisfies readonly MemoryKind[];

/** What the filter word `declarative` stands for. */
export const DECLARATIVE_KINDS: readonly MemoryKind[] = ['episodic', 'semantic'];

export const TIERS = [
  'immediate',
  'working',
  'session',
  'longterm',
  'archived',
] as const satisfies readonly MemoryTier[];

/**
 * From least to most: `low` is debugging and routine; `medium` is normal work; `high` is errors and
 * important findings; `critical` is what service levels, compliance and lineage rest on.
 */
export const PRIORITIES = ['low', 'medium', 'high', 'critical'] as const satisfies readonly Priority[];

/** Whether what a memory says holds at a moment. */
export const VALIDITIES = [
  'current',
  'future',
  'ended',
  'superseded',
  'contradicted',
] as const satisfies readonly Validity[];

/** The rank of a priority, 1 (low) to 4 (critical); 0 for a word that is none. */
export function priorityRank(priority: unknown): number {
  return PRIORITIES.indexOf(priority as Priority) + 1;
}

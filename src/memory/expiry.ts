/** When a memory must be gone. */

import type { MemoryFields } from '../types.ts';

type ExpiryFields = Pick<MemoryFields, 'expiresAt' | 'legalDeletionAt' | 'legalHold'>;

/**
 * The time from which a memory must not be seen any more, ms since the epoch: the earlier of
 * `expiresAt` and `legalDeletionAt`, or Infinity where there is neither or it is on legal hold.
 */
export function endOfLife(fields: ExpiryFields): number {
  if (fields.legalHold) return Number.POSITIVE_INFINITY;
  return Math.min(
    fields.expiresAt ?? Number.POSITIVE_INFINITY,
    fields.legalDeletionAt ?? Number.POSITIVE_INFINITY,
  );
}

export function isExpired(fields: ExpiryFields, now: number): boolean {
  return endOfLife(fields) <= now;
}

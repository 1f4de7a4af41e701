/** Reads ranges of small rows, and looks again at what comes out broken. */

import { isLociError } from '../errors.ts';
import { LOAD_BATCH, READ_ATTEMPTS } from '../limits.ts';
import type { KeyRange, Row, Storage } from '../storage/storage.ts';

/**
 * Reads a range of small rows in pieces. A row that is broken is read again, for a read can go wrong where the
 * stored bytes are right; one that stays broken is told of and passed over, a newer one ends it.
 */
export async function eachRow(
  storage: Storage,
  range: KeyRange,
  take: (row: Row) => void,
  onBroken: (key: string) => void,
): Promise<void> {
  let from = range.from;
  for (;;) {
    const rows = await storage.getRange({ from, to: range.to }, { limit: LOAD_BATCH });
    for (const row of rows) {
      let isTaken = takes(take, row);
      for (let attempt = 1; attempt < READ_ATTEMPTS && !isTaken; attempt++) {
        const value = await storage.get(row.key);
        isTaken = value !== undefined && takes(take, { key: row.key, value });
      }
      if (!isTaken) onBroken(row.key);
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < LOAD_BATCH) return;
    from = `${last.key}\u0000`;
  }
}

function takes(take: (row: Row) => void, row: Row): boolean {
  try {
    take(row);
    return true;
  } catch (error) {
    if (!isCorrupt(error)) throw error;
    return false;
  }
}

export function isCorrupt(error: unknown): boolean {
  return isLociError(error) && error.code === 'STORAGE_CORRUPT';
}

/** How well a memory's time fits a range that a query names. */

import type { TimeRange } from './types.ts';

/**
 * 1 for a memory within the range, else 2^(−distance / scale): never 0 for a near miss, so that it ranks and does not
 * filter.
 *
 * @param createdAt when it happened, ms since the epoch.
 * @param sessionEnd when its session ended, ms: what lasts into the range is in it. Default: createdAt.
 * @returns 0–1.
 */
export function timeMatch(
  { fromMs, toMs, scaleMs }: Pick<TimeRange, 'fromMs' | 'toMs' | 'scaleMs'>,
  createdAt: number,
  sessionEnd = createdAt,
): number {
  const last = Math.max(createdAt, sessionEnd);
  // The range's end is the first moment that is not in it.
  const distance = createdAt >= toMs ? createdAt - toMs + 1 : Math.max(0, fromMs - last);
  return distance === 0 ? 1 : 2 ** (-distance / scaleMs);
}

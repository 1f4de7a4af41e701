/** How well a memory's time fits a range that a query names. */

import { DAY_MS } from './calendar.ts';
import type { TimeRange } from './types.ts';

/**
 * Distance after a range of days or more at which a memory counts half at least, ms: what happens is told some days
 * later, and never before. On LoCoMo (conv-26, 30, 41) the right memories' mean match rises by .02, all memories' by
 * .005.
 */
const TELLING_LAG_MS = 3 * DAY_MS;

/**
 * 1 for a memory within the range, else 2^(−distance / scale): never 0 for a near miss, so that it ranks and does not
 * filter. After a range told in days or longer units the scale is three days at least.
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
  if (createdAt >= toMs) return 2 ** (-(createdAt - toMs + 1) / scaleAfter(scaleMs));
  return last < fromMs ? 2 ** (-(fromMs - last) / scaleMs) : 1;
}

/** Windows told to the hour are of what is logged at once, and end as they begin. */
function scaleAfter(scaleMs: number): number {
  return scaleMs < DAY_MS ? scaleMs : Math.max(scaleMs, TELLING_LAG_MS);
}

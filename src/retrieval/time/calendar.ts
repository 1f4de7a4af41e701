/** Calendar arithmetic in local time, which is held as if it were UTC: no clock or zone of the host comes in. */

export type Unit =
  | 'minute'
  | 'hour'
  | 'day'
  | 'weekend'
  | 'week'
  | 'month'
  | 'quarter'
  | 'season'
  | 'year'
  | 'decade';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** Mean length of a unit, ms; a weekend stands for the week in which it comes again. */
export const UNIT_MS: Readonly<Record<Unit, number>> = {
  minute: MINUTE_MS,
  hour: HOUR_MS,
  day: DAY_MS,
  weekend: 7 * DAY_MS,
  week: 7 * DAY_MS,
  month: 30.44 * DAY_MS,
  quarter: 91.3 * DAY_MS,
  season: 91.3 * DAY_MS,
  year: 365.25 * DAY_MS,
  decade: 3652.5 * DAY_MS,
};

/** Months of the units that are made of months. */
const MONTHS: Partial<Record<Unit, number>> = { month: 1, quarter: 3, season: 3, year: 12, decade: 120 };

/** A stretch of local time, its end not in it. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** A day's midnight; months beyond 0–11 run into other years. */
export function dateOf(year: number, month: number, day = 1): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month, day);
  return date.getTime();
}

/** The beginning of the unit that a moment lies in; weeks begin on Monday, a weekend is one of its week. */
export function startOf(ms: number, unit: Unit): number {
  const date = new Date(ms);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  switch (unit) {
    case 'minute':
    case 'hour':
    case 'day':
      return Math.floor(ms / UNIT_MS[unit]) * UNIT_MS[unit];
    case 'week':
      return startOf(ms, 'day') - ((date.getUTCDay() + 6) % 7) * DAY_MS;
    case 'weekend':
      return startOf(ms, 'week') + 5 * DAY_MS;
    case 'month':
      return dateOf(year, month);
    case 'quarter':
      return dateOf(year, month - (month % 3));
    // December begins one.
    case 'season':
      return dateOf(year, month - ((month + 1) % 3));
    case 'year':
      return dateOf(year, 0);
    case 'decade':
      return dateOf(year - (year % 10), 0);
  }
}

/** A moment some units later or earlier; of months the same day, or their last one. */
export function addUnits(ms: number, unit: Unit, count: number): number {
  const months = MONTHS[unit];
  if (months === undefined || !Number.isInteger(count)) return ms + count * UNIT_MS[unit];
  const date = new Date(ms);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + months * count];
  const lastDay = new Date(dateOf(year, month + 1, 0)).getUTCDate();
  const day = dateOf(year, month, Math.min(date.getUTCDate(), lastDay));
  return day + (ms - startOf(ms, 'day'));
}

/** The unit that a moment lies in, or the one so many later. */
export function stretchOf(ms: number, unit: Unit, shift = 0): Stretch {
  const from = addUnits(startOf(ms, unit), unit, shift);
  return { from, to: unit === 'weekend' ? from + 2 * DAY_MS : addUnits(from, unit, 1) };
}

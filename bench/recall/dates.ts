/** When something was said, as data sets write it; taken as UTC where no zone is named. */

import { parse } from 'chrono-node';
import { parse as parseDate } from 'date-fns';

/** "1:56 pm on 8 May, 2023" */
const LOCOMO_FORMAT = "h:mm aaa 'on' d MMMM, yyyy XXX";
/** Numbers below are seconds: in ms they would be of the first weeks of 1970. */
const LEAST_MS = 1e11;

/** ms since the epoch; undefined where it cannot be told. */
export function dateOf(written: unknown): number | undefined {
  if (typeof written === 'number' && Number.isFinite(written))
    return Math.abs(written) < LEAST_MS ? written * 1_000 : written;
  if (typeof written !== 'string' || written.trim() === '') return undefined;
  const text = written.trim();
  const locomo = parseDate(`${text} +00:00`, LOCOMO_FORMAT, new Date(0)).getTime();
  if (!Number.isNaN(locomo)) return locomo;
  if (/^\d{9,13}$/.test(text)) return dateOf(Number(text));
  const iso = isoOf(text);
  if (!Number.isNaN(iso)) return iso;
  // What tells no year, such as "Monday" or "yesterday", tells no date here.
  if (!/\b\d{4}\b/.test(text)) return undefined;
  const [found] = parse(text, { instant: new Date(0), timezone: 'UTC' });
  return found?.start.isCertain('year') ? found.start.date().getTime() : undefined;
}

/** `Date.parse` takes a time without a zone as local. */
function isoOf(text: string): number {
  const match =
    /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)\s*(Z|[+-]\d{2}:?\d{2})?)?$/i.exec(text);
  if (match === null) return Number.NaN;
  const [, day, time = '00:00', zone = 'Z'] = match;
  return Date.parse(`${day}T${time}${zone}`);
}

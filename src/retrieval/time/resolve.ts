/** Reads what a query says of time, against a moment that is now. */

import { MAX_TIME_CHARS } from '../../limits.ts';
import { readAnchors } from './anchors.ts';
import { loadDateParser } from './date-parser.ts';
import { type DateParser, mayHaveDate, readDates } from './dates.ts';
import { combine, leadingPhrases } from './phrases.ts';
import { readRelative, readYears } from './relative.ts';
import { blank, overlaps, type Reference, type Span, scaleOf } from './spans.ts';
import { EARLIEST_MS, LATEST_MS, type QueryTimes, type TimeOptions, type TimeRange } from './types.ts';

const NOTHING: QueryTimes = { ranges: [], anchors: [] };
const MINUTE_MS = 60_000;

/** Words without which a query says nothing of time. */
const TIME_HINT =
  /\d{4}|\d[-/.]\d|\b(?:ago|yesterday|today|tonight|tomorrow|last|past|previous|this|next|coming|since|before|after|during|prior|following|until|till|between|around|time of|days?|weeks?|months?|years?|weekend|spring|summer|autumn|fall|winter|q[1-4]|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun)\w*)\b/iu;

/**
 * The times that a query names, and those that hang on an event. English only: a query in another language names
 * none but dates such as 2023-05-08.
 *
 * A day or month without a year is the latest that has begun by the reference (unless a direction is given), "last week" is the week before this
 * one from Monday on, "in the last 48 hours" ends at the reference, "spring" is March to May unless the hemisphere is
 * southern, and 5/8/2023 is 8 May. Durations, habits and times of no day ("for three years", "every Friday", "at 5")
 * name none.
 *
 * @param referenceMs the moment that "now" means, ms since the epoch.
 * @param load the library that reads dates. Default: waited for as long as it takes; {@link createDateParserLoader} ends that.
 * @example
 * await resolveTimes('What broke in the last 48 hours?', Date.now());
 * // { ranges: [{ fromMs: …, toMs: …, text: 'last 48 hours', kind: 'range', isOpenEnded: false, scaleMs: 10_800_000 }], anchors: [] }
 */
export async function resolveTimes(
  query: string,
  referenceMs: number,
  { utcOffsetMinutes = 0, hemisphere = 'northern', direction = 'past' }: TimeOptions = {},
  load: () => Promise<DateParser> = loadDateParser,
): Promise<QueryTimes> {
  const text = query.slice(0, MAX_TIME_CHARS);
  if (!TIME_HINT.test(text)) return NOTHING;
  const offsetMs = utcOffsetMinutes * MINUTE_MS;
  const reference: Reference = { now: referenceMs + offsetMs, hemisphere, direction };
  const relative = readRelative(text, reference);
  const rest = blank(text, [...relative, ...leadingPhrases(text)]);
  const { dates, degraded } = mayHaveDate(rest) ? await datesOf(text, rest, reference, load) : NO_DATES;
  const known = [...relative, ...dates];
  const spans = combine(text, [...known, ...readYears(text, known, reference)], reference);
  const placed = readAnchors(text, spans);
  // "In the last 48 hours before the wedding": these are not the last until now.
  const isOwn = (span: Span) => !placed.some((anchor) => overlaps(anchor, span));
  const own = spans.filter((span) => isOwn(span) && isWithinTime(span));
  const ranges = own.map((span) => toRange(text, span, offsetMs));
  const times = { ranges, anchors: placed.map(({ anchor }) => anchor) };
  return degraded === undefined ? times : { ...times, degraded };
}

const NO_DATES = { dates: [], degraded: undefined };

async function datesOf(
  query: string,
  rest: string,
  reference: Reference,
  load: () => Promise<DateParser>,
): Promise<{ readonly dates: readonly Span[]; readonly degraded: string | undefined }> {
  try {
    return { dates: readDates(rest, query, await load(), reference), degraded: undefined };
  } catch (error) {
    // Without dates the words still find what they find: the search goes on and says so.
    const why = error instanceof Error ? error.message : String(error);
    return { dates: [], degraded: `the query's dates could not be read: ${why}` };
  }
}

/** Whether dates can hold it: from a text told at the end of all time, "next month" is none. */
function isWithinTime({ from, to }: Span): boolean {
  return Number.isFinite(from) && Number.isFinite(to);
}

function toRange(query: string, span: Span, offsetMs: number): TimeRange {
  const { from, to, start, end, kind, isOpenEnded = false, scaleMs = scaleOf(to - from) } = span;
  return {
    fromMs: from === EARLIEST_MS ? from : from - offsetMs,
    toMs: to === LATEST_MS ? to : to - offsetMs,
    text: query.slice(start, end).trim(),
    kind,
    isOpenEnded,
    scaleMs,
  };
}

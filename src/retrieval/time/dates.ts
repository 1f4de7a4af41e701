/** Dates and weekdays of a text, found by chrono-node; which of its finds are none is decided here. */

import { DAY_MS, dateOf, type Stretch, startOf, stretchOf, UNIT_MS, type Unit } from './calendar.ts';
import { inDirection, overlaps, type Reference, type Span } from './spans.ts';
import { isPhraseEnd, MONTH_NAMES } from './words.ts';

/** The parser of dates: `chrono-node/en`, loaded when a query first needs it. */
export type DateParser = Pick<typeof import('chrono-node/en'), 'parse'>;
type ParsedResult = ReturnType<DateParser['parse']>[number];
type ParsedComponents = ParsedResult['start'];

const MONTH = `(?:${MONTH_NAMES.map((name) => `${name.slice(0, 3)}(?:${name.slice(3)})?`).join('|')}|sept)`;
const WEEKDAY = '(?:mon|tue(?:s)?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?';
/** What a text must have before the library is asked. */
const DATE_HINT = new RegExp(
  `\\b(?:${MONTH}|${WEEKDAY})\\b|\\d{1,4}[-/.]\\d{1,2}[-/.]\\d{1,4}|\\b(?:19|20)\\d\\d[-/]\\d\\d\\b|\\b\\d{1,2}/(?:19|20)\\d\\d\\b`,
  'iu',
);

/** Whether a text may hold a date that {@link readDates} finds. */
export function mayHaveDate(text: string): boolean {
  return DATE_HINT.test(text);
}

/**
 * The dates of a query; those without a year lie in the direction of the reference.
 *
 * @param text the query with blanks in place of the times that are known.
 */
export function readDates(
  text: string,
  query: string,
  { parse }: DateParser,
  reference: Reference,
): readonly Span[] {
  // To the library, which knows no local time of ours, local time is UTC.
  const results = parse(withRanges(text), { instant: new Date(reference.now), timezone: 0 });
  const dates = results.flatMap((result): Span[] => {
    if (isNoDate(result, query)) return [];
    const stretch = stretchOfResult(result, query, reference);
    const end = result.index + result.text.length;
    return [{ ...stretch, start: result.index, end: end - trailing(result.text) }];
  });
  return [...dates, ...readMay(text, query, dates, reference)];
}

/** May without a number, which the library takes for a verb unless "in" stands before it. */
function readMay(text: string, query: string, known: readonly Span[], reference: Reference): readonly Span[] {
  return [...text.matchAll(/\bmay\b(?!\s*\d)/giu)].flatMap(({ 0: words, index }): Span[] => {
    const place = { start: index, end: index + words.length };
    if (known.some((span) => overlaps(span, place))) return [];
    const before = query.slice(0, index);
    if (isNoMonth(words, before, query, place.end)) return [];
    const which = /\b(last|past|this|next)\s+$/iu.exec(before)?.[1];
    const stretch = ofYears((year) => stretchOf(dateOf(year, 4), 'month'), reference, which);
    return [{ ...stretch, ...place, unit: 'month', kind: 'range', hasYear: false }];
  });
}

/** "from 3 to 9 May" and "between 3 and 9 May" as the library reads them, in the same number of characters. */
function withRanges(text: string): string {
  return text
    .replace(/\b(from|between)(?=\s+\d{1,2}(?:st|nd|rd|th)?\b)/giu, (word) => ' '.repeat(word.length))
    .replace(
      new RegExp(
        `(\\d{1,2}(?:st|nd|rd|th)?\\s+)and(?=\\s+\\d{1,2}(?:st|nd|rd|th)?(?:\\s+of)?\\s+${MONTH}\\b)`,
        'giu',
      ),
      '$1 to',
    );
}

function trailing(text: string): number {
  return text.length - text.trimEnd().length;
}

/** Names of women, too: with no number beside them they need a word that tells of time. */
const GIVEN_NAMES = /^(?:april|may|june|august)$/iu;
const TIME_WORD =
  /\b(?:in|since|during|until|till|last|past|this|next|early|mid|late|throughout|through|between|before|after|around|month of|(?:end|start|beginning|middle|half|rest|part|quarter|weeks?|weekends?|days?) (?:of|in))[\s-]+$/iu;
const RANGE_WORD = new RegExp(
  `(?:\\b(?:from|by|of|for)|\\b${MONTH}(?:\\s+(?:19|20)\\d\\d)?\\s*(?:-|–|to|and|or|until|through))[\\s-]*$`,
  'iu',
);

/** Whether the library took for a date what is none. */
function isNoDate(result: ParsedResult, text: string): boolean {
  const { index, text: found, start } = result;
  const all = [...result.tags()].join(' ');
  // Told from now ("for three years", "the day after"): read elsewhere, or no time at all.
  if (/relativeDate|ENCasualDate|casualReference\/now/.test(all)) return true;
  const has = (part: 'day' | 'weekday' | 'month' | 'year') => start.isCertain(part);
  if (!has('day') && !has('weekday') && !has('month') && !has('year')) return true;
  const before = text.slice(0, index);
  const words = found.trim();
  if (/^[\d./-]+$/.test(words))
    return !/(?:19|20)\d\d/.test(words) || /(?:\bv|version|build|release|[\d.])\s*$/i.test(before);
  if (!has('day') && has('weekday')) return isNoWeekday(words, before, text.slice(index + words.length));
  if (has('year') || result.end?.isCertain('month')) return false;
  if (has('day')) return isNoDay(words, before);
  return isNoMonth(words, before, text, index + words.length);
}

/** "Sun", "sat", "wed" are words of their own; "Sundays" and "every Sunday" are no day; "Sunday's" may be a place. */
function isNoWeekday(words: string, before: string, after: string): boolean {
  const name = /[a-z]+/giu.exec(words.replace(/^(?:on|last|this|next|past)\s+/iu, ''))?.[0] ?? '';
  const isShort = !/day$/iu.test(name);
  const hasWord =
    /^(?:on|last|this|next|past)\s/iu.test(words) ||
    /\b(?:on|since|until|till|by|before|after|last|next|this)\s+$/iu.test(before);
  if (isShort && !(hasWord && /^\p{Lu}/u.test(name))) return true;
  if (/\b(?:every|each|black|good|ash|palm|easter|cyber|at)\s+$/iu.test(before)) return true;
  return /^s\b/u.test(after);
}

/** "may 2 of them come": a verb and a count. */
function isNoDay(words: string, before: string): boolean {
  if (!/^(?:may|march)\s+\d+$/u.test(words)) return false;
  return !/\b(?:on|since|until|till|by|before|after|from|to|of|between|and|around)\s+$/u.test(before);
}

/** A month without day or year: a verb, a person or a month. */
function isNoMonth(words: string, before: string, text: string, end: number): boolean {
  const after = text.slice(end);
  const name = /[a-z]+$/iu.exec(words)?.[0] ?? '';
  const isName = GIVEN_NAMES.test(name);
  if (!TIME_WORD.test(before) && !/^(?:in|last|this|next|early|mid|late)\b/iu.test(words)) {
    if (isName && !new RegExp(`${MONTH}\\s*(?:-|–|to|and|or|until|through)\\s*$`, 'iu').test(before))
      return !new RegExp(`^\\s*(?:-|–|to|and|until|through)\\s*${MONTH}\\b`, 'iu').test(after);
    if (!RANGE_WORD.test(before))
      return !new RegExp(`^\\s*(?:-|–|to|until|through)\\s*${MONTH}\\b`, 'iu').test(after);
  }
  // "after April called", "in June's house", "since April Smith left".
  if (isName && /^['’]s\b/u.test(after)) return true;
  if (isName && /\b(?:before|after|around)\s+$/iu.test(before))
    return !isPhraseEnd(text, end) || /^\s+\p{Lu}/u.test(after);
  return false;
}

type Reading = Pick<Span, 'from' | 'to' | 'unit' | 'kind' | 'hasYear'>;

function stretchOfResult(
  { start, end, text: found, index }: ParsedResult,
  text: string,
  reference: Reference,
): Reading {
  const which =
    /\b(last|past|this|next)\s+$/iu.exec(text.slice(0, index))?.[1] ??
    /^(last|past|this|next)\s/iu.exec(found)?.[1];
  const hasYear = start.isCertain('year') || (end?.isCertain('year') ?? false);
  if (!start.isCertain('day') && start.isCertain('weekday'))
    return { ...weekday(start, reference, which), unit: 'day', kind: 'point', hasYear: true };
  const unit = unitOf(start);
  const year = yearOf(start) ?? (end && yearOf(end)) ?? start.get('year') ?? 0;
  const read = (of: number) => (end ? fromTo(start, end, of) : stretchIn(start, of));
  const kind = end || unit === 'month' || unit === 'year' ? 'range' : 'point';
  return { ...(hasYear ? read(year) : ofYears(read, reference, which)), unit, kind, hasYear };
}

function yearOf(components: ParsedComponents): number | undefined {
  return components.isCertain('year') ? (components.get('year') ?? undefined) : undefined;
}

/** From one date to another; "June to May" runs into the next year. */
function fromTo(start: ParsedComponents, end: ParsedComponents, year: number): Stretch {
  const first = stretchIn(start, yearOf(start) ?? year);
  const last = stretchIn(end, yearOf(end) ?? year);
  if (first.from < last.to) return { from: first.from, to: last.to };
  if (yearOf(start) === undefined && yearOf(end) !== undefined)
    return { from: stretchIn(start, year - 1).from, to: last.to };
  if (yearOf(end) === undefined) return { from: first.from, to: stretchIn(end, year + 1).to };
  return { from: last.from, to: first.to };
}

/** A date without year as the reference has it; "last May" is over, "next May" is to come. */
function ofYears(read: (year: number) => Stretch, reference: Reference, which: string | undefined): Stretch {
  const { now } = reference;
  const thisYear = new Date(now).getUTCFullYear();
  const [previous, current, next] = [read(thisYear - 1), read(thisYear), read(thisYear + 1)];
  if (which?.toLowerCase() === 'this') return current;
  if (which?.toLowerCase() === 'next') return current.from > now ? current : next;
  if (which !== undefined) return current.to <= now ? current : previous;
  return inDirection([previous, current, next], reference);
}

/** Such a weekday as the reference has it, today included unless it is the last or next one. */
function weekday(start: ParsedComponents, reference: Reference, which: string | undefined): Stretch {
  const { now } = reference;
  const back = (new Date(now).getUTCDay() - (start.get('weekday') ?? 0) + 7) % 7;
  const today = startOf(now, 'day');
  const latest = stretchOf(today - back * DAY_MS, 'day');
  if (which === undefined || /^this$/iu.test(which))
    return inDirection([latest, stretchOf(today - (back - 7) * DAY_MS, 'day')], reference);
  if (/^next$/iu.test(which)) return stretchOf(today + (7 - back) * DAY_MS, 'day');
  return stretchOf(today - (back === 0 ? 7 : back) * DAY_MS, 'day');
}

function unitOf(components: ParsedComponents): Unit {
  if (components.isCertain('hour')) return components.isCertain('minute') ? 'minute' : 'hour';
  if (components.isCertain('day')) return 'day';
  return components.isCertain('month') ? 'month' : 'year';
}

function stretchIn(components: ParsedComponents, year: number): Stretch {
  const unit = unitOf(components);
  const get = (part: 'month' | 'day' | 'hour' | 'minute') => components.get(part) ?? 0;
  const isLong = unit === 'month' || unit === 'year';
  const day = dateOf(year, get('month') - 1, isLong ? 1 : get('day'));
  if (unit !== 'hour' && unit !== 'minute') return stretchOf(day, unit);
  return stretchOf(day + get('hour') * UNIT_MS.hour + get('minute') * UNIT_MS.minute, unit);
}

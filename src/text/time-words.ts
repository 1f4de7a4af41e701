/**
 * Words of time: the year, month, day, weekday and season of a moment as terms of a field of their own, and the
 * words of a query that name them. All are of UTC; the seasons are those of the north.
 */

import { dropAccents } from './characters.ts';
import { TERM_MARK } from './terms.ts';

const SEASONS = ['winter', 'spring', 'summer', 'autumn'] as const;
/** Any Sunday: names of weekdays are asked of the platform for it and the days after it. */
const A_SUNDAY = Date.UTC(2023, 0, 1);
const DAY_MS = 86_400_000;

/** English words that often mean something else: they count where what stands beside them speaks of time. */
const AMBIGUOUS: ReadonlySet<string> = new Set([
  'may',
  'march',
  'mar',
  'sat',
  'sun',
  'wed',
  'fall',
  'spring',
]);
/** What stands before a word that means a time. */
const BEFORE_TIMES: ReadonlySet<string> = new Set(
  'in of since until till by from to last next this during early mid late before after every each on'.split(
    ' ',
  ),
);
const MORE_ENGLISH: readonly (readonly [string, string])[] = [
  ['sept', month(8)],
  ['tues', weekday(2)],
  ['thur', weekday(4)],
  ['thurs', weekday(4)],
  ['fall', season(9)],
  ...SEASONS.map((name) => [name, `${TERM_MARK}${name}`] as const),
];

/** A word of a query, in lower case, and the time that it names. */
export interface TimeWord {
  readonly word: string;
  readonly term: string;
}

/**
 * The terms of a moment: five, of which each is shared by all memories of that year, month of any year, day of any
 * month, weekday or season.
 *
 * @param time ms since the epoch.
 */
export function timeTermsOf(time: number): readonly string[] {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return [];
  return [
    year(date.getUTCFullYear()),
    month(date.getUTCMonth()),
    day(date.getUTCDate()),
    weekday(date.getUTCDay()),
    season(date.getUTCMonth()),
  ];
}

function year(number: number): string {
  return `${TERM_MARK}y${number}`;
}

/** @param number from 0. */
function month(number: number): string {
  return `${TERM_MARK}m${number + 1}`;
}

function day(number: number): string {
  return `${TERM_MARK}d${number}`;
}

/** @param number from 0, Sunday. */
function weekday(number: number): string {
  return `${TERM_MARK}w${number}`;
}

/** @param number of the month, from 0. */
function season(number: number): string {
  return `${TERM_MARK}${SEASONS[Math.floor(((number + 1) % 12) / 3)]}`;
}

/** Finds words of time in queries of a language, which it asks the platform for the names of. */
export class TimeWords {
  readonly #language: string;
  /** Made for the first query: the platform's formats take milliseconds. */
  #names: ReadonlyMap<string, string> | undefined;

  /** @param language ISO 639-1; English names are known in all. */
  constructor(language: string) {
    this.#language = language;
  }

  /** The words of time of a query, in order; numbers count where they can only be years or days. */
  find(query: string): readonly TimeWord[] {
    const words = query.normalize('NFKC').match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
    const lower = words.map((word) => word.toLowerCase());
    const terms = lower.map((word, at) => this.#nameAt(words, lower, at) ?? yearOf(word));
    lower.forEach((word, at) => {
      terms[at] ??= dayAt(word, at, terms);
    });
    const found = lower.flatMap((word, at) => {
      const term = terms[at];
      return term === undefined ? [] : [{ word, term }];
    });
    return [...found, ...isoDates(query)];
  }

  #nameAt(words: readonly string[], lower: readonly string[], at: number): string | undefined {
    const word = lower[at] as string;
    this.#names ??= namesIn(this.#language);
    const term = this.#names.get(word) ?? this.#names.get(dropAccents(word));
    if (term === undefined || !AMBIGUOUS.has(word)) return term;
    const isCapital = at > 0 && words[at] !== word;
    const before = lower[at - 1] === 'the' ? lower[at - 2] : lower[at - 1];
    const isBesideNumber = [lower[at - 1], lower[at + 1]].some((other) => /^\d/.test(other ?? ''));
    // Of short forms the sun and the past of "sit" are too common for that.
    const isTimed = (word.length > 3 || word === 'may') && BEFORE_TIMES.has(before ?? '');
    return isCapital || isBesideNumber || isTimed ? term : undefined;
  }
}

function namesIn(language: string): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const locale of new Set([language, 'en'])) addNames(names, locale);
  for (const [word, term] of MORE_ENGLISH) names.set(word, term);
  return names;
}

function addNames(names: Map<string, string>, locale: string): void {
  const add = (name: string, term: string) => {
    const word = name.toLowerCase().replace(/\.$/, '');
    if (!/^[\p{L}\p{M}]+$/u.test(word)) return;
    names.set(word, term);
    names.set(dropAccents(word), term);
  };
  for (const style of ['long', 'short'] as const) {
    // Beside a day a month's name is in another case in some languages.
    const formats = [{ month: style }, { month: style, day: 'numeric' }] as const;
    for (const format of formats.map((options) => formatOf(locale, options)))
      for (let number = 0; number < 12; number += 1)
        add(partOf(format, 'month', Date.UTC(2023, number, 1)), month(number));
    const days = formatOf(locale, { weekday: style });
    for (let number = 0; number < 7; number += 1)
      add(partOf(days, 'weekday', A_SUNDAY + number * DAY_MS), weekday(number));
  }
}

function formatOf(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC', calendar: 'gregory' });
}

function partOf(format: Intl.DateTimeFormat, type: 'month' | 'weekday', time: number): string {
  return format.formatToParts(time).find((part) => part.type === type)?.value ?? '';
}

function yearOf(word: string): string | undefined {
  return /^(?:19|20)\d\d$/.test(word) ? year(Number(word)) : undefined;
}

/** A day of the month: an ordinal number, or a number near a month's name. */
function dayAt(word: string, at: number, terms: readonly (string | undefined)[]): string | undefined {
  const [, digits, suffix] = /^(\d{1,2})(st|nd|rd|th)?$/.exec(word) ?? [];
  const number = Number(digits);
  if (!(number >= 1 && number <= 31)) return undefined;
  const near = [terms[at - 1], terms[at + 1], terms[at + 2]];
  const isNearMonth = near.some((term) => term?.startsWith(`${TERM_MARK}m`));
  return suffix !== undefined || isNearMonth ? day(number) : undefined;
}

/** Months and days of dates like 2023-05-07, whose years are words. */
function isoDates(query: string): readonly TimeWord[] {
  return [...query.matchAll(/\b(?:19|20)\d\d-(\d\d)(?:-(\d\d))?\b/g)].flatMap(
    ([, monthDigits, dayDigits]) => {
      const found: TimeWord[] = [];
      const [monthNumber, dayNumber] = [Number(monthDigits), Number(dayDigits)];
      if (monthNumber >= 1 && monthNumber <= 12)
        found.push({ word: monthDigits as string, term: month(monthNumber - 1) });
      if (dayNumber >= 1 && dayNumber <= 31) found.push({ word: dayDigits as string, term: day(dayNumber) });
      return found;
    },
  );
}

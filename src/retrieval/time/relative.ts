/** Times that are told from now or by the calendar's own units: "two weeks ago", "last spring", "in 2022". */

import {
  addUnits,
  DAY_MS,
  dateOf,
  type Stretch,
  startOf,
  stretchOf,
  UNIT_MS,
  type Unit,
} from './calendar.ts';
import { exactScaleOf, inDirection, overlaps, type Reference, type Span } from './spans.ts';
import { AMOUNT, amountOf, isPhraseEnd, SEASON, seasonMonth, UNIT, unitOf, YEAR } from './words.ts';

type Reading = Omit<Span, 'start' | 'end'>;

/** A pattern, and what its words mean; none where they mean something else here. */
interface Rule {
  readonly pattern: RegExp;
  readonly read: (match: RegExpExecArray, reference: Reference) => Reading | undefined;
}

const HALF_HOUR_MS = UNIT_MS.hour / 2;

function period(stretch: Stretch, unit: Unit, hasYear = true): Reading {
  return { ...stretch, unit, kind: unit === 'day' ? 'point' : 'range', hasYear };
}

/** A distance from now, as wide as the unit it is told in: "two weeks ago" is a week, with its middle there. */
function ago([, amount = '', word = '']: RegExpExecArray, { now }: Reference): Reading {
  const { unit, times } = unitOf(word);
  const { least, most } = amountOf(amount);
  const margin = unit === 'minute' ? HALF_HOUR_MS : (UNIT_MS[unit] * Math.min(1, least)) / 2;
  const [late, early] = [addUnits(now, unit, -least * times), addUnits(now, unit, -most * times)];
  if (unit === 'day')
    return { from: startOf(early, 'day'), to: stretchOf(late, 'day').to, unit, kind: 'point', hasYear: true };
  return { from: early - margin, to: Math.min(now, late + margin), unit, kind: 'point', hasYear: true };
}

/** A distance ahead of now; of what is over "in two weeks" is how long it took. */
function ahead(
  [, amount = '', word = '']: RegExpExecArray,
  { now, direction }: Reference,
): Reading | undefined {
  if (direction !== 'future') return undefined;
  const { unit, times } = unitOf(word);
  const { least, most } = amountOf(amount);
  const [near, far] = [addUnits(now, unit, least * times), addUnits(now, unit, most * times)];
  if (unit === 'day')
    return { from: startOf(near, 'day'), to: stretchOf(far, 'day').to, unit, kind: 'point', hasYear: true };
  const margin = unit === 'minute' ? HALF_HOUR_MS : (UNIT_MS[unit] * Math.min(1, least)) / 2;
  return { from: Math.max(now, near - margin), to: far + margin, unit, kind: 'point', hasYear: true };
}

function rolling(amount: string, word: string, { now }: Reference): Reading {
  const { unit, times } = unitOf(word);
  const from = addUnits(now, unit, -amountOf(amount).most * times);
  // The moment itself belongs to it.
  return { from, to: now + 1, unit, kind: 'range', hasYear: true, scaleMs: exactScaleOf(now - from) };
}

/** "Did it last two hours": a verb, unless an article or a preposition stands before it. */
function isVerb({ 0: words, input, index, 1: amount = '' }: RegExpExecArray): boolean {
  const before = input.slice(0, index);
  if (/^an?$/i.test(amount)) return true;
  if (/^half/i.test(amount) && /^(?:past|previous)/i.test(words)) return false;
  if (/\b(?:the|these|those|in|over|during|within|for|from|of|since)\s+$/i.test(before)) return false;
  if (/^half an?$/i.test(amount)) return true;
  return /\b(?:did|does|do|will|would|can|could|should|might|may|to)\b[^,.;?!]*$/i.test(before);
}

/** "last", "this" or "next" and a unit of the calendar. */
function calendar(which: string, word: string, { now }: Reference): Reading {
  const { unit } = unitOf(word);
  return period(stretchOf(now, unit, shiftOf(which)), unit);
}

function shiftOf(which: string): number {
  if (/^(?:this|current)$/i.test(which)) return 0;
  return /^(?:next|coming|upcoming)$/i.test(which) ? 1 : -1;
}

/** The season of a year, or the one that is meant from now. */
function season(word: string, reference: Reference, year?: number, which?: string): Reading {
  const { now, hemisphere } = reference;
  const month = seasonMonth(word, hemisphere);
  const begin = (of: number) => dateOf(of, month);
  const end = (of: number) => addUnits(begin(of), 'season', 1);
  const read = (of: number) => period({ from: begin(of), to: end(of) }, 'season', year !== undefined);
  if (year !== undefined) return read(year);
  const thisYear = new Date(now).getUTCFullYear();
  if (which !== undefined && shiftOf(which) > 0) return read(begin(thisYear) > now ? thisYear : thisYear + 1);
  if (which !== undefined && shiftOf(which) === 0)
    return read(end(thisYear - 1) > now ? thisYear - 1 : thisYear);
  if (which !== undefined) return read([thisYear, thisYear - 1].find((of) => end(of) <= now) ?? thisYear - 2);
  return period(
    inDirection([read(thisYear - 1), read(thisYear), read(thisYear + 1)], reference),
    'season',
    false,
  );
}

/** A quarter; without a year as the reference has it. */
function quarter(which: number, reference: Reference, year?: number): Reading {
  const thisYear = new Date(reference.now).getUTCFullYear();
  const read = (of: number) => stretchOf(dateOf(of, (which - 1) * 3), 'quarter');
  if (year !== undefined) return period(read(year), 'quarter');
  const stretch = inDirection([read(thisYear - 1), read(thisYear), read(thisYear + 1)], reference);
  return period(stretch, 'quarter', false);
}

/** Hours of the parts of a day: from, to. */
const DAY_PARTS: Readonly<Record<string, readonly [number, number]>> = {
  morning: [5, 12],
  afternoon: [12, 18],
  evening: [17, 24],
  night: [18, 30],
};

/** A day so many from today, or a part of it. */
function day(shift: number, { now }: Reference, part?: string): Reading {
  const midnight = startOf(now, 'day') + shift * DAY_MS;
  const [from, to] = DAY_PARTS[part?.toLowerCase() ?? ''] ?? [0, 24];
  return period({ from: midnight + from * UNIT_MS.hour, to: midnight + to * UNIT_MS.hour }, 'day');
}

/** What stands before a season that is a time: "in the spring", not "spring cleaning". */
const SEASON_BEFORE =
  /\b(?:in|during|since|over|until|till|throughout|early|mid|late|of)[\s-]+(?:the\s+)?$/iu;
/** Characters before a time that are looked at: more than the longest of these phrases. */
const LOOK_BACK_CHARS = 64;

// Not by lookbehind, which Safari has had since 16.4 only.
function textBefore({ input, index }: RegExpExecArray): string {
  return input.slice(Math.max(0, index - LOOK_BACK_CHARS), index);
}

const DAYS = { yesterday: -1, today: 0, tonight: 0, tomorrow: 1 } as const;
const ORDINALS = ['first', 'second', 'third', 'fourth'];
const LAST = '(last|previous|this|current|next|coming|upcoming)';
const CALENDAR_UNIT = '(weekend|week|month|quarter|year|decade)';
const rule = (source: string, read: Rule['read']): Rule => ({ pattern: new RegExp(source, 'giu'), read });

/** Earlier ones take precedence where two would match. */
const RULES: readonly Rule[] = [
  rule(`\\b${AMOUNT}\\s+${UNIT}\\s+ago\\b`, ago),
  rule(`\\b${AMOUNT}\\s+${UNIT}\\s+from\\s+(?:now|today)\\b`, ahead),
  rule(`\\bin\\s+${AMOUNT}\\s+${UNIT}\\b(?!['’]|\\s+(?:from|of|before|after|or)\\b)`, ahead),
  rule(`\\b(?:last|past|previous)\\s+${AMOUNT}[\\s-]*${UNIT}\\b`, (match, reference) =>
    isVerb(match) ? undefined : rolling(match[1] ?? '', match[2] ?? '', reference),
  ),
  rule(
    `\\b(?:in|over|during|within|for|throughout)\\s+the\\s+(?:last|past|previous)\\s+(hour|day|week|month|quarter|year|decade)\\b(?!\\s+(?:of|before|after)\\b)`,
    ([, unit = ''], reference) => rolling('1', unit, reference),
  ),
  rule(
    `\\bpast\\s+(hour|day|week|month|quarter|year|decade)\\b(?!\\s+(?:of|before|after)\\b)`,
    ([, unit = ''], reference) => rolling('1', unit, reference),
  ),
  rule(`\\bthe\\s+${CALENDAR_UNIT}\\s+before\\s+last\\b`, ([, unit = ''], { now }) =>
    period(stretchOf(now, unitOf(unit).unit, -2), unitOf(unit).unit),
  ),
  rule(
    `\\b(?:${LAST}|past)\\s+${CALENDAR_UNIT}\\b(?!\\s+(?:of|in|before|after|prior)\\b)`,
    ([, which = 'last', unit = ''], reference) => calendar(which, unit, reference),
  ),
  rule(`\\b${SEASON}(?:\\s+of)?,?\\s+${YEAR}\\b`, ([, name = '', year], reference) =>
    season(name, reference, Number(year)),
  ),
  rule(`\\b(last|past|previous|this|next|coming)\\s+${SEASON}\\b`, ([, which, name = ''], reference) =>
    season(name, reference, undefined, which),
  ),
  rule(`\\b${SEASON}\\b`, (match, reference) =>
    SEASON_BEFORE.test(textBefore(match)) && isPhraseEnd(match.input, match.index + match[0].length)
      ? season(match[1] ?? '', reference)
      : undefined,
  ),
  rule(`\\bthe\\s+day\\s+before\\s+yesterday\\b`, (_, reference) => day(-2, reference)),
  rule(`\\bthe\\s+day\\s+after\\s+tomorrow\\b`, (_, reference) => day(2, reference)),
  rule(
    `\\b(yesterday|today|tomorrow|tonight)(?:\\s+(morning|afternoon|evening|night))?\\b`,
    ([, name = '', part], reference) => {
      const word = name.toLowerCase() as keyof typeof DAYS;
      return day(DAYS[word], reference, word === 'tonight' ? 'night' : part);
    },
  ),
  rule(`\\blast\\s+night\\b`, (_, reference) => day(-1, reference, 'night')),
  rule(`\\bthis\\s+(morning|afternoon|evening)\\b`, ([, part], reference) => day(0, reference, part)),
  rule(`\\bthe\\s+other\\s+day\\b`, (_, { now }) => ({
    ...{ from: startOf(now, 'day') - 7 * DAY_MS, to: startOf(now, 'day') },
    ...{ unit: 'day', kind: 'point', hasYear: true },
  })),
];

const YEAR_BEFORE =
  /\b(?:in|since|before|after|during|until|till|from|between|around|throughout|through|prior to|up to|early|mid|late|year|(?:end|start|beginning|middle|half|rest|part|weeks?|weekends?|days?|months?)\s+of)[\s-]+(?:the\s+year\s+)?$/iu;
/** A year that is one of two: "2021–2023". */
const RANGE_BEFORE = /\b(?:19|20)\d\d\s*(?:-|–|to|and|until|through)\s*$/iu;
const RANGE_AFTER = /^\s*(?:-|–|to|and|until|through)\s*(?:19|20)\d\d\b/iu;
/** What follows a number that is no year. */
const AMOUNT_AFTER = /^(?:[.,]\d|\s*[%°$€])/u;

/** Whether what stands around four digits says that they are a year. */
function isYear(match: RegExpExecArray): boolean {
  const before = textBefore(match);
  const after = match.input.slice(match.index + match[0].length);
  if (RANGE_AFTER.test(after) || RANGE_BEFORE.test(before)) return true;
  return YEAR_BEFORE.test(before) && !AMOUNT_AFTER.test(after);
}

/** Years and their parts: looked for where no date was found, of which a year may be a part. */
const YEAR_RULES: readonly Rule[] = [
  rule(`\\bQ([1-4])(?:\\s*(?:of\\s+|/\\s*)?${YEAR})?\\b`, ([text, which, year], reference) =>
    // "q1" is a name, a key or half of a question's number.
    text.startsWith('Q')
      ? quarter(Number(which), reference, year === undefined ? undefined : Number(year))
      : undefined,
  ),
  rule(
    `\\b(first|second|third|fourth|last)\\s+quarter\\s+of\\s+${YEAR}\\b`,
    ([, which = '', year], reference) =>
      quarter(ORDINALS.indexOf(which.toLowerCase()) + 1 || 4, reference, Number(year)),
  ),
  rule('\\b((?:18|19|20)\\d0)s\\b', ([, year]) =>
    period(stretchOf(dateOf(Number(year), 0), 'decade'), 'decade'),
  ),
  rule(`\\b${YEAR}\\b`, (match) => {
    const isEnd = isPhraseEnd(match.input, match.index + match[0].length);
    return isEnd && isYear(match)
      ? period(stretchOf(dateOf(Number(match[0]), 0), 'year'), 'year')
      : undefined;
  }),
];

function apply(rules: readonly Rule[], text: string, taken: readonly Span[], reference: Reference): Span[] {
  const found: Span[] = [];
  for (const { pattern, read } of rules) {
    for (const match of text.matchAll(pattern)) {
      const place = { start: match.index, end: match.index + match[0].length };
      if ([...taken, ...found].some((other) => overlaps(other, place))) continue;
      const reading = read(match, reference);
      if (reading !== undefined) found.push({ ...reading, ...place });
    }
  }
  return found;
}

/** The times of a text that are told from now. */
export function readRelative(text: string, reference: Reference): readonly Span[] {
  return apply(RULES, text, [], reference);
}

/** The years, quarters and decades of a text that are no part of what was found already. */
export function readYears(text: string, taken: readonly Span[], reference: Reference): readonly Span[] {
  return apply(YEAR_RULES, text, taken, reference);
}

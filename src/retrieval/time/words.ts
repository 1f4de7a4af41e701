/** The English words of time that patterns are made of: units, amounts, months, seasons. */

import type { Unit } from './calendar.ts';

export const MONTH_NAMES = [
  ...['january', 'february', 'march', 'april', 'may', 'june'],
  ...['july', 'august', 'september', 'october', 'november', 'december'],
] as const;

/** Pattern of a unit, as a source to be put into others; one group. */
export const UNIT =
  '(min(?:ute)?s?|h(?:ou)?rs?|h|days?|nights?|weekends?|weeks?|fortnights?|months?|quarters?|years?|yrs?|decades?)';
const NUMBERS = [
  ...['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve'],
  ...['thirteen', 'fourteen', 'fifteen', 'sixteen', 'seventeen', 'eighteen', 'nineteen'],
];
const TENS = ['twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'];
const ONES = NUMBERS.slice(0, 9).join('|');
const BELOW_HUNDRED = `${NUMBERS.join('|')}|(?:${TENS.join('|')})(?:[\\s-]+(?:${ONES}))?`;
/** Pattern of an amount; one group. */
export const AMOUNT = `(\\d{1,4}|an?|${BELOW_HUNDRED}|(?:(?:a|${ONES})\\s+)?hundred(?:\\s+and\\s+(?:${BELOW_HUNDRED}))?|(?:a )?couple(?: of)?|(?:a )?few|several|half(?: an?)?)`;
/** Pattern of what makes a distance a period: "in the two weeks before". */
export const WITHIN =
  '\\b(?:(?:with)?in|over|during|for)\\s+(?:the\\s+)?(?:(?:last|past|first)\\s+)?|\\bthe\\s+(?:(?:last|past|first)\\s+)?(?!\\s*an?\\b)';
/** Pattern of a year that a text may speak of; one group. */
export const YEAR = '((?:19|20)\\d\\d)';
/** Pattern of a season; one group. */
export const SEASON = '(spring|summer|autumn|fall|winter)';

/** The unit of a word that {@link UNIT} matched, and how many of it the word means. */
export function unitOf(word: string): { readonly unit: Unit; readonly times: number } {
  const singular = word.toLowerCase().replace(/s$/, '');
  if (singular === 'fortnight') return { unit: 'week', times: 2 };
  if (singular === 'night') return { unit: 'day', times: 1 };
  if (singular.startsWith('min')) return { unit: 'minute', times: 1 };
  if (singular.startsWith('h')) return { unit: 'hour', times: 1 };
  return { unit: singular === 'yr' ? 'year' : (singular as Unit), times: 1 };
}

/** What an amount may be, from the least to the most: "a few" is no number. */
export function amountOf(words: string): { readonly least: number; readonly most: number } {
  const text = words.toLowerCase();
  if (text.includes('few')) return { least: 2, most: 5 };
  if (text.includes('several')) return { least: 3, most: 8 };
  if (text.includes('couple')) return { least: 2, most: 3 };
  if (text.startsWith('half')) return { least: 0.5, most: 0.5 };
  const count = numberOf(text);
  return { least: count, most: count };
}

function numberOf(text: string): number {
  const hundreds = /^(?:(\S+)\s+)?hundred(?:\s+and\s+(.+))?$/.exec(text);
  if (hundreds === null) return belowHundred(text) || (text.startsWith('a') ? 1 : Number(text));
  return (belowHundred(hundreds[1] ?? '') || 1) * 100 + belowHundred(hundreds[2] ?? '');
}

/** What a number from one to ninety-nine is in words; 0 for other words. */
function belowHundred(text: string): number {
  const [first = '', second = ''] = text.split(/[\s-]+/);
  const tens = TENS.indexOf(first) + 2;
  return tens < 2 ? NUMBERS.indexOf(text) + 1 : tens * 10 + NUMBERS.indexOf(second) + 1;
}

/** First month of a season, 0–11, by where it is; meteorological: whole months. */
export function seasonMonth(word: string, hemisphere: 'northern' | 'southern'): number {
  const northern = { spring: 2, summer: 5, autumn: 8, fall: 8, winter: 11 }[word.toLowerCase()] ?? 0;
  return hemisphere === 'northern' ? northern : (northern + 6) % 12;
}

/** Words that may follow a time at once, since they begin something new; a noun there makes it an adjective or a count. */
const STARTERS = new Set(
  `a an and are as at because been being but by can could did do does during for from had has have he her his how i if in
  into is it its just may me might must my no nor not of on or our shall she should so some than that the their them then
  there these they this those though to until up us was we were what when where which while who whom whose why will
  with within without would you your after before since about between anything everything something anyone`.split(
    /\s+/,
  ),
);

/** Whether a phrase may end here: at the text's end, before punctuation, a function word or a name. */
export function isPhraseEnd(text: string, index: number): boolean {
  const next = /^\s*([\p{L}\p{N}%°$€]+)/u.exec(text.slice(index))?.[1];
  if (next === undefined || /^[^\p{L}\p{N}%°$€\s]/u.test(text.slice(index))) return true;
  return STARTERS.has(next.toLowerCase()) || /^\p{Lu}\p{Ll}/u.test(next);
}

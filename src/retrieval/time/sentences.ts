/** The sentences of a text, where some words stand in one, and what it says of the times in it. */

import { blank } from './spans.ts';
import { MONTH_NAMES } from './words.ts';

/** A word of a sentence. */
export interface Place {
  readonly term: string;
  readonly start: number;
  readonly end: number;
}

/** Marks stay with their letters. */
const WORD = /[\p{L}\p{M}\p{N}]+/gu;
/** A full stop with no space behind it is no end: "on 14.06.2024 at 5.30". */
const SENTENCE_END = /[.!?。！？]+(?:["”'’)\]]*)(?:\s+|$)|\n+/gu;

export function sentencesOf(text: string): readonly string[] {
  return text.split(SENTENCE_END).filter((sentence) => sentence.trim() !== '');
}

/** The words of a sentence that have one of some terms. */
export function placesOf(
  sentence: string,
  terms: ReadonlySet<string>,
  termsOf: (text: string) => readonly string[],
): readonly Place[] {
  return [...sentence.matchAll(WORD)].flatMap(({ 0: word, index }) => {
    const term = termsOf(word).find((each) => terms.has(each));
    return term === undefined ? [] : [{ term, start: index, end: index + word.length }];
  });
}

const MONTHS = MONTH_NAMES.map((name) => name.slice(0, 3)).join('|');
/** What a date begins with. */
const DATE_START = `(?:the\\s+)?(?:\\d|(?:last|next|this)\\b|(?:${MONTHS}|mon|tue|wed|thu|fri|sat|sun)\\p{L}*\\b)`;
/** "moved from 14 June to": two groups, what stands before the date that holds no more, and that date. */
const FORMER = new RegExp(
  `(\\b(?:(?:mov|postpon|push|reschedul|chang|shift|delay|deferr?)(?:ed|ing)|put|brought)\\b[^.!?;]{0,40}?)(\\bfrom\\s+${DATE_START}[^.!?;]{0,30}?)(?=\\s+(?:to|until|till)\\s+${DATE_START})`,
  'giu',
);

/** A sentence of the same length without the dates that something was moved away from. */
export function withoutFormer(sentence: string): string {
  const places = [...sentence.matchAll(FORMER)].map(({ index, 1: lead = '', 2: former = '' }) => {
    const start = index + lead.length;
    return { start, end: start + former.length };
  });
  return blank(sentence, places);
}

/** What denies the time that follows; between them stands nothing but that something takes place. */
const DENIAL =
  /(?:\b(?:not|never|no\s+longer|instead\s+of|rather\s+than)|n['’]t)\s+(?:(?:be|been|being|happen(?:ing)?|tak(?:e|ing)\s+place|held|planned|scheduled|set|for|on|in|at|the)\s+)*$/iu;

/** Whether a sentence says that something is not at the time that begins there: "not on 14 June but on 21 June". */
export function isDenied(sentence: string, start: number): boolean {
  return DENIAL.test(sentence.slice(0, start));
}

/** A sentence that goes on about what the one before it named. */
const GOES_ON = /^\W*(?:it|that|this|on|in|the\s+date)\b/iu;
const BEGINS_WITH_PLACE = /^\W*(?:on|in)\b/iu;
/** What may stand before a time that a sentence begins with. */
const TIME_LEAD = /^\W*(?:(?:on|in)\s+)?(?:the\s+)?$/iu;
/** What may follow it where the sentence has no subject, or goes on about the same one, */
const NO_SUBJECT = /^\W*(?:(?:morning|afternoon|evening|night)\b\W*)?(?:$|(?:if|unless|as|it|that|this)\b)/iu;
/** and a place or company, behind which a subject may stand. */
const PLACE = /^\W*(?:at|in|on|by|from|with|near)\b/iu;
const OTHER_SUBJECT = /\b(?:I|we|you|they|he|she)\b/iu;

/**
 * Whether a sentence with a time at some place goes on about what the one before it named: "It is on 14 June", "On 14
 * June, in Graz". One that begins with a time has no subject of its own then, as "In May we fly to Rome" has.
 */
export function goesOn(sentence: string, { start, end }: Pick<Place, 'start' | 'end'>): boolean {
  if (!GOES_ON.test(sentence)) return false;
  if (!TIME_LEAD.test(sentence.slice(0, start))) return !BEGINS_WITH_PLACE.test(sentence);
  const rest = sentence.slice(end);
  return NO_SUBJECT.test(rest) || (PLACE.test(rest) && !OTHER_SUBJECT.test(rest));
}

const DETERMINER = 'the|an?|this|that|these|those|my|your|his|her|our|their|its';
/** "about our big", "for Ana’s": what stands before something that is spoken of or made ready, up to two words off. */
const TOPIC = new RegExp(
  `\\b(?:about|for|regarding)\\s+(?:(?:${DETERMINER})\\s+)?(?:(?!(?:${DETERMINER}|at|in|on|to|of|from|with|after|before|during|and|or|but|is|are|was|were)\\b)[\\p{L}\\p{M}'’-]+\\s+){0,2}$`,
  'iu',
);
/** Characters before a word that are looked at for that. */
const TOPIC_CHARS = 64;
/** What holds the words of one name together: "the wedding of Rui". */
const LINK = new RegExp(`^(?:['’]s)?\\s+(?:(?:of|in|at|to|with|${DETERMINER})\\s+)*$`, 'iu');

/** Of words by their place whether the sentence only speaks of them, or of something for them. */
export function topicsAmong(sentence: string, places: readonly Place[]): readonly boolean[] {
  const topics: boolean[] = [];
  for (const [i, { start }] of places.entries()) {
    const previous = places[i - 1];
    const isLinked =
      previous !== undefined && topics[i - 1] === true && LINK.test(sentence.slice(previous.end, start));
    topics.push(isLinked || TOPIC.test(sentence.slice(Math.max(0, start - TOPIC_CHARS), start)));
  }
  return topics;
}

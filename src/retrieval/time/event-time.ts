/** When a text says that an event is: the time in it that stands nearest to the event's words. */

import { UNIT_MS } from './calendar.ts';
import type { DateParser } from './dates.ts';
import { resolveTimes } from './resolve.ts';
import {
  goesOn,
  isDenied,
  type Place,
  placesOf,
  sentencesOf,
  topicsAmong,
  withoutFormer,
} from './sentences.ts';
import type { Direction } from './spans.ts';
import type { QueryTimes, TimeOptions, TimeRange } from './types.ts';

/** Sentences of a text that are read for times: a text that names the event in all of them mostly dates it early. */
const MAX_SENTENCES = 8;
/** Longest time that dates an event, ms: "last year" does, "in the nineties" hardly. */
const LONGEST_MS = UNIT_MS.year + UNIT_MS.day;
/** What an end of a clause between an event and a time counts, characters: "we met in May, and the wedding is in June". */
const CLAUSE_END_CHARS = 40;
const CLAUSE_END = /[,;:()–—]|\b(?:and|but|while|then|so|because|that)\b/giu;
/** What may stand between an event and its time where the sentence tells of something before or after it. */
const CLOSE = /^\s*(?:on|in|at|of)?\s*(?:the\s+)?$/iu;

/** What is to come whatever tense it is told in: "was planned for 14 June". */
const PLANNED =
  /\b(?:plan(?:ned)?|(?:re)?scheduled?|booked|set|fixed|postponed|pushed|moved|arranged|changed)\b[^.!?]{0,40}?\b(?:for|to|until|till)\s+(?:the\s+)?(?:\d|next\b|(?:mon|tue|wed|thu|fri|sat|sun|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\p{L}*\b)/iu;
const PAST = /\b(?:was|were|wasn['’]t|weren['’]t|had|did|didn['’]t)\b/iu;
const NOT_PAST =
  /\b(?:is|are|am|gets?|getting|isn['’]t|aren['’]t|will|won['’]t|shall|be|been|has|have|gonna|going\s+to|upcoming|starts?|begins?|takes?\s+place|happens?|ends?|opens?|leaves?|arrives?)\b|['’](?:ll|re|m|ve)\b/iu;
/** Verbs in the past: regular ones, and the irregular ones that events are told with. */
const PAST_VERB =
  /\b(?:(?!hundred\b)[a-z]+[a-df-z]ed|agreed|got|went|took|came|held|met|left|flew|began|ran|won|lost|bought|sold|broke|fell|made|gave|saw|found|told|said|sent|wed|became|felt|threw|cut)\b/iu;
const SUBJECT = /\b(?:I|we|you|they|he|she|it)\s+\p{L}/iu;

/** What the words of texts are compared as. */
export interface EventWords {
  /** Terms of the event, as `termsOf` gives them. */
  readonly terms: ReadonlySet<string>;
  /** The terms of a piece of text. */
  readonly termsOf: (text: string) => readonly string[];
}

/** A time that a text gives an event; none where it gives none. */
export type EventTime = Pick<QueryTimes, 'degraded'> & { readonly range?: TimeRange | undefined };

/**
 * Looks in the sentence that has most of the event's words, and in the next one where it goes on about it, for the
 * time that stands nearest to these words. A date without a year lies behind or ahead of when the text was told, by
 * the tense of its sentence, or is the nearest. English only, as {@link resolveTimes} is.
 *
 * @param toldAtMs when the text was told, ms since the epoch: what "next Saturday" is reckoned from.
 * @example
 * // told on 2 May 2024; range: 14 June 2024
 * await eventTimeIn('The wedding is on 14 June.', { terms: new Set(['wedding']), termsOf }, toldAtMs);
 */
export async function eventTimeIn(
  text: string,
  words: EventWords,
  toldAtMs: number,
  options: TimeOptions = {},
  load?: () => Promise<DateParser>,
): Promise<EventTime> {
  const sentences = sentencesOf(text).map((sentence) => ({
    sentence,
    places: placesOf(sentence, words.terms, words.termsOf),
  }));
  const most = Math.max(0, ...sentences.map(({ places }) => distinct(places)));
  if (most === 0) return {};
  let looked = 0;
  for (const [i, { sentence, places }] of sentences.entries()) {
    if (distinct(places) < most) continue;
    if (looked++ === MAX_SENTENCES) break;
    const read = (part: string) =>
      resolveTimes(part, toldAtMs, { ...options, direction: directionOf(part) }, load);
    const held = withoutFormer(sentence);
    const times = await read(held);
    if (times.degraded !== undefined) return { degraded: times.degraded };
    const range = nearest(held, places, times, words, toldAtMs);
    if (range !== undefined) return { range };
    const next = sentences[i + 1];
    if (next === undefined || next.places.length > 0) continue;
    const onwards = withoutFormer(next.sentence);
    const { ranges, anchors, degraded } = await read(onwards);
    if (degraded !== undefined) return { degraded };
    const first = anchors.length === 0 ? ranges.find((each) => isDateIn(onwards, each)) : undefined;
    if (first !== undefined && goesOn(onwards, placeOf(onwards, first))) return { range: first };
  }
  return {};
}

function distinct(places: readonly Place[]): number {
  return new Set(places.map(({ term }) => term)).size;
}

/** Where the times of a sentence lie that do not say so themselves. */
export function directionOf(sentence: string): Direction {
  if (PLANNED.test(sentence)) return 'future';
  if (PAST.test(sentence)) return 'past';
  if (NOT_PAST.test(sentence)) return 'future';
  if (PAST_VERB.test(sentence)) return 'past';
  return SUBJECT.test(sentence) ? 'future' : 'nearest';
}

/** Whether a time of a sentence may date what it tells of. */
function isDateIn(sentence: string, range: TimeRange): boolean {
  const { fromMs, toMs, isOpenEnded } = range;
  return !isOpenEnded && toMs - fromMs <= LONGEST_MS && !isDenied(sentence, placeOf(sentence, range).start);
}

function placeOf(sentence: string, { text }: TimeRange): Pick<Place, 'start' | 'end'> {
  const start = sentence.indexOf(text);
  return { start, end: start + text.length };
}

/** The time nearest to the event's words. */
function nearest(
  sentence: string,
  places: readonly Place[],
  { ranges, anchors }: QueryTimes,
  { terms, termsOf }: EventWords,
  toldAtMs: number,
): TimeRange | undefined {
  const isTopic = topicsAmong(sentence, places);
  // "On 1 June, two weeks before the wedding": that is another time, unless the wedding has its own.
  const isBeside = anchors.some(({ event }) => termsOf(event).some((term) => terms.has(term)));
  let best: { readonly range: TimeRange; readonly distance: number } | undefined;
  for (const range of ranges.filter((each) => isDateIn(sentence, each))) {
    const { start, end } = placeOf(sentence, range);
    for (const [i, place] of places.entries()) {
      // "Talked about the wedding last night", "bought a dress for it on Monday": then it was not.
      if (isTopic[i] && range.fromMs <= toldAtMs) continue;
      const isAfter = start >= place.end;
      const between = isAfter ? sentence.slice(place.end, start) : sentence.slice(end, place.start);
      if (isBeside && !(isAfter && CLOSE.test(between))) continue;
      const distance = between.length + CLAUSE_END_CHARS * [...between.matchAll(CLAUSE_END)].length;
      if (best === undefined || distance < best.distance) best = { range, distance };
    }
  }
  return best?.range;
}

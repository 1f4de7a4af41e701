/** Decides which hits say something about a question: a search always has a best hit, even when nothing fits. */

import type { Memory, PlanTime, SearchHit, SignalName } from '../src/types.ts';
import { onlyAsks } from './intent.ts';

/** Cosine from which meaning alone is enough in the space of MiniLM and the built-in model: 99 of 100 unrelated sentences lie below .3 there. */
const STRONG_COSINE = 0.31;
/** Cosine a hit with a single word in common must still have there: that word may be a coincidence. */
const WEAK_COSINE = 0.2;
/** Value of the signal `answer` from which what follows a question like the one asked answers it: that one has half of the best. */
const LEAST_ANSWER = 0.15;

/** Words in every other sentence; sharing them says nothing. */
const COMMON_WORDS = wordSet(
  'a about am an and any are as at be been but by can could did do does during for from had has have he her his how i ' +
    'if in is it its know me my of on or our she should so tell that the their them there they this to us was we ' +
    'were what when where which who why will with would you your',
);
/** Words of questions that ask for whatever there was. */
const ANY_WORDS = wordSet(
  'all anything day doing done else everything going go gone happen happened happening happens new news say said show ' +
    'something talk talked told went',
);

/** A question, as far as a hit is judged by it. */
export interface Asked {
  readonly query: string;
  /** The times that a search read from it. */
  readonly times?: readonly PlanTime[] | undefined;
}

/** The words a hit shares with the question that carry meaning; those of a time in it are none: the hit's time is judged. */
export function sharedWords(hit: SearchHit, times: readonly PlanTime[] = []): readonly string[] {
  const timeWords = new Set(times.flatMap(({ text }) => wordsOf(text)));
  return (hit.why.lexical?.terms ?? []).filter(
    (term) => !COMMON_WORDS.has(term.toLowerCase()) && !timeWords.has(term.toLowerCase()),
  );
}

/** Whether a hit is about the question, judged by what was measured and not by its rank. */
export function isRelevant(hit: SearchHit, { query, times = [] }: Asked): boolean {
  const isInTime = times.length > 0 && signalOf(hit, 'time') >= 1;
  if (times.length > 0 && asksForAnything(query, times)) return isInTime;
  const shared = sharedWords(hit, times).length;
  const { vector } = hit.why;
  // Elsewhere a cosine says little: vectors hashed from words are close where only "is my" is shared.
  if (vector === undefined || !/minilm/i.test(vector.space)) return shared > 0;
  const cosine = vector.calibrated ?? vector.raw;
  const inCommon = shared + (isInTime ? 1 : 0);
  return cosine >= STRONG_COSINE || inCommon >= 2 || (inCommon === 1 && cosine >= WEAK_COSINE);
}

/** The hits that are about the question, and those that answer one of them in the same session. */
export function relevantHits(hits: readonly SearchHit[], asked: Asked): readonly SearchHit[] {
  const relevant = new Set(hits.filter((hit) => isRelevant(hit, asked)));
  const places = new Set(Array.from(relevant, ({ memory }) => placeOf(memory, 0)));
  return hits.filter(
    (hit) =>
      relevant.has(hit) ||
      (signalOf(hit, 'answer') >= LEAST_ANSWER &&
        hit.memory.position !== undefined &&
        places.has(placeOf(hit.memory, -1))),
  );
}

/** A name for the place so many after a memory's in its session. */
function placeOf({ sessionId, position }: Memory, offset: number): string | undefined {
  return position === undefined ? undefined : `${position + offset} ${sessionId}`;
}

/** Whether a question names nothing but a time: "What happened last week?" */
function asksForAnything(query: string, times: readonly PlanTime[]): boolean {
  const rest = times.reduce((text, time) => text.replace(time.text, ' '), query);
  return wordsOf(rest).every((word) => COMMON_WORDS.has(word) || ANY_WORDS.has(word));
}

function signalOf({ why }: SearchHit, name: SignalName): number {
  // An owner in another tab may be of a release that tells no signals.
  return (why.signals ?? []).find(({ signal }) => signal === name)?.value ?? 0;
}

/** Whether a memory can answer: an earlier question, the same one above all, never can. */
export function canAnswer(hit: SearchHit, question: string): boolean {
  const content = hit.memory.content;
  return plain(content) !== plain(question) && !onlyAsks(content);
}

/** The text without case, punctuation and spacing, to tell repetitions by. */
export function plain(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

function wordsOf(text: string): readonly string[] {
  return plain(text)
    .split(' ')
    .filter((word) => word !== '');
}

function wordSet(words: string): ReadonlySet<string> {
  return new Set(words.split(' '));
}

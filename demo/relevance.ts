/** Decides which hits say something about a question: a search always has a best hit, even when nothing fits. */

import type { SearchHit } from '../src/types.ts';
import { onlyAsks } from './intent.ts';

/** Cosine from which meaning alone is enough in MiniLM's space: 99 of 100 unrelated sentences lie below .3 there, MiniLM's and the built-in model's. */
const STRONG_COSINE = 0.35;
/** Cosine a hit with a single word in common must still have there: that word may be a coincidence. */
const WEAK_COSINE = 0.2;

/** Words in every other sentence; sharing them says nothing. */
const COMMON_WORDS = new Set(
  (
    'a about am an and any are as at be been but by can could did do does for from had has have he her his how i ' +
    'if in is it its know me my of on or our she should so tell that the their them there they this to us was we ' +
    'were what when where which who why will with would you your'
  ).split(' '),
);

/** The words a hit shares with the question that carry meaning. */
export function sharedWords(hit: SearchHit): readonly string[] {
  return (hit.why.lexical?.terms ?? []).filter((term) => !COMMON_WORDS.has(term.toLowerCase()));
}

/** Whether a hit is about the question, judged by what the arms measured and not by its rank. */
export function isRelevant(hit: SearchHit): boolean {
  const shared = sharedWords(hit).length;
  const vector = hit.why.vector;
  // Elsewhere a cosine says little: vectors hashed from words are close where only "is my" is shared.
  if (vector === undefined || !/minilm/i.test(vector.space)) return shared > 0;
  return vector.raw >= STRONG_COSINE || shared >= 2 || (shared === 1 && vector.raw >= WEAK_COSINE);
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

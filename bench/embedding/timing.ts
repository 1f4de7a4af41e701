/** How many sentences a second a model embeds; the same in Node and on a page. */

import type { Embedder } from '../../src/embedding/embedder.ts';
import { median } from '../vector/stats.ts';

/** Words of a sentence that is timed, at least. */
const WORDS = 15;
/** Sentences of one call, as a model of transformers.js likes them. */
const BATCH = 32;
const ROUNDS = 3;
const ROUND_MS = 1_000;

/** Sentences of some 15 words out of shorter ones. */
export function longSentences(sentences: readonly string[]): readonly string[] {
  const made: string[] = [];
  let words: string[] = [];
  for (const sentence of sentences) {
    words.push(...sentence.split(' '));
    if (words.length < WORDS) continue;
    made.push(words.slice(0, WORDS).join(' '));
    words = [];
  }
  return made;
}

/** The median of three rounds of a second each, after a warm-up. */
export async function sentencesPerSecond(
  { embed }: Pick<Embedder, 'embed'>,
  sentences: readonly string[],
): Promise<number> {
  const rates: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const from = performance.now();
    let [count, ms] = [0, 0];
    for (let at = 0; ms < ROUND_MS; at = (at + BATCH) % sentences.length) {
      count += (await embed(sentences.slice(at, at + BATCH))).length;
      ms = performance.now() - from;
    }
    if (round > 0) rates.push((1_000 * count) / ms);
  }
  return median(rates);
}

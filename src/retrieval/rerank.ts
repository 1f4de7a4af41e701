/** Lets a model that reads question and text together put the best hits into another order. Off unless asked for. */

import type { Reranker } from '../embedding/reranker.ts';
import { LociError } from '../errors.ts';

/** Share of the reranker in the new score where none is given: it reads the text alone, and knows of neither session, time nor speaker. */
export const RERANK_WEIGHT = 0.5;

/**
 * The best hits in a new order, and those behind them as they are:
 *
 *     score = (1 − w) · score + w · (last + (first − last) · r)
 *
 * with first and last the scores of the best hit and of the worst that was reranked, and r the reranker's score brought
 * to 0–1 among those that it read. So scores stay on the scale they have, whatever the model's is, the list stays in
 * order, and none of those read falls behind one that was not.
 *
 * @param hits best first.
 * @param scores of the first of them, in order; the others were not read.
 * @param weight w, 0–1: 0 leaves the order as it is, 1 is the reranker's. Default {@link RERANK_WEIGHT}.
 * @example
 * applyRerank([{ id: 'a', score: 1 }, { id: 'b', score: 0.8 }], [-2, 5], 1);
 * // [{ id: 'b', score: 1 }, { id: 'a', score: 0.8 }]
 */
export function applyRerank<H extends { readonly score: number }>(
  hits: readonly H[],
  scores: ArrayLike<number>,
  weight: number = RERANK_WEIGHT,
): readonly H[] {
  const read = hits.slice(0, scores.length);
  const [first, last] = [read[0]?.score ?? 0, read.at(-1)?.score ?? 0];
  const values = Array.from(read, (_, i) => scores[i] ?? 0);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  // Where all are judged alike nothing is said of any.
  if (read.length === 0 || !(most > least)) return hits;
  const blended = read.map((hit, i) => {
    const share = ((values[i] ?? 0) - least) / (most - least);
    return { ...hit, score: (1 - weight) * hit.score + weight * (last + (first - last) * share) };
  });
  return [...blended.sort((a, b) => b.score - a.score), ...hits.slice(read.length)];
}

/**
 * What a reranker gives for texts.
 *
 * @throws LociError what the reranker throws, and `MODEL_UNAVAILABLE` where it does not give a number for each.
 */
export async function rerankScores(
  reranker: Pick<Reranker, 'id' | 'rerank'>,
  query: string,
  texts: readonly string[],
): Promise<Float32Array> {
  const scores = await reranker.rerank(query, texts);
  if (scores.length === texts.length && scores.every(Number.isFinite)) return scores;
  throw new LociError('MODEL_UNAVAILABLE', `${reranker.id} did not give a number for each text`, {
    hint: 'Choose another reranker.',
  });
}

/** How often the answer to a question that shares no word with it is found first, and among the first ten. */

import { dot } from '../similarity.ts';
import { PARAPHRASE_TOPICS } from './set.ts';

export interface ParaphraseScore {
  /** Shares of the questions. */
  readonly top1: number;
  readonly top10: number;
}

export const QUESTIONS = PARAPHRASE_TOPICS.flatMap(({ pairs }) => pairs.map(({ question }) => question));
/** All that is searched: the answers in the questions' order, then the other sentences. */
export const SENTENCES = [
  ...PARAPHRASE_TOPICS.flatMap(({ pairs }) => pairs.map(({ answer }) => answer)),
  ...PARAPHRASE_TOPICS.flatMap(({ others }) => others),
];

type VectorOf = (text: string) => Float32Array;

/** Asks every question of every sentence. */
export function scoreParaphrases(queryOf: VectorOf, documentOf: VectorOf): ParaphraseScore {
  const documents = SENTENCES.map(documentOf);
  const ranks = QUESTIONS.map((question, place) => {
    const query = queryOf(question);
    const scores = documents.map((document) => dot(query, document));
    const own = scores[place] ?? 0;
    return scores.filter((score) => score > own).length;
  });
  const share = (below: number) => ranks.filter((rank) => rank < below).length / ranks.length;
  return { top1: share(1), top10: share(10) };
}

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
  return scoreParaphrasesBy((sentences) => {
    const documents = sentences.map(documentOf);
    return (question) => {
      const query = queryOf(question);
      return documents.map((document) => dot(query, document));
    };
  });
}

/** The same with any scores: of all sentences, for a question. */
export function scoreParaphrasesBy(
  compareBy: (sentences: readonly string[]) => (question: string) => readonly number[],
): ParaphraseScore {
  const compare = compareBy(SENTENCES);
  const ranks = QUESTIONS.map((question, place) => {
    const scores = compare(question);
    const own = scores[place] ?? 0;
    return scores.filter((score) => score > own).length;
  });
  const share = (below: number) => ranks.filter((rank) => rank < below).length / ranks.length;
  return { top1: share(1), top10: share(10) };
}

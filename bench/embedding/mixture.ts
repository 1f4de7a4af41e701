/** A half-finished change of models: half of the documents by each, their scores brought to one scale. */

import { createRandom } from '../../src/testing/environment.ts';
import { type LocomoConversation, scoreLocomoBy } from './locomo.ts';
import { QUESTIONS, SENTENCES } from './paraphrase/score.ts';
import { dot } from './similarity.ts';

export type VectorOf = (text: string) => Float32Array;

/** Scores of a pair of models, brought to those of another pair: factor × score + offset. */
export interface Calibration {
  readonly factor: number;
  readonly offset: number;
}

/** Brings the spread of the scores of one pair of models to that of another, over the project's own set. */
export function calibrate(
  from: readonly [VectorOf, VectorOf],
  to: readonly [VectorOf, VectorOf],
  questions: readonly string[] = QUESTIONS,
  sentences: readonly string[] = SENTENCES,
): Calibration {
  const [a, b] = [spreadOf(from, questions, sentences), spreadOf(to, questions, sentences)];
  const factor = b.deviation / a.deviation;
  return { factor, offset: b.mean - factor * a.mean };
}

function spreadOf(
  [queryOf, documentOf]: readonly [VectorOf, VectorOf],
  questions: readonly string[],
  sentences: readonly string[],
) {
  const documents = sentences.map(documentOf);
  const scores = questions.flatMap((question) => {
    const query = queryOf(question);
    return documents.map((document) => dot(query, document));
  });
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  const square = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / scores.length;
  return { mean, deviation: Math.sqrt(square) };
}

export interface MixtureInput {
  readonly conversations: readonly LocomoConversation[];
  /** Asks the documents of the old model. */
  readonly oldQueryOf: VectorOf;
  /** Asks those of the new one. */
  readonly newQueryOf: VectorOf;
  readonly oldDocumentOf: VectorOf;
  readonly newDocumentOf: VectorOf;
  /** Brings the old documents' scores to the new ones'. */
  readonly calibration: Calibration;
  readonly seed: number;
}

/** LoCoMo's R@10 where a seeded half of the turns has the new model's vectors. */
export function scoreMixture(input: MixtureInput): number {
  const { calibration, oldQueryOf, newQueryOf, oldDocumentOf, newDocumentOf } = input;
  const random = createRandom(input.seed);
  return scoreLocomoBy(input.conversations, ({ turns }) => {
    const documents = turns.map((turn) => {
      const isNew = random() < 0.5;
      return { isNew, vector: isNew ? newDocumentOf(turn) : oldDocumentOf(turn) };
    });
    return (question) => {
      const [oldQuery, newQuery] = [oldQueryOf(question), newQueryOf(question)];
      return documents.map(({ isNew, vector }) =>
        isNew ? dot(newQuery, vector) : calibration.factor * dot(oldQuery, vector) + calibration.offset,
      );
    };
  });
}

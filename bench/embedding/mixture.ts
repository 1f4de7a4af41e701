/** A half-finished change of models: a share of the documents by each, their scores brought to one scale by what the engine uses. */

import { applyCalibration, type Calibration } from '../../src/embedding/calibration.ts';
import { createRandom } from '../../src/testing/environment.ts';
import { type LocomoConversation, scoreLocomoBy } from './locomo.ts';
import { type ParaphraseScore, scoreParaphrasesBy } from './paraphrase/score.ts';
import { dot } from './similarity.ts';

export type VectorOf = (text: string) => Float32Array;

/** The documents of a change, a part of them by either model. */
export interface MixtureInput {
  /** Asks the documents of the old model. */
  readonly oldQueryOf: VectorOf;
  /** Asks those of the new one. */
  readonly newQueryOf: VectorOf;
  readonly oldDocumentOf: VectorOf;
  readonly newDocumentOf: VectorOf;
  /** Bring the scores of either's documents to one scale. */
  readonly oldCalibration: Calibration;
  readonly newCalibration: Calibration;
  /** Share of the documents that has the new model's vectors, drawn by the seed. Default half. */
  readonly share?: number | undefined;
  readonly seed: number;
}

/** LoCoMo's R@10 of a mixture. */
export function scoreMixture(conversations: readonly LocomoConversation[], input: MixtureInput): number {
  const mix = mixtureOf(input);
  return scoreLocomoBy(conversations, ({ turns }) => mix(turns));
}

/** The same of the project's own set. */
export function scoreMixedParaphrases(input: MixtureInput): ParaphraseScore {
  return scoreParaphrasesBy(mixtureOf(input));
}

/** A function from texts to one from a question to their scores. */
function mixtureOf(input: MixtureInput) {
  const { oldQueryOf, newQueryOf, oldDocumentOf, newDocumentOf, share = 0.5 } = input;
  const random = createRandom(input.seed);
  return (texts: readonly string[]) => {
    const documents = texts.map((text) => {
      const isNew = random() < share;
      return { isNew, vector: isNew ? newDocumentOf(text) : oldDocumentOf(text) };
    });
    return (question: string) => {
      const [oldQuery, newQuery] = [oldQueryOf(question), newQueryOf(question)];
      return documents.map(({ isNew, vector }) =>
        isNew
          ? applyCalibration(input.newCalibration, dot(newQuery, vector))
          : applyCalibration(input.oldCalibration, dot(oldQuery, vector)),
      );
    };
  };
}

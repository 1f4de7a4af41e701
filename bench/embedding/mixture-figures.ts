/** The figures of a half-finished change from the built-in model to MiniLM, of as many dimensions. */

import {
  type Calibration,
  calibrationBetween,
  calibrationName,
  MEASURED_PAIRS,
  type PairScores,
} from '../../src/embedding/calibration.ts';
import type { LocomoConversation } from './locomo.ts';
import { type MixtureInput, scoreMixedParaphrases, scoreMixture, type VectorOf } from './mixture.ts';
import type { MixtureFigures } from './report.ts';

/** A model with the vectors that it made of all texts. */
export interface MixedModel {
  readonly id: string;
  readonly space: string;
  readonly vectorOf: VectorOf;
}

const NOT_CALIBRATED: Calibration = { factor: 1, offset: 0 };
/** Draws of which half of the documents has the new model's vectors. */
const DRAWS = 5;
const NO_MIXTURE: MixtureFigures = {
  locomoR10: null,
  ownQueryR10: null,
  minilmQueryR10: null,
  uncalibratedR10: null,
  shares: [],
};
/** Shares of the documents that have the new model's vectors. */
const SHARES = [0.25, 0.5, 0.75];

/** The figures of both models' documents in one list; nothing where a model or the conversations are missing. */
export function mixtureFigures(
  builtin: MixedModel | undefined,
  minilm: MixedModel | undefined,
  locomo: readonly LocomoConversation[] | undefined,
  seed: number,
): MixtureFigures {
  if (builtin === undefined || minilm === undefined || locomo === undefined) return NO_MIXTURE;
  const documents = { oldDocumentOf: builtin.vectorOf, newDocumentOf: minilm.vectorOf };
  const asked = (old: MixedModel, other: MixedModel, isCalibrated = true, share = 0.5): MixtureInput[] => {
    // To the scale of the query's own documents, as the engine does; where each asks its own, to the new model's.
    const to = pairOf(other, other === old ? other : minilm);
    const calibrationOf = (query: MixedModel, document: MixedModel): Calibration => {
      const from = pairOf(query, document);
      return isCalibrated && from !== undefined && to !== undefined
        ? calibrationBetween(from, to)
        : NOT_CALIBRATED;
    };
    return Array.from({ length: DRAWS }, (_, i) => ({
      ...documents,
      oldQueryOf: old.vectorOf,
      newQueryOf: other.vectorOf,
      oldCalibration: calibrationOf(old, builtin),
      newCalibration: calibrationOf(other, minilm),
      share,
      seed: seed + i,
    }));
  };
  const locomoOf = (inputs: readonly MixtureInput[]) =>
    meanOf(inputs.map((input) => scoreMixture(locomo, input)));
  const figuresOf = (model: MixedModel, share: number, isCalibrated: boolean) => {
    const inputs = asked(model, model, isCalibrated, share);
    const top10 = meanOf(inputs.map((input) => scoreMixedParaphrases(input).top10));
    return {
      query: model.id,
      share,
      isCalibrated,
      locomoR10: locomoOf(inputs),
      paraphraseTop10: top10,
    };
  };
  return {
    locomoR10: locomoOf(asked(builtin, builtin)),
    ownQueryR10: locomoOf(asked(builtin, minilm)),
    minilmQueryR10: locomoOf(asked(minilm, minilm)),
    uncalibratedR10: locomoOf(asked(builtin, builtin, false)),
    shares: SHARES.flatMap((share) =>
      [builtin, minilm].flatMap((model) => [true, false].map((is) => figuresOf(model, share, is))),
    ),
  };
}

/** Undefined of a table that was not measured: the engine calibrates nothing then. */
export function pairOf(
  query: Pick<MixedModel, 'id' | 'space'>,
  document: Pick<MixedModel, 'id'>,
): PairScores | undefined {
  const [queryName, documentName] = [query, document].map(({ id }) => calibrationName(id));
  return MEASURED_PAIRS.find(
    (each) => each.space === query.space && each.query === queryName && each.document === documentName,
  );
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * What brings the scores of models that share a space to one scale.
 *
 * A query's cosines with documents of one model lie higher, or wider apart, than those with documents of another
 * that say the same: in one list the former would come first for that alone. Of each pair of query and document
 * model it is known how the cosines of unrelated texts lie; those of a document are moved and stretched so that
 * they lie as those of the query's own model do.
 */

import { MINILM_SPACE } from './spaces.ts';

/** How the cosines of texts that have nothing to do with each other lie, for a pair of models. */
export interface PairScores {
  readonly space: string;
  /** {@link calibrationName} of the model that embeds queries, */
  readonly query: string;
  /** and of the one that embeds documents. */
  readonly document: string;
  readonly mean: number;
  /** Standard deviation. */
  readonly deviation: number;
}

/** Brings a score to another scale: factor · score + offset. */
export interface Calibration {
  readonly factor: number;
  readonly offset: number;
}

/** A model of documents whose scores have to be calibrated. */
export interface CalibratedDocuments extends Calibration {
  readonly document: string;
}

const MINILM = 'all-MiniLM-L6-v2';
/** Ends with the table's numbers: another table needs other figures (a test fails until it has them). */
const TABLE = '98b35b58';
const BUILTIN = `builtin-${TABLE}@384`;
/** In fewer dimensions, by the table's axes: a space of its own. */
const BUILTIN_256 = `builtin-${TABLE}@256`;
const REDUCED_SPACE = `${MINILM_SPACE}/256-${TABLE}`;

/**
 * Measured by `npm run bench:embedding -- --calibrate`: 2,370 sentences drawn from dialogues, chats, encyclopaedia
 * sentences and customer questions, every tenth asked of all others.
 */
export const MEASURED_PAIRS: readonly PairScores[] = [
  { space: MINILM_SPACE, query: BUILTIN, document: BUILTIN, mean: 0.077, deviation: 0.109 },
  { space: MINILM_SPACE, query: BUILTIN, document: MINILM, mean: 0.0618, deviation: 0.1073 },
  { space: MINILM_SPACE, query: MINILM, document: BUILTIN, mean: 0.0599, deviation: 0.1068 },
  { space: MINILM_SPACE, query: MINILM, document: MINILM, mean: 0.051, deviation: 0.1076 },
  { space: REDUCED_SPACE, query: BUILTIN_256, document: BUILTIN_256, mean: 0.0802, deviation: 0.1133 },
  { space: REDUCED_SPACE, query: BUILTIN_256, document: MINILM, mean: 0.0646, deviation: 0.1117 },
  { space: REDUCED_SPACE, query: MINILM, document: BUILTIN_256, mean: 0.0626, deviation: 0.1113 },
  { space: REDUCED_SPACE, query: MINILM, document: MINILM, mean: 0.0531, deviation: 0.1116 },
];

/**
 * What a model is called in the figures: MiniLM's precisions, whose vectors differ by a cosine of .006, are one; so
 * is MiniLM reduced to fewer dimensions, which its space tells.
 */
export function calibrationName(modelId: string): string {
  return modelId.startsWith(`${MINILM}@`) ? MINILM : modelId;
}

/** What brings the scores of one pair to the scale of another. */
export function calibrationBetween(from: PairScores, to: PairScores): Calibration {
  const factor = to.deviation / from.deviation;
  return { factor, offset: to.mean - factor * from.mean };
}

export function applyCalibration({ factor, offset }: Calibration, score: number): number {
  return factor * score + offset;
}

/** The calibrations of all pairs whose scores are known. */
export class Calibrations {
  /** By space and query model. */
  readonly #documents = new Map<string, readonly CalibratedDocuments[]>();

  constructor(pairs: readonly PairScores[] = MEASURED_PAIRS) {
    for (const own of pairs) {
      if (own.query !== own.document) continue;
      const others = pairs.filter(
        ({ space, query, document }) =>
          space === own.space && query === own.query && document !== own.document,
      );
      this.#documents.set(
        keyOf(own.space, own.query),
        others.map((pair) => ({ document: pair.document, ...calibrationBetween(pair, own) })),
      );
    }
  }

  /**
   * The models of documents whose scores for a query have to be brought to those of the query's own model. Others
   * are left as they are: the query's own, and those of which nothing is known.
   */
  documentsFor(space: string, queryModelId: string): readonly CalibratedDocuments[] {
    return this.#documents.get(keyOf(space, calibrationName(queryModelId))) ?? [];
  }
}

function keyOf(space: string, query: string): string {
  return `${space}\0${query}`;
}

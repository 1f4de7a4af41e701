/**
 * Joins what vectors and words found. Each arm's scores are brought to 0–1 by its best one, then
 * summed with weights: on the LoCoMo conversations a weighted sum of normalised scores finds more
 * than either arm, and plain rank fusion less than words alone.
 */

import type { LexicalMatch } from '../text/lexical-index.ts';
import type { HitExplanation } from '../types.ts';

/** A memory found by its vector. */
export interface VectorMatch {
  readonly ordinal: number;
  /** Cosine, −1 to 1. */
  readonly score: number;
  /** The cosine brought to the scale of others of its space; absent where it is of that scale. */
  readonly calibrated?: number | undefined;
  /** The space it was compared in. */
  readonly space: string;
}

/** A memory with its joined score and where that comes from. */
export interface FusedHit {
  readonly ordinal: number;
  /** 0–1. */
  readonly score: number;
  readonly why: HitExplanation;
}

/** Share of the vector arm; words have the rest. Half and half is the best fixed pair measured on LoCoMo. */
export const VECTOR_WEIGHT = 0.5;

export interface Arms {
  /** Undefined where the arm could not be asked: the other then weighs 1. */
  readonly vector: readonly VectorMatch[] | undefined;
  readonly lexical: readonly LexicalMatch[] | undefined;
}

/**
 * The union of both arms by descending score; equal scores by ascending ordinal.
 *
 * score = w · max(0, cosine) / best cosine in that space + (1 − w) · bm25 / best bm25, where cosines are those
 * calibrated of documents that another model has embedded than the query's
 */
export function fuse({ vector, lexical }: Arms): readonly FusedHit[] {
  const vectorWeight = vector === undefined ? 0 : lexical === undefined ? 1 : VECTOR_WEIGHT;
  const reasons = new Map<number, HitExplanation>();
  const bestBySpace = new Map<string, number>();
  for (const { score, calibrated = score, space } of vector ?? [])
    bestBySpace.set(space, Math.max(calibrated, bestBySpace.get(space) ?? 0));
  for (const { ordinal, score, calibrated, space } of vector ?? []) {
    const normalized = share(calibrated ?? score, bestBySpace.get(space) ?? 0);
    const arm = { raw: score, normalized, weight: vectorWeight, space };
    reasons.set(ordinal, { vector: calibrated === undefined ? arm : { ...arm, calibrated } });
  }
  const bestLexical = (lexical ?? []).reduce((best, { score }) => Math.max(best, score), 0);
  for (const { ordinal, score, terms } of lexical ?? []) {
    const normalized = share(score, bestLexical);
    const arm = { raw: score, normalized, weight: 1 - vectorWeight, terms };
    reasons.set(ordinal, { ...reasons.get(ordinal), lexical: arm });
  }
  return [...reasons]
    .map(([ordinal, why]) => ({ ordinal, score: weigh(why), why }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || a.ordinal - b.ordinal);
}

function share(score: number, best: number): number {
  return best > 0 ? Math.max(0, score) / best : 0;
}

function weigh({ vector, lexical }: HitExplanation): number {
  const sum = [vector, lexical].reduce((total, arm) => total + (arm ? arm.normalized * arm.weight : 0), 0);
  return Math.min(1, sum);
}

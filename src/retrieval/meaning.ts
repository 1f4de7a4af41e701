/** Cosines made comparable: how far above a random memory's each lies, and how far the model that made them may be trusted. */

import {
  BACKGROUND_PRIOR,
  FULL_TRUST,
  PRIOR_CANDIDATES,
  TRUST_CANDIDATES,
  TRUST_PRIOR,
  USUAL_DEVIATION,
} from './signals.ts';

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

/** What cosines to a question the memories of a space have that were drawn at random. */
export interface Background {
  readonly mean: number;
  readonly deviation: number;
}

export function cosineOf({ score, calibrated }: VectorMatch): number {
  return calibrated ?? score;
}

export function backgroundOf(cosines: readonly number[]): Background {
  const count = cosines.length;
  if (count === 0) return { mean: 0, deviation: 0 };
  const mean = cosines.reduce((sum, cosine) => sum + cosine, 0) / count;
  const variance = cosines.reduce((sum, cosine) => sum + (cosine - mean) ** 2, 0) / count;
  return { mean, deviation: Math.sqrt(variance) };
}

/** The cosine that counts for nothing: the background's mean, or less where it is of a few memories. */
export function floorOf({ mean }: Background, sample: number): number {
  return Math.max(0, mean) * (sample / (sample + BACKGROUND_PRIOR));
}

/**
 * How far a model is trusted that was not measured beforehand, 0–1: where memories that share rare words with the
 * question are no nearer to it than others are, its vectors say nothing.
 *
 * @param byWords cosines of the best candidates by words, best first.
 */
export function trustOf(byWords: readonly number[], { mean, deviation }: Background): number {
  // All alike, or one alone: nothing tells.
  if (deviation === 0) return TRUST_PRIOR;
  const best = byWords.slice(0, TRUST_CANDIDATES);
  const prior = TRUST_PRIOR * FULL_TRUST;
  const sum = best.reduce((all, cosine) => all + (cosine - mean) / deviation, PRIOR_CANDIDATES * prior);
  const above = sum / (best.length + PRIOR_CANDIDATES);
  return Math.min(1, Math.max(0, above / FULL_TRUST));
}

/**
 * How far above the floor the best must lie to count in full: twice the deviation of what was drawn at random, of few
 * memories rather that of MiniLM's unrelated sentences. What is nearest of nothing near says little.
 */
export function leastSpread({ deviation }: Background, sample: number): number {
  const variance = sample * deviation ** 2 + BACKGROUND_PRIOR * USUAL_DEVIATION ** 2;
  return 2 * Math.sqrt(variance / (sample + BACKGROUND_PRIOR));
}

/** From signals to an order: the points of every candidate, and what they make of a score. */

import type { SignalName } from '../types.ts';
import type { Evidence } from './evidence.ts';
import type { Pool } from './pool.ts';
import { SIGNAL_NAMES, type Weights } from './signals.ts';

export interface Ranked {
  readonly ordinal: number;
  /** Nats of log-odds, see `signals.ts`. */
  readonly points: number;
}

export interface Ranking {
  /** Best first; equal ones by ascending ordinal. */
  readonly ranked: readonly Ranked[];
  /** The most points that any memory could have had. */
  readonly mostPoints: number;
  readonly weights: Weights;
}

/** One signal's part in a score. */
export interface SignalPart {
  readonly signal: SignalName;
  readonly value: number;
  /** Points for a value of 1. */
  readonly weight: number;
}

/** The candidates of a pool in their order; those for which nothing speaks at all are left out. */
export function rank(pool: Pool, evidence: Evidence, weights: Weights): Ranking {
  const points = pointsOf(pool, evidence, weights);
  const ranked: Ranked[] = [];
  for (let place = 0; place < pool.size; place += 1) {
    const own = points[place] as number;
    if (pool.isCandidate[place] === 1 && own !== 0)
      ranked.push({ ordinal: pool.ordinals[place] as number, points: own });
  }
  return { ranked: ranked.sort(byPoints), mostPoints: mostPointsOf(evidence, weights), weights };
}

/** By place the sum of all signals, each times its weight. */
function pointsOf(pool: Pool, evidence: Evidence, weights: Weights): Float64Array {
  const points = new Float64Array(pool.size);
  for (const [signal, values] of evidence) {
    const weight = weights[signal];
    if (weight !== 0)
      for (let place = 0; place < pool.size; place += 1)
        points[place] = (points[place] as number) + weight * (values[place] as number);
  }
  return points;
}

/** What a memory would have that is the best of all candidates in every signal. */
function mostPointsOf(evidence: Evidence, weights: Weights): number {
  let most = 0;
  for (const [signal, values] of evidence) {
    const weight = weights[signal];
    let largest = 0;
    for (let place = 0; place < values.length; place += 1)
      largest = Math.max(largest, (values[place] as number) * weight);
    most += largest;
  }
  return most;
}

/** Best first. */
export function byPoints(a: Ranked, b: Ranked): number {
  return b.points - a.points || a.ordinal - b.ordinal;
}

/** Points as a share of the most, 0–1. */
export function scoreOf({ points }: Ranked, ranking: Pick<Ranking, 'mostPoints'> | undefined): number {
  const most = ranking?.mostPoints ?? 0;
  return most > 0 ? Math.min(1, Math.max(0, points / most)) : 0;
}

/** The signals of a place that are not silent, in the order of `signals.ts`. */
export function partsOf(evidence: Evidence, weights: Weights, place: number): readonly SignalPart[] {
  return SIGNAL_NAMES.flatMap((signal) => {
    const value = evidence.get(signal)?.[place] ?? 0;
    return value === 0 ? [] : [{ signal, value, weight: weights[signal] }];
  });
}

/** What was told of a memory's use: counts that fade. */

import { FEEDBACK_HALF_LIFE_MS, MAX_FEEDBACK_COUNT } from '../limits.ts';
import type { Feedback } from '../types.ts';

/**
 * What a count that was told at one time is worth at another, as a share: halved every half-life. Of what was
 * told later, as by a clock that runs ahead, nothing has faded yet.
 */
export function fadingFactor(fromMs: number, toMs: number): number {
  return 2 ** (-Math.max(0, toMs - fromMs) / FEEDBACK_HALF_LIFE_MS);
}

/** Feedback with counts that can be counted with: what is stored or imported may have been written by anyone. */
export function boundedFeedback({ useful, useless, at }: Feedback): Feedback {
  return { useful: boundedCount(useful), useless: boundedCount(useless), at };
}

function boundedCount(count: number): number {
  return count > 0 ? Math.min(count, MAX_FEEDBACK_COUNT) : 0;
}

/** Feedback as it counts at a time. */
function feedbackAt(feedback: Feedback, now: number): Feedback {
  const { useful, useless, at } = boundedFeedback(feedback);
  const factor = fadingFactor(at, now);
  return { useful: useful * factor, useless: useless * factor, at: now };
}

/** Feedback with one more verdict. */
export function withVerdict(feedback: Feedback | undefined, isUseful: boolean, now: number): Feedback {
  const { useful, useless, at } = feedbackAt(feedback ?? { useful: 0, useless: 0, at: now }, now);
  return boundedFeedback({ useful: useful + (isUseful ? 1 : 0), useless: useless + (isUseful ? 0 : 1), at });
}

/** Verdicts of each kind that are taken for given: as of a memory of which one good and one bad thing is known. */
const PRIOR = 1;

/**
 * How useful a memory was found, −1 to 1, 0 without verdicts: the mean of the posterior of its usefulness under a
 * uniform prior (Laplace's rule of succession), brought from 0–1 to −1–1. One verdict gives ⅓, three of a kind .6.
 */
export function usefulnessAt(feedback: Feedback | undefined, now: number): number {
  if (feedback === undefined) return 0;
  const { useful, useless } = feedbackAt(feedback, now);
  return (useful - useless) / (useful + useless + 2 * PRIOR);
}

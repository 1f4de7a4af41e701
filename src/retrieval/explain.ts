/** A memory's place in the list in the caller's words. */

import type { HitExplanation } from '../types.ts';
import type { Recalled } from './recall.ts';

/** Why one of those ranked stands where it does. */
export function explain({ mostPoints, reasonsOf, weights }: Recalled, ordinal: number): HitExplanation {
  const { foundBy, parts, vector, lexical } = reasonsOf(ordinal);
  const shareOf = (points: number) => (mostPoints > 0 ? points / mostPoints : 0);
  return {
    foundBy,
    signals: parts.map(({ signal, value, weight }) => ({
      signal,
      value,
      weight,
      score: shareOf(value * weight),
    })),
    ...(vector === undefined
      ? {}
      : {
          vector: {
            raw: vector.score,
            normalized: vector.value,
            weight: shareOf(weights.meaning),
            space: vector.space,
            trust: vector.trust,
            ...(vector.calibrated === undefined ? {} : { calibrated: vector.calibrated }),
          },
        }),
    ...(lexical === undefined
      ? {}
      : {
          lexical: {
            raw: lexical.raw,
            normalized: lexical.value,
            weight: shareOf(weights.words),
            terms: lexical.terms,
          },
        }),
  };
}

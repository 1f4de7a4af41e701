/** A memory's place in the list in the caller's words. */

import type { HitExplanation } from '../types.ts';
import type { Recalled } from './recall.ts';

/** Why one of those ranked stands where it does. */
export function explain({ mostPoints, reasonsOf, weights }: Recalled, ordinal: number): HitExplanation {
  const { foundBy, parts, vector, lexical } = reasonsOf(ordinal);
  const share = mostPoints > 0 ? 1 / mostPoints : 0;
  return {
    foundBy,
    signals: parts.map(({ signal, value, weight }) => ({
      signal,
      value,
      weight,
      score: value * weight * share,
    })),
    ...(vector === undefined
      ? {}
      : {
          vector: {
            raw: vector.score,
            normalized: vector.value,
            weight: weights.meaning * share,
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
            weight: weights.words * share,
            terms: lexical.terms,
          },
        }),
  };
}

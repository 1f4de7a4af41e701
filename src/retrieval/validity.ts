/** What does not hold at the moment that is asked about is ranked down, and never left out. */

import type { ValidityMark } from '../memory/fact.ts';
import type { Validity } from '../types.ts';
import type { FusedHit } from './fusion.ts';

/**
 * What the score of a memory is multiplied with. All lie within 0.3–1, the range of soft weights: an outdated
 * memory that fits a question much better than all others still comes first, and one that fits as well as what
 * replaced it comes behind.
 */
export const VALIDITY_WEIGHTS: Readonly<Record<Validity, number>> = {
  current: 1,
  /** Somebody said outright that another took its place: nothing is surer. */
  superseded: 0.3,
  /** Its host gave it an end; what ended is still the answer to what was. */
  ended: 0.4,
  /** It is inferred, from a subject and predicate or from a text: less sure than what was said. */
  contradicted: 0.5,
  /** It did not hold yet, but may be a plan made known by then, or a time that nobody named exactly. */
  future: 0.5,
};

/** A hit with what it is at the moment that is asked about. */
export interface RankedHit extends FusedHit {
  readonly mark: ValidityMark;
}

/** Hits by their weighted scores, descending; equal scores by ascending ordinal. */
export function rankByValidity(
  hits: readonly FusedHit[],
  validityOf: (ordinal: number) => ValidityMark,
): readonly RankedHit[] {
  return hits
    .map((hit) => {
      const mark = validityOf(hit.ordinal);
      return { ...hit, mark, score: hit.score * VALIDITY_WEIGHTS[mark.state] };
    })
    .sort((a, b) => b.score - a.score || a.ordinal - b.ordinal);
}

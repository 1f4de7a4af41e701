/** How far a memory is out of date at the moment that is asked about: such are ranked down, and never left out. */

import type { Validity } from '../types.ts';

/** Values of the signal `outdated`, 0–1. */
export const OUTDATED: Readonly<Record<Validity, number>> = {
  current: 0,
  /** Somebody said outright that another took its place: nothing is surer. */
  superseded: 1,
  /** Its host gave it an end; what ended is still the answer to what was. */
  ended: 0.8,
  /** It is inferred, from a subject and predicate or from a text: less sure than what was said. */
  contradicted: 0.6,
  /** It did not hold yet, but may be a plan made known by then, or a time that nobody named exactly. */
  future: 0.6,
};

/** Stretches of ordinals: a list of memories is looked for only where it can be. */

export interface Span {
  readonly first: number;
  readonly last: number;
}

/** All that there may be. */
export const EVERYWHERE: Span = { first: 0, last: 2 ** 32 - 1 };

/**
 * The places of those that lie in a span.
 *
 * @param ordinals ascending.
 */
export function within(
  ordinals: Uint32Array,
  { first, last }: Span,
): { readonly from: number; readonly to: number } {
  return { from: lowerBound(ordinals, first), to: lowerBound(ordinals, last + 1) };
}

/** The place of the first that is not less; the length where all are. By hand: every candidate is looked for in every segment. */
export function lowerBound(ordinals: Uint32Array, least: number): number {
  let low = 0;
  let high = ordinals.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ordinals[middle] as number) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

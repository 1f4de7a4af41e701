/** Maximal marginal relevance: hits that say what others have said go further back. Off unless asked for: it costs recall. */

export interface DiversityOptions {
  /**
   * What relevance counts against novelty, 0–1: 1 leaves the order as it is; by .7 an exact repeat falls behind what is
   * less than three sevenths less relevant.
   */
  readonly lambda: number;
  /** How many to choose. */
  readonly limit: number;
}

/**
 * The order of candidates by maximal marginal relevance (Carbonell & Goldstein 1998): next comes the one with the most
 * λ · relevance − (1 − λ) · similarity to the most similar before it. Of equals the first given.
 *
 * @param relevances 0–1, best first or not.
 * @param similarity of two candidates by their places, 0–1; asked at most limit × candidates times.
 * @returns places of the candidates chosen, in the new order.
 * @example
 * diversify([1, 0.9, 0.5], (i, j) => (i + j === 1 ? 1 : 0), { lambda: 0.7, limit: 3 });
 * // [0, 2, 1]: the second says what the first said
 */
export function diversify(
  relevances: ArrayLike<number>,
  similarity: (i: number, j: number) => number,
  { lambda, limit }: DiversityOptions,
): readonly number[] {
  const chosen: number[] = [];
  const rest = Array.from({ length: relevances.length }, (_, i) => i);
  /** Similarity to the most similar of those chosen. */
  const nearest = new Float64Array(relevances.length);
  while (chosen.length < limit && rest.length > 0) {
    const place = bestOf(rest, (i) => lambda * (relevances[i] ?? 0) - (1 - lambda) * (nearest[i] ?? 0));
    const [next = 0] = rest.splice(place, 1);
    chosen.push(next);
    if (lambda < 1 && chosen.length < limit)
      for (const i of rest) nearest[i] = Math.max(nearest[i] ?? 0, similarity(i, next));
  }
  return chosen;
}

function bestOf(places: readonly number[], value: (place: number) => number): number {
  let best = 0;
  let bestValue = Number.NEGATIVE_INFINITY;
  for (const [i, place] of places.entries()) {
    const each = value(place);
    if (each > bestValue) [best, bestValue] = [i, each];
  }
  return best;
}

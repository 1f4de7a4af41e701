/** The best of a list in an order in which what repeats others goes further back. */

import { DIVERSITY_FACTOR, MAX_DIVERSIFIED } from '../limits.ts';
import { diversify } from '../retrieval/diversity.ts';
import { dot } from '../vector/vectors.ts';
import type { Listed } from './listing.ts';
import type { ReadListedParts } from './read-listed.ts';

export interface Diversified {
  readonly list: readonly Listed[];
  /** How many were candidates for a place in front. */
  readonly count: number;
}

/** @param diversity what novelty counts, above 0 and up to 1. */
export async function diversifyList(
  { state, readVectors }: Pick<ReadListedParts, 'state' | 'readVectors'>,
  list: readonly Listed[],
  limit: number,
  diversity: number,
): Promise<Diversified> {
  const count = Math.min(DIVERSITY_FACTOR * limit, MAX_DIVERSIFIED);
  const states = list.slice(0, count).flatMap(({ ordinal }) => state.table.at(ordinal) ?? []);
  const vectors = await readVectors(states);
  const embedded = new Map(
    states.map(({ ordinal, record }, i) => [ordinal, { space: record.embedding?.space, vector: vectors[i] }]),
  );
  const best = list.slice(0, count);
  const most = best.reduce((max, { score }) => Math.max(max, score), 0);
  const placed = best.map(({ ordinal }) => embedded.get(ordinal));
  const similarity = (i: number, j: number) => {
    const [a, b] = [placed[i], placed[j]];
    return a?.vector === undefined || b?.vector === undefined || a.space !== b.space
      ? 0
      : Math.max(0, dot(a.vector, b.vector));
  };
  const relevances = best.map(({ score }) => (most > 0 ? score / most : 0));
  const places = diversify(relevances, similarity, { lambda: 1 - diversity, limit });
  const chosen = places.flatMap((place) => best[place] ?? []);
  const isChosen = new Set(chosen);
  return { list: [...chosen, ...list.filter((each) => !isChosen.has(each))], count: best.length };
}

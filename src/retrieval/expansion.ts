/**
 * More of a question without a language model: words and vectors of the best hits added to the query, and several
 * queries' lists made one. Off unless asked for: feedback from hits that are wrong leads further astray.
 */

/** What the feedback counts against the query itself. */
export const FEEDBACK = {
  /** Hits that feed back: RM3 is mostly run with ten; a question to a memory has few right answers, and the others mislead. */
  hits: 5,
  /** Words added: as many as a question has content words, twice. */
  terms: 10,
  /** Share of the query in the words' weights: half, as RM3 is mostly run (Abdul-Jaleel et al. 2004). */
  queryShare: 0.5,
  /** Rocchio's β against α = 1: a fifth turns the query's vector without taking its place. */
  beta: 0.2,
} as const;

/** A hit that feeds back. */
export interface FeedbackText {
  readonly text: string;
  /** Above 0; what it counts against the others. */
  readonly score: number;
}

export interface TermOptions {
  /** The tokeniser of the word index: terms as they are looked up, function words left out. */
  readonly tokenize: (text: string) => readonly string[];
  /** Rarity of a term, above 0: weighs down what stands in every memory. */
  readonly idf: (term: string) => number;
}

export interface WeightedTerm {
  readonly term: string;
  /** Above 0; all of them sum to 1. */
  readonly weight: number;
}

/**
 * The query as weighted words, with words of the best hits: a relevance model (RM3).
 *
 *     weight(w) = share · tf(w, query) / |query| + (1 − share) · Σ_hits score · tf(w, hit) / |hit| · idf(w), normalised
 *
 * @returns heaviest first; the query's own words are always among them. Without hits they are all.
 * @example
 * const tokenize = (text: string) => text.split(' ');
 * expandTerms('red boots', [{ text: 'red leather boots', score: 1 }], { tokenize, idf: () => 1 });
 * // [{ term: 'red', weight: 0.42 }, { term: 'boots', weight: 0.42 }, { term: 'leather', weight: 0.17 }]
 */
export function expandTerms(
  query: string,
  hits: readonly FeedbackText[],
  { tokenize, idf }: TermOptions,
): readonly WeightedTerm[] {
  const own = distribution(frequencies(tokenize(query), 1));
  const found = new Map<string, number>();
  for (const { text, score } of hits.slice(0, FEEDBACK.hits))
    for (const [term, share] of frequencies(tokenize(text), score))
      found.set(term, (found.get(term) ?? 0) + share * idf(term));
  const fresh = [...distribution(found)].sort(byWeight);
  const added = fresh.filter(([term]) => !own.has(term)).slice(0, FEEDBACK.terms);
  const kept = distribution(new Map([...fresh.filter(([term]) => own.has(term)), ...added]));
  const share = kept.size === 0 ? 1 : own.size === 0 ? 0 : FEEDBACK.queryShare;
  const weights = new Map([...own].map(([term, weight]) => [term, share * weight]));
  for (const [term, weight] of kept) weights.set(term, (weights.get(term) ?? 0) + (1 - share) * weight);
  return [...weights].sort(byWeight).map(([term, weight]) => ({ term, weight }));
}

/** Share of each term in a text, times what the text counts. */
function frequencies(terms: readonly string[], score: number): Map<string, number> {
  const shares = new Map<string, number>();
  for (const term of terms) shares.set(term, (shares.get(term) ?? 0) + score / terms.length);
  return shares;
}

function distribution(weights: ReadonlyMap<string, number>): Map<string, number> {
  const sum = [...weights.values()].reduce((all, weight) => all + weight, 0);
  return new Map(sum > 0 ? [...weights].map(([term, weight]) => [term, weight / sum]) : []);
}

function byWeight([a, first]: readonly [string, number], [b, second]: readonly [string, number]): number {
  return second - first || (a < b ? -1 : 1);
}

/** A hit's vector, and what it counts against the others. */
export interface FeedbackVector {
  /** Of the query's space, unit length. */
  readonly vector: Float32Array;
  /** Above 0. */
  readonly score: number;
}

/**
 * The query's vector moved towards those of the best hits (Rocchio 1971, no hits that are wrong):
 * q + β · the hits' mean by score, brought to unit length.
 *
 * @returns a new vector; the query's own, copied, where there are no hits or the sum would be none.
 */
export function expandVector(query: Float32Array, hits: readonly FeedbackVector[]): Float32Array {
  const best = hits.slice(0, FEEDBACK.hits);
  const total = best.reduce((sum, { score }) => sum + score, 0);
  const moved = Float64Array.from(query);
  if (total > 0)
    for (const { vector, score } of best)
      for (let i = 0; i < moved.length; i++)
        moved[i] = (moved[i] ?? 0) + (FEEDBACK.beta * score * (vector[i] ?? 0)) / total;
  const length = Math.hypot(...moved);
  return length > 0 ? Float32Array.from(moved, (value) => value / length) : query.slice();
}

/** A memory as one of several queries found it. */
export interface ScoredOrdinal {
  readonly ordinal: number;
  /** Not below 0. */
  readonly score: number;
}

/** A memory as all of them did. */
export interface MergedOrdinal extends ScoredOrdinal {
  /** Places of the queries that found it. */
  readonly queries: readonly number[];
}

/**
 * The hits of several wordings of one question as one list, best first; equal scores by ascending ordinal. A score,
 * 0–1, is the mean over all queries of its shares of their best (CombSUM, Fox & Shaw 1994; Lee 1997): what more of them
 * find is more likely right, and one that went astray is outvoted.
 *
 * @param lists the hits of each query, in any order.
 * @example
 * mergeQueries([[{ ordinal: 7, score: 2 }], [{ ordinal: 7, score: 9 }, { ordinal: 8, score: 9 }]]);
 * // [{ ordinal: 7, score: 1, queries: [0, 1] }, { ordinal: 8, score: 0.5, queries: [1] }]
 */
export function mergeQueries(lists: readonly (readonly ScoredOrdinal[])[]): readonly MergedOrdinal[] {
  const merged = new Map<number, { score: number; queries: number[] }>();
  for (const [query, list] of lists.entries()) {
    const best = list.reduce((most, { score }) => Math.max(most, score), 0);
    for (const { ordinal, score } of list) {
      const entry = merged.get(ordinal) ?? { score: 0, queries: [] };
      if (best > 0) entry.score += score / best / lists.length;
      entry.queries.push(query);
      merged.set(ordinal, entry);
    }
  }
  return [...merged]
    .map(([ordinal, { score, queries }]) => ({ ordinal, score: Math.min(1, score), queries }))
    .sort((a, b) => b.score - a.score || a.ordinal - b.ordinal);
}

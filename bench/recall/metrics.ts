/** What is measured of a list of turns, best first: recall, reciprocal rank, and means of them by category. */

/** Of one question. */
export interface QuestionScore {
  readonly conversation: string;
  readonly category: string;
  readonly r5: number;
  readonly r10: number;
  /** 1 / rank of the first turn that is evidence; 0 where none was returned. */
  readonly reciprocalRank: number;
  /** Share of the evidence that a packed context holds, by its tokens. */
  readonly kept: Readonly<Record<string, number>>;
}

export interface Means {
  readonly n: number;
  readonly r5: number;
  readonly r10: number;
  readonly mrr: number;
}

/** Share of the gold places among the first `k` that were returned. */
export function recallAt(returned: readonly number[], gold: readonly number[], k: number): number {
  const first = new Set(returned.slice(0, k));
  return gold.filter((place) => first.has(place)).length / gold.length;
}

export function reciprocalRank(returned: readonly number[], gold: readonly number[]): number {
  const wanted = new Set(gold);
  const rank = returned.findIndex((place) => wanted.has(place)) + 1;
  return rank === 0 ? 0 : 1 / rank;
}

/** Share of the texts that stand verbatim in a packed text. */
export function shareKept(packed: string, texts: readonly string[]): number {
  return texts.filter((text) => packed.includes(text)).length / texts.length;
}

export function meansOf(scores: readonly QuestionScore[]): Means {
  return {
    n: scores.length,
    r5: mean(scores.map(({ r5 }) => r5)),
    r10: mean(scores.map(({ r10 }) => r10)),
    mrr: mean(scores.map((each) => each.reciprocalRank)),
  };
}

/** The means of each group, groups in the order of their names. */
export function meansBy(
  scores: readonly QuestionScore[],
  keyOf: (score: QuestionScore) => string,
): Readonly<Record<string, Means>> {
  const groups = new Map<string, QuestionScore[]>();
  for (const score of scores) groups.set(keyOf(score), [...(groups.get(keyOf(score)) ?? []), score]);
  const ordered = [...groups].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }));
  return Object.fromEntries(ordered.map(([key, group]) => [key, meansOf(group)]));
}

/** NaN of none. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The list of a search: what all wordings of a question found, in one order. */

import { mergeQueries, type ScoredOrdinal } from '../retrieval/expansion.ts';
import { explain } from '../retrieval/explain.ts';
import { type Ranked, scoreOf } from '../retrieval/ranking.ts';
import type { Recalled } from '../retrieval/recall.ts';
import type { HitExplanation, SearchResult } from '../types.ts';
import { putQuotedFirst, type QuotingParts } from './quoting.ts';
import { type Asking, ask, type Found, lookUpEvents } from './wordings.ts';

/** A memory of the list. */
export interface Listed {
  readonly ordinal: number;
  /** 0–1. */
  readonly score: number;
  /** Made when it is asked for: most are never shown. */
  readonly why: () => HitExplanation;
}

/** One that may still be left out. */
interface Candidate extends Listed {
  /** Its score if it were not out of date, 0–1. Made when it is asked for. */
  readonly scoreIfCurrent: () => number;
}

export interface Listing {
  /** By wording, the question first. */
  readonly found: readonly Found[];
  /** Best first. */
  readonly list: readonly Listed[];
  readonly quoted: SearchResult['plan']['quoted'];
}

const NO_EVENTS = { ranges: [], degraded: undefined };

type ListingParts = QuotingParts & Parameters<typeof ask>[0];

/** Asks every wording, and makes one list of what they find. */
export async function listFor(parts: ListingParts, asking: Asking): Promise<Listing> {
  const events = await lookUpEvents(parts, asking);
  parts.assertOpen();
  const asked = asking.wordings.map((wording, i) => ask(parts, wording, asking, events[i] ?? NO_EVENTS));
  const { found, quoted } = await putQuotedFirst(parts, asked);
  const [only] = found;
  const list = only !== undefined && found.length === 1 ? listOf(only) : mergedList(found);
  const minScore = asking.options.minScore ?? 0;
  // What is out of date is ranked down for that, and never left out for it.
  const isGood = ({ score, scoreIfCurrent }: Candidate) => score >= minScore || scoreIfCurrent() >= minScore;
  return { found, list: list.filter(isGood), quoted };
}

function listOf({ recalled }: Found): readonly Candidate[] {
  if (recalled === undefined) return [];
  return recalled.ranked.map((ranked) => ({
    ordinal: ranked.ordinal,
    score: scoreOf(ranked, recalled),
    scoreIfCurrent: () => scoreIfCurrent(ranked, recalled),
    why: () => explain(recalled, ranked.ordinal),
  }));
}

function scoreIfCurrent({ ordinal, points }: Ranked, recalled: Recalled): number {
  const outdated = recalled.reasonsOf(ordinal).parts.find(({ signal }) => signal === 'outdated');
  const lost = outdated === undefined ? 0 : outdated.value * outdated.weight;
  return scoreOf({ ordinal, points: points - lost }, recalled);
}

function mergedList(found: readonly Found[]): readonly Candidate[] {
  const recalls = found.map(({ recalled }) => recalled);
  const lists = recalls.map(scoresOf);
  const bests = lists.map((list) => list.reduce((best, { score }) => Math.max(best, score), 0));
  // Where nothing that was found holds, the best may have 0.
  const shareOf = (query: number, score: number) => Math.min(1, score / (bests[query] || 1));
  const looked = new LookedUp(recalls);
  return mergeQueries(lists).map(({ ordinal, score, queries }) => ({
    ordinal,
    score,
    scoreIfCurrent: () =>
      queries.reduce(
        (sum, query) => sum + shareOf(query, looked.of(query, ordinal, scoreIfCurrent) ?? 0) / lists.length,
        0,
      ),
    why: () => {
      const scores = queries
        .map((query) => ({ query, score: shareOf(query, looked.of(query, ordinal, scoreOf) ?? 0) }))
        .sort((a, b) => b.score - a.score || a.query - b.query);
      const first = looked.of(scores[0]?.query ?? 0, ordinal, (_, recalled) => explain(recalled, ordinal));
      return { ...(first ?? { foundBy: [], signals: [] }), queries: scores };
    },
  }));
}

function scoresOf(recalled: Recalled | undefined): readonly ScoredOrdinal[] {
  if (recalled === undefined) return [];
  return recalled.ranked.map((ranked) => ({ ordinal: ranked.ordinal, score: scoreOf(ranked, recalled) }));
}

/** The memories of several recalls by ordinal, looked up when the first is asked for. */
class LookedUp {
  readonly #recalls: readonly (Recalled | undefined)[];
  readonly #ranked: (ReadonlyMap<number, Ranked> | undefined)[] = [];

  constructor(recalls: readonly (Recalled | undefined)[]) {
    this.#recalls = recalls;
  }

  /** Undefined where the query has not found the memory. */
  of<T>(query: number, ordinal: number, read: (ranked: Ranked, recalled: Recalled) => T): T | undefined {
    const recalled = this.#recalls[query];
    if (recalled === undefined) return undefined;
    this.#ranked[query] ??= new Map(recalled.ranked.map((each) => [each.ordinal, each]));
    const ranked = this.#ranked[query].get(ordinal);
    return ranked === undefined ? undefined : read(ranked, recalled);
  }
}

/** The list of a search: what all wordings of a question found, in one order. */

import { mergeQueries } from '../retrieval/expansion.ts';
import { explain } from '../retrieval/explain.ts';
import { scoreOf } from '../retrieval/ranking.ts';
import type { HitExplanation, SearchResult } from '../types.ts';
import { putQuotedFirst, type QuotingParts } from './quoting.ts';
import { type Asking, ask, type Found } from './wordings.ts';

/** A memory of the list. */
export interface Listed {
  readonly ordinal: number;
  /** 0–1. */
  readonly score: number;
  /** Made when it is asked for: most are never shown. */
  readonly why: () => HitExplanation;
}

export interface Listing {
  /** By wording, the question first. */
  readonly found: readonly Found[];
  /** Best first. */
  readonly list: readonly Listed[];
  readonly quoted: SearchResult['plan']['quoted'];
}

type ListingParts = QuotingParts & Parameters<typeof ask>[0];

/** Asks every wording, and makes one list of what they find. */
export async function listFor(parts: ListingParts, asking: Asking): Promise<Listing> {
  const asked = asking.wordings.map((wording) => ask(parts, wording, asking));
  const { found, quoted } = await putQuotedFirst(parts, asked);
  const [only] = found;
  const list = only !== undefined && found.length === 1 ? listOf(only) : mergedList(found);
  const minScore = asking.options.minScore ?? 0;
  return { found, list: list.filter(({ score }) => score >= minScore), quoted };
}

function listOf({ recalled }: Found): readonly Listed[] {
  if (recalled === undefined) return [];
  return recalled.ranked.map((ranked) => ({
    ordinal: ranked.ordinal,
    score: scoreOf(ranked, recalled),
    why: () => explain(recalled, ranked.ordinal),
  }));
}

function mergedList(found: readonly Found[]): readonly Listed[] {
  const lists = found.map(listOf);
  const byOrdinal = lists.map((list) => new Map(list.map((each) => [each.ordinal, each])));
  const bests = lists.map((list) => list.reduce((best, { score }) => Math.max(best, score), 0));
  return mergeQueries(lists).map(({ ordinal, score, queries }) => ({
    ordinal,
    score,
    why: () => {
      const scores = queries
        .map((query) => {
          const best = bests[query] ?? 0;
          return { query, score: best > 0 ? (byOrdinal[query]?.get(ordinal)?.score ?? 0) / best : 0 };
        })
        .sort((a, b) => b.score - a.score || a.query - b.query);
      const first = byOrdinal[scores[0]?.query ?? 0]?.get(ordinal);
      return { ...(first?.why() ?? { foundBy: [], signals: [] }), queries: scores };
    },
  }));
}

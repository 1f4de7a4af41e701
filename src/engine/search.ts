/** The read path of a search: prepare the question, make the list, put it in order, read the few, answer with reasons. */

import { PREFETCHED } from '../limits.ts';
import { momentOf } from '../memory/fact.ts';
import type { RerankOptions, SearchHit, SearchOptions, SearchResult } from '../types.ts';
import { type AnswerParts, answer } from './answering.ts';
import { checkRerank } from './arguments.ts';
import { checkQuery, checkRanking, checkWidening } from './check-query.ts';
import { diversifyList } from './diversifying.ts';
import type { Environment } from './environment.ts';
import { type Expanded, expandWordings } from './expanding.ts';
import { type Listed, type Listing, listFor } from './listing.ts';
import type { QueryEmbedding } from './query-embedding.ts';
import { embedTask } from './query-vectors.ts';
import { planTimes } from './question-times.ts';
import type { ReadAhead } from './read-ahead.ts';
import { readListed } from './read-listed.ts';
import { hasWords, isAsked } from './recall-question.ts';
import type { Reranking } from './reranking.ts';
import { Selections } from './selections.ts';
import type { VectorArm } from './vector-arm.ts';
import { type Asking, prepareWordings } from './wordings.ts';

/** What a search needs. */
export interface SearchParts extends AnswerParts {
  readonly queries: QueryEmbedding;
  readonly arm: VectorArm;
  readonly reranking: Reranking;
  readonly ahead: ReadAhead;
  readonly environment: Environment;
  readonly indexKind: string;
  /** Throws once the engine is closed: what is asked and read after that is not all there is. */
  readonly assertOpen: () => void;
}

/** A list in the order in which it is answered. */
interface Ordered {
  readonly list: readonly Listed[];
  /** Why the reranker had no say. */
  readonly degraded: string | undefined;
  readonly diversified: number | undefined;
}

export async function search(
  parts: SearchParts,
  query: string,
  limit: number,
  options: SearchOptions,
): Promise<SearchResult> {
  const { environment, ahead } = parts;
  const startMs = environment.monotonicMs();
  ahead.stop();
  const rerank = checkAll(query, options);
  const asking = await prepare(parts, query, limit, options);
  const { wordings } = asking;
  const { listing, expanded } = await listAll(parts, asking);
  const { list, degraded, diversified } = await inOrder(parts, query, asking, listing, rerank);
  const hits = await answerWith(parts, list, asking, listing);
  ahead.read(list.slice(limit, limit + PREFETCHED).map(({ ordinal }) => ordinal));
  noteReturned(parts, hits);
  return {
    hits,
    ms: environment.monotonicMs() - startMs,
    embedMs: Math.max(...wordings.map(({ vectors }) => vectors.ms)),
    plan: {
      ...planOf(parts, listing, options),
      ...problemsOf([
        ...wordings.flatMap(({ vectors, times }) => [vectors.degraded, times.degraded]),
        ...listing.found.map((each) => each.degraded),
        degraded,
      ]),
      ...(expanded === undefined ? {} : { expanded }),
      ...(diversified === undefined ? {} : { diversified }),
    },
  };
}

/** Refuses what is no search, before anything is asked; answers how the best are to be reranked. */
function checkAll(query: string, options: SearchOptions): Required<RerankOptions> | undefined {
  checkQuery(query, options);
  checkRanking(options);
  checkWidening(options);
  return checkRerank(options.rerank);
}

/** The question with all that has to be waited for: what is asked from then on is of one moment. */
async function prepare(
  parts: SearchParts,
  query: string,
  limit: number,
  options: SearchOptions,
): Promise<Asking> {
  const { state, environment } = parts;
  const moment = momentOf(options.asOf, environment.now());
  const wordings = await prepareWordings(parts, query, options);
  const task = await embedTask(parts, options);
  parts.assertOpen();
  const selections = new Selections(state, options, environment.now());
  return { wordings, task, moment, limit, options, selections };
}

/** Asks all wordings; where the question is to be expanded, once more with what they found. */
async function listAll(
  parts: SearchParts,
  asking: Asking,
): Promise<{ readonly listing: Listing; readonly expanded?: Expanded['words'] }> {
  const listing = await listFor(parts, asking);
  const expanded = asking.options.expand
    ? await expandWordings(parts, asking.wordings, listing.list)
    : undefined;
  parts.assertOpen();
  if (expanded === undefined) return { listing };
  const { wordings, words } = expanded;
  return { listing: await listFor(parts, { ...asking, wordings }), expanded: words };
}

/** As the reranker would have it, and then as diversity would. */
async function inOrder(
  parts: SearchParts,
  query: string,
  { limit, options: { diversity = 0 } }: Asking,
  { list }: Listing,
  rerank: Required<RerankOptions> | undefined,
): Promise<Ordered> {
  const reranked = rerank && (await rerankList(parts, query, list, rerank));
  parts.assertOpen();
  const sorted = reranked?.list ?? list;
  const diversified = diversity > 0 ? await diversifyList(parts, sorted, limit, diversity) : undefined;
  parts.assertOpen();
  return {
    list: diversified?.list ?? sorted,
    degraded: reranked?.degraded,
    diversified: diversified?.count,
  };
}

/** The first of a list as hits; nothing is shown beside them that the question itself may not find. */
async function answerWith(
  parts: SearchParts,
  list: readonly Listed[],
  { limit, moment, options: { includeVector, neighbours } }: Asking,
  { found }: Listing,
): Promise<readonly SearchHit[]> {
  const isAllowed = (ordinal: number) => found[0]?.isAllowed(ordinal) ?? parts.state.table.has(ordinal);
  const hits = await answer(parts, list, { limit, moment, includeVector, neighbours, isAllowed });
  parts.assertOpen();
  return hits;
}

/** The best are read for it; those that are not there any more leave the list. */
async function rerankList(
  parts: SearchParts,
  query: string,
  list: readonly Listed[],
  rerank: Required<RerankOptions>,
): Promise<Pick<Ordered, 'list' | 'degraded'>> {
  const best = list.slice(0, rerank.best);
  const read = await readListed(
    parts,
    best.map(({ ordinal }) => ordinal),
  );
  const readable = best.flatMap((each) => {
    const memory = read.get(each.ordinal);
    return memory === undefined ? [] : [{ ...each, why: each.why(), memory }];
  });
  const { hits, degraded } = await parts.reranking.rerank(query, readable, rerank);
  const reranked = hits.map(({ ordinal, score, why }) => ({ ordinal, score, why: () => why }));
  return { list: [...reranked, ...list.slice(best.length)], degraded };
}

function planOf(
  { indexKind }: SearchParts,
  { found, quoted }: Listing,
  options: SearchOptions,
): SearchResult['plan'] {
  const efforts = found.flatMap((each) => each.efforts);
  const told = found.flatMap(({ wording, around }) => planTimes(wording.times, around));
  const times = [...new Map(told.map((time) => [JSON.stringify(time), time])).values()];
  const asked = found.map(({ wording }) => wording.focus);
  const saidBy = new Set(
    asked.flatMap(({ isOnlySpeakers, speakers }) => (isOnlySpeakers ? [...speakers] : [])),
  );
  const { vectors } = found[0]?.wording ?? { vectors: { queries: [], choices: [] } };
  return {
    index: indexKind,
    spaces: vectors.queries.map(({ space }) => space),
    ...(vectors.choices.length === 0 ? {} : { queries: vectors.choices }),
    ...(efforts.length === 0 ? {} : { vector: efforts }),
    lexical: isAsked('lexical', options) && asked.some(hasWords),
    ...(saidBy.size === 0 ? {} : { saidBy: [...saidBy] }),
    ...(times.length === 0 ? {} : { times }),
    ...(found.length === 1 ? {} : { wordings: found.length - 1 }),
    ...(quoted === undefined ? {} : { quoted }),
    considered: found[0]?.considered ?? 0,
  };
}

function problemsOf(problems: readonly (string | undefined)[]): Pick<SearchResult['plan'], 'degraded'> {
  const all = new Set(problems.filter((each) => each !== undefined));
  return all.size === 0 ? {} : { degraded: [...all].join('; ') };
}

/** Access counts, and what is recalled together. What a hit only brings along was not asked for. */
function noteReturned({ state, environment }: SearchParts, hits: readonly SearchHit[]): void {
  const now = environment.now();
  const returned = hits.flatMap(({ id, score }) => {
    const ordinal = state.table.ordinalOf(id);
    return ordinal === undefined ? [] : [{ ordinal, score }];
  });
  for (const { ordinal } of returned) state.access.touch(ordinal, now);
  for (const id of hits.flatMap(({ merged = [] }) => merged)) {
    const ordinal = state.table.ordinalOf(id);
    if (ordinal !== undefined) state.access.touch(ordinal, now);
  }
  state.learnt.returned(returned, now);
}

/** The read path of a search: embed the question, recall, fetch the contents of the few, answer with reasons. */

import { PREFETCHED } from '../limits.ts';
import { type Moment, momentOf } from '../memory/fact.ts';
import type { MemoryState } from '../memory/operation.ts';
import { explain } from '../retrieval/explain.ts';
import { focusOf } from '../retrieval/focus.ts';
import { type Ranked, type Recalled, scoreOf } from '../retrieval/recall.ts';
import type { SearchHit, SearchOptions, SearchResult } from '../types.ts';
import { checkRerank } from './arguments.ts';
import type { BlockStore } from './blocks/block-store.ts';
import { checkQuery, checkRanking } from './check-query.ts';
import type { Environment } from './environment.ts';
import type { QueryEmbedding } from './query-embedding.ts';
import { embedQuery, embedTask } from './query-vectors.ts';
import { planTimes, type QuestionTimes, rangesAround, readTimes, strictRange } from './question-times.ts';
import type { ReadAhead } from './read-ahead.ts';
import { type Asked, askArms, isAsked } from './recall-question.ts';
import type { Reranking } from './reranking.ts';
import { readMemories } from './rows.ts';
import type { EngineState } from './state.ts';
import { type Scope, toMemory } from './table/memory-table.ts';
import type { VectorArm } from './vector-arm.ts';

/** What a search needs. */
export interface SearchParts {
  readonly state: EngineState;
  readonly blocks: BlockStore;
  readonly queries: QueryEmbedding;
  readonly arm: VectorArm;
  readonly reranking: Reranking;
  readonly ahead: ReadAhead;
  readonly environment: Environment;
  readonly scope: Scope;
  readonly indexKind: string;
  /** Told of memories whose contents were not in storage. */
  readonly onMissing: (memories: readonly MemoryState[]) => Promise<void>;
  /** Throws once the engine is closed: what is asked and read after that is not all there is. */
  readonly assertOpen: () => void;
  /** The stored vectors in order; tells of those that are gone. */
  readonly readVectors: (memories: readonly MemoryState[]) => Promise<readonly (Float32Array | undefined)[]>;
}

type Predicate = (ordinal: number) => boolean;

const NOTHING: Asked = { recalled: undefined, vector: [] };

export async function search(
  parts: SearchParts,
  query: string,
  limit: number,
  options: SearchOptions,
): Promise<SearchResult> {
  const { state, environment } = parts;
  const startMs = environment.monotonicMs();
  parts.ahead.stop();
  checkQuery(query, options);
  checkRanking(options);
  const rerank = checkRerank(options.rerank);
  const moment = momentOf(options.asOf, environment.now());
  const times = await readTimes(query, options, environment);
  const focus = focusOf(query, (word) => state.speakers.named(word));
  const vectors = await embedQuery(parts, focus.text, options);
  const task = await embedTask(parts, options);
  parts.assertOpen();
  // Selected after the wait: nothing deleted meanwhile is found.
  const predicate = withinTime(
    state,
    state.predicate(options.filter, environment.now(), options.asOf),
    times,
  );
  const selection = predicate && state.select(predicate);
  const around = rangesAround(times, state, selection?.members);
  const question = {
    focus,
    queries: vectors.queries,
    task,
    ranges: [...times.ranges, ...around],
    moment,
    now: times.now,
  };
  const { recalled, vector } =
    selection?.count === 0 ? NOTHING : askArms(parts, question, limit, selection?.members, options);
  const ranked = recalled?.ranked ?? [];
  const minScore = options.minScore ?? 0;
  const best = ranked
    .filter((each) => scoreOf(each, recalled) >= minScore)
    .slice(0, Math.max(limit, rerank?.best ?? 0));
  const fetched = await fetchHits(parts, best, recalled, moment, options.includeVector ?? false);
  const reranked = rerank && (await parts.reranking.rerank(query, fetched, rerank));
  // Again after a wait: what was deleted meanwhile is not found.
  const left = reranked?.hits.filter(({ id }) => state.table.ordinalOf(id) !== undefined) ?? fetched;
  const hits = left.slice(0, limit);
  parts.assertOpen();
  parts.ahead.read(ranked.slice(best.length, best.length + PREFETCHED).map(({ ordinal }) => ordinal));
  noteReturned(parts, hits);
  const problems = [vectors.degraded, times.degraded, reranked?.degraded].filter(
    (each) => each !== undefined,
  );
  const told = planTimes(times, around);
  return {
    hits,
    ms: environment.monotonicMs() - startMs,
    embedMs: vectors.ms,
    plan: {
      index: parts.indexKind,
      spaces: vectors.queries.map(({ space }) => space),
      ...(vectors.choices.length === 0 ? {} : { queries: vectors.choices }),
      ...(vector.length === 0 ? {} : { vector }),
      lexical: isAsked('lexical', options) && query.trim() !== '',
      ...(told.length === 0 ? {} : { times: told }),
      considered: selection?.count ?? state.table.size,
      ...(problems.length === 0 ? {} : { degraded: problems.join('; ') }),
    },
  };
}

/** What the filter lets through of the memories of a time that is strictly meant. */
function withinTime(
  { table }: EngineState,
  filter: Predicate | undefined,
  times: QuestionTimes,
): Predicate | undefined {
  const range = strictRange(times);
  if (range === undefined) return filter;
  const { fromMs, toMs } = range;
  return (ordinal) => {
    const at = table.field(ordinal, 'createdAt') as number;
    return at >= fromMs && at < toMs && (filter?.(ordinal) ?? true);
  };
}

/** Access counts, and what is recalled together. */
function noteReturned({ state, environment }: SearchParts, hits: readonly SearchHit[]): void {
  const now = environment.now();
  const returned = hits.flatMap(({ id, score }) => {
    const ordinal = state.table.ordinalOf(id);
    return ordinal === undefined ? [] : [{ ordinal, score }];
  });
  for (const { ordinal } of returned) state.access.touch(ordinal, now);
  state.learnt.returned(returned, now);
}

async function fetchHits(
  { state, blocks, scope, onMissing, readVectors }: SearchParts,
  best: readonly Ranked[],
  recalled: Recalled | undefined,
  moment: Moment,
  includeVector: boolean,
): Promise<readonly SearchHit[]> {
  if (recalled === undefined) return [];
  const states = best.flatMap(({ ordinal }) => state.table.at(ordinal) ?? []);
  const read = await readMemories(blocks, state.table, states, includeVector ? readVectors : undefined);
  await onMissing(read.filter(({ content }) => content === undefined).map((each) => each.state));
  const byOrdinal = new Map(read.map((each) => [each.state.ordinal, each]));
  return best.flatMap((ranked): SearchHit[] => {
    const { state: memory, content, vector } = byOrdinal.get(ranked.ordinal) ?? {};
    if (memory === undefined || content === undefined) return [];
    const { state: validity, by } = state.facts.validityOf(ranked.ordinal, moment);
    const replacedBy = by === undefined ? undefined : state.table.field(by, 'id');
    return [
      {
        id: memory.record.id,
        score: scoreOf(ranked, recalled),
        why: explain(recalled, ranked.ordinal),
        memory: toMemory(memory, content, scope, state.access, vector),
        validity,
        ...(replacedBy === undefined ? {} : { replacedBy: String(replacedBy) }),
      },
    ];
  });
}

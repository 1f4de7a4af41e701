/** The read path of a search: embed the query, ask both arms, join them, fetch the contents of the few. */

import { LociError } from '../errors.ts';
import {
  CANDIDATE_FACTOR,
  DEFAULT_RECALL,
  MAX_EF,
  MAX_PLAN_MODELS,
  MAX_QUERY_CHARS,
  MIN_CANDIDATES,
  PREFETCHED,
} from '../limits.ts';
import type { MemoryState } from '../memory/operation.ts';
import { isWellFormed } from '../memory/record.ts';
import { type FusedHit, fuse, type VectorMatch } from '../retrieval/fusion.ts';
import type { QueryChoice, SearchHit, SearchOptions, SearchResult } from '../types.ts';
import type { Bitset } from '../vector/bitset.ts';
import { checkQueryEmbedder } from './arguments.ts';
import type { BlockStore } from './blocks/block-store.ts';
import type { Environment } from './environment.ts';
import type { EmbeddedQuery, QueryEmbedding } from './query-embedding.ts';
import { readMemories } from './rows.ts';
import type { EngineState } from './state.ts';
import { type Scope, toMemory } from './table/memory-table.ts';
import type { SpaceQuery, VectorArm } from './vector-arm.ts';

/** What a search needs. */
export interface SearchParts {
  readonly state: EngineState;
  readonly blocks: BlockStore;
  readonly queries: QueryEmbedding;
  readonly arm: VectorArm;
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

type Effort = NonNullable<SearchResult['plan']['vector']>[number];

/** What the arms brought together, and how the vectors were searched. */
interface Asked {
  readonly fused: readonly FusedHit[];
  readonly vector: readonly Effort[];
}

const NOTHING: Asked = { fused: [], vector: [] };

/** A query as vectors, one for each space. */
interface QueryVectors {
  readonly queries: readonly SpaceQuery[];
  /** Which model made each of them; none where the caller gave the vector. */
  readonly choices: readonly QueryChoice[];
  readonly ms: number;
  readonly degraded: string | undefined;
}

export async function search(
  parts: SearchParts,
  query: string,
  limit: number,
  options: SearchOptions,
): Promise<SearchResult> {
  const { state, environment } = parts;
  const startMs = environment.monotonicMs();
  checkQuery(query, options);
  const predicate = state.predicate(options.filter, environment.now());
  const vectors = await embedQuery(parts, query, options);
  parts.assertOpen();
  // Selected after the wait: nothing deleted meanwhile is found.
  const selection = predicate && state.select(predicate);
  const { fused, vector } =
    selection?.count === 0 ? NOTHING : ask(parts, query, limit, vectors, selection?.members, options);
  const minScore = options.minScore ?? 0;
  const best = fused.filter(({ score }) => score >= minScore).slice(0, limit);
  const hits = await fetchHits(parts, best, options.includeVector ?? false);
  parts.assertOpen();
  prefetchNext(parts, fused.slice(best.length, best.length + PREFETCHED));
  const now = environment.now();
  const returned = hits.map(({ id, score }) => ({ ordinal: state.table.ordinalOf(id) ?? -1, score }));
  const present = returned.filter(({ ordinal }) => ordinal >= 0);
  for (const { ordinal } of present) state.access.touch(ordinal, now);
  state.learnt.returned(present, now);
  return {
    hits,
    ms: environment.monotonicMs() - startMs,
    embedMs: vectors.ms,
    plan: {
      index: parts.indexKind,
      spaces: vectors.queries.map(({ space }) => space),
      ...(vectors.choices.length === 0 ? {} : { queries: vectors.choices }),
      ...(vector.length === 0 ? {} : { vector }),
      lexical: query.trim() !== '',
      considered: selection?.count ?? state.table.size,
      ...(vectors.degraded === undefined ? {} : { degraded: vectors.degraded }),
    },
  };
}

function ask(
  { state, arm }: SearchParts,
  query: string,
  limit: number,
  { queries }: QueryVectors,
  filter: Bitset | undefined,
  { recall, ef }: SearchOptions,
): Asked {
  const count = Math.max(limit * CANDIDATE_FACTOR, MIN_CANDIDATES);
  const lexical = query.trim() === '' ? undefined : state.lexical.search(query, count, filter);
  if (queries.length === 0) return { fused: fuse({ vector: undefined, lexical }), vector: [] };
  const vector: VectorMatch[] = [];
  const efforts: Effort[] = [];
  for (const each of queries) {
    const nearest = arm.nearest(each, count, { filter, recall, ef });
    efforts.push(...nearest.efforts);
    const known = new Set(nearest.matches.map(({ ordinal }) => ordinal));
    const others = (lexical ?? []).map(({ ordinal }) => ordinal).filter((ordinal) => !known.has(ordinal));
    vector.push(...nearest.matches, ...arm.scores(each, others));
  }
  return { fused: fuse({ vector, lexical }), vector: efforts };
}

/** The query's vector in every space that has memories and a model to ask with. */
async function embedQuery(
  { state, queries, environment }: SearchParts,
  text: string,
  { embedding, queryEmbedder }: SearchOptions,
): Promise<QueryVectors> {
  if (embedding !== undefined) {
    const { space, vector } = embedding;
    if (state.spaces.names.includes(space))
      return { queries: [{ space, vector, modelId: undefined }], choices: [], ms: 0, degraded: undefined };
    return { queries: [], choices: [], ms: 0, degraded: `no memory has a vector in the space ${space}` };
  }
  const startMs = environment.monotonicMs();
  const outcomes = await Promise.all(
    state.spaces.names.map((space) => queries.embed(space, text, queryEmbedder)),
  );
  const problems = outcomes.flatMap((outcome) => outcome.problems);
  const embedded = outcomes.flatMap(({ query }) => query ?? []);
  return {
    queries: embedded,
    choices: embedded.map((query) => choiceOf(state, query)),
    ms: environment.monotonicMs() - startMs,
    degraded: problems.length === 0 ? undefined : problems.join('; '),
  };
}

function choiceOf({ table }: EngineState, { space, modelId, why }: EmbeddedQuery): QueryChoice {
  const { embedded } = table;
  const names = embedded.namesOf(space, MAX_PLAN_MODELS);
  if (names.length < 2) return { space, modelId, why };
  const size = embedded.sizeOf(space);
  const mixture = Object.fromEntries(names.map((name) => [name, embedded.countOf(space, name) / size]));
  return { space, modelId, why, mixture };
}

/** What comes next in the list is likely to be asked for next. */
function prefetchNext({ blocks }: SearchParts, next: readonly FusedHit[]): void {
  // Nobody waits for it: whoever does later meets the same failure.
  blocks.prefetch(next.map(({ ordinal }) => ordinal)).catch(() => undefined);
}

async function fetchHits(
  { state, blocks, scope, onMissing, readVectors }: SearchParts,
  fused: readonly FusedHit[],
  includeVector: boolean,
): Promise<readonly SearchHit[]> {
  const states = fused.flatMap(({ ordinal }) => state.table.at(ordinal) ?? []);
  const read = await readMemories(blocks, state.table, states, includeVector ? readVectors : undefined);
  await onMissing(read.filter(({ content }) => content === undefined).map((each) => each.state));
  const byOrdinal = new Map(read.map((each) => [each.state.ordinal, each]));
  return fused.flatMap(({ ordinal, score, why }): SearchHit[] => {
    const { state: memory, content, vector } = byOrdinal.get(ordinal) ?? {};
    if (memory === undefined || content === undefined) return [];
    const { id } = memory.record;
    return [{ id, score, why, memory: toMemory(memory, content, scope, state.access, vector) }];
  });
}

/** @throws LociError for what is no query, or for options that are none. */
export function checkQuery(
  query: unknown,
  { embedding, minScore, recall, ef, queryEmbedder }: SearchOptions,
): void {
  checkQueryEmbedder(queryEmbedder);
  if (
    embedding !== undefined &&
    !(embedding?.vector instanceof Float32Array && typeof embedding.space === 'string')
  )
    throw new LociError(
      'INVALID_VECTOR',
      'the query’s embedding must have a space and a Float32Array as its vector',
      {
        hint: 'Give { space, vector }, or leave it out and the engine embeds the query.',
      },
    );
  if (typeof query !== 'string')
    throw new LociError('INVALID_INPUT', 'the query must be a string', {
      hint: 'Give the question as text.',
    });
  if (!isWellFormed(query))
    throw new LociError('INVALID_INPUT', 'the query has half of a surrogate pair: it is not valid Unicode', {
      hint: 'Cut texts between characters, or call toWellFormed() on it.',
    });
  if (query.trim() === '' && embedding === undefined)
    throw new LociError('INVALID_INPUT', 'the query is empty', {
      hint: 'Give a text, or a vector as options.embedding; use list() to see all memories.',
    });
  if (query.length > MAX_QUERY_CHARS)
    throw new LociError('INVALID_INPUT', `the query is longer than ${MAX_QUERY_CHARS} characters`, {
      hint: 'Ask with the part that matters; no model reads more.',
    });
  if (minScore !== undefined && !(typeof minScore === 'number' && minScore >= 0 && minScore <= 1))
    throw new LociError('INVALID_INPUT', 'minScore must be from 0 to 1', {
      hint: 'Leave it out for all hits.',
    });
  if (recall !== undefined && !(typeof recall === 'number' && recall > 0 && recall <= 1))
    throw new LociError('INVALID_INPUT', 'recall must be above 0 and up to 1', {
      hint: `Leave it out for ${DEFAULT_RECALL}.`,
    });
  if (ef !== undefined && !(Number.isInteger(ef) && ef >= 1 && ef <= MAX_EF))
    throw new LociError('INVALID_INPUT', `ef must be a whole number from 1 to ${MAX_EF}`, {
      hint: 'Leave it out, or ask for a recall.',
    });
}

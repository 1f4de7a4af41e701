/** The read path of a search: embed the query, ask both arms, join them, fetch the contents of the few. */

import { LociError, toLociError } from '../errors.ts';
import {
  CANDIDATE_FACTOR,
  DEFAULT_RECALL,
  MAX_EF,
  MAX_QUERY_CHARS,
  MIN_CANDIDATES,
  PREFETCHED,
} from '../limits.ts';
import type { MemoryState } from '../memory/operation.ts';
import { isWellFormed } from '../memory/record.ts';
import { type FusedHit, fuse, type VectorMatch } from '../retrieval/fusion.ts';
import type { SearchHit, SearchOptions, SearchResult } from '../types.ts';
import type { Bitset } from '../vector/bitset.ts';
import type { BlockStore } from './blocks/block-store.ts';
import type { EmbeddingService } from './embedding-service.ts';
import type { Environment } from './environment.ts';
import { readMemories } from './rows.ts';
import type { EngineState } from './state.ts';
import { type Scope, toMemory } from './table/memory-table.ts';

/** What a search needs. */
export interface SearchParts {
  readonly state: EngineState;
  readonly blocks: BlockStore;
  readonly embeddings: EmbeddingService;
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

/** A query as vectors, by space. */
interface QueryVectors {
  readonly bySpace: ReadonlyMap<string, Float32Array>;
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
  for (const { id } of hits) touch(state, id, now);
  return {
    hits,
    ms: environment.monotonicMs() - startMs,
    embedMs: vectors.ms,
    plan: {
      index: parts.indexKind,
      spaces: [...vectors.bySpace.keys()],
      ...(vector.length === 0 ? {} : { vector }),
      lexical: query.trim() !== '',
      considered: selection?.count ?? state.table.size,
      ...(vectors.degraded === undefined ? {} : { degraded: vectors.degraded }),
    },
  };
}

function touch(state: EngineState, id: string, now: number): void {
  const ordinal = state.table.ordinalOf(id);
  if (ordinal !== undefined) state.access.touch(ordinal, now);
}

function ask(
  { state }: SearchParts,
  query: string,
  limit: number,
  { bySpace }: QueryVectors,
  filter: Bitset | undefined,
  { recall, ef }: SearchOptions,
): Asked {
  const count = Math.max(limit * CANDIDATE_FACTOR, MIN_CANDIDATES);
  const lexical = query.trim() === '' ? undefined : state.lexical.search(query, count, filter);
  if (bySpace.size === 0) return { fused: fuse({ vector: undefined, lexical }), vector: [] };
  const vector: VectorMatch[] = [];
  const efforts: Effort[] = [];
  for (const [space, queryVector] of bySpace) {
    const nearest = state.spaces.search(space, queryVector, count, { filter, recall, ef });
    const effort = state.spaces.effort(space);
    if (effort !== undefined) efforts.push({ space, ...effort });
    const known = new Set(nearest.map(({ ordinal }) => ordinal));
    const others = (lexical ?? []).map(({ ordinal }) => ordinal).filter((ordinal) => !known.has(ordinal));
    vector.push(...nearest, ...state.spaces.scores(space, queryVector, others));
  }
  return { fused: fuse({ vector, lexical }), vector: efforts };
}

/** The query's vector in every space that has memories and a model to ask with. */
async function embedQuery(
  { state, embeddings, environment }: SearchParts,
  query: string,
  { embedding }: SearchOptions,
): Promise<QueryVectors> {
  if (embedding !== undefined) {
    if (state.spaces.names.includes(embedding.space))
      return { bySpace: new Map([[embedding.space, embedding.vector]]), ms: 0, degraded: undefined };
    return { bySpace: new Map(), ms: 0, degraded: `no memory has a vector in the space ${embedding.space}` };
  }
  const startMs = environment.monotonicMs();
  const problems: string[] = [];
  const found = await Promise.all(
    state.spaces.names.map(async (space) => {
      const embedder = embeddings.forSpace(space);
      if (embedder === undefined) {
        problems.push(`no model is loaded that can ask vectors of ${space}`);
        return [];
      }
      try {
        return [[space, await embeddings.embedQuery(embedder, query)] as const];
      } catch (error) {
        problems.push(toLociError(error).message);
        return [];
      }
    }),
  );
  return {
    bySpace: new Map(found.flat()),
    ms: environment.monotonicMs() - startMs,
    degraded: problems.length === 0 ? undefined : problems.join('; '),
  };
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

function checkQuery(query: unknown, { embedding, minScore, recall, ef }: SearchOptions): void {
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

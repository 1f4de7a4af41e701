/** The read path of a search: embed the question, recall, fetch the contents of the few, answer with reasons. */

import { isMeasuredSpace } from '../embedding/spaces.ts';
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
import { type Moment, momentOf } from '../memory/fact.ts';
import type { MemoryState } from '../memory/operation.ts';
import { isWellFormed } from '../memory/record.ts';
import { explain } from '../retrieval/explain.ts';
import { type Focus, focusOf } from '../retrieval/focus.ts';
import { type Memories, type Ranked, type Recalled, recall, type SpaceArm } from '../retrieval/recall.ts';
import { BACKGROUND_SAMPLE, weightsOf } from '../retrieval/signals.ts';
import { OUTDATED } from '../retrieval/validity.ts';
import type { QueryChoice, SearchArm, SearchHit, SearchOptions, SearchResult } from '../types.ts';
import type { Bitset } from '../vector/bitset.ts';
import { checkQueryEmbedder, checkRerank } from './arguments.ts';
import type { BlockStore } from './blocks/block-store.ts';
import type { Environment } from './environment.ts';
import type { EmbeddedQuery, QueryEmbedding } from './query-embedding.ts';
import type { Reranking } from './reranking.ts';
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
  readonly reranking: Reranking;
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

/** What was recalled, and how the vectors were searched. */
interface Asked {
  readonly recalled: Recalled | undefined;
  readonly vector: readonly Effort[];
}

/** Multiples of it are spread evenly over 0–1, however many there are. */
const GOLDEN_RATIO = (1 + Math.sqrt(5)) / 2;
const NOTHING: Asked = { recalled: undefined, vector: [] };

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
  const rerank = checkRerank(options.rerank);
  const moment = momentOf(options.asOf, environment.now());
  const predicate = state.predicate(options.filter, environment.now(), options.asOf);
  const focus = focusOf(query, (word) => state.speakers.named(word));
  const vectors = await embedQuery(parts, focus.text, options);
  parts.assertOpen();
  // Selected after the wait: nothing deleted meanwhile is found.
  const selection = predicate && state.select(predicate);
  const { recalled, vector } =
    selection?.count === 0
      ? NOTHING
      : ask(parts, { focus, moment }, limit, vectors, selection?.members, options);
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
  const degraded = [vectors.degraded, reranked?.degraded].filter((each) => each !== undefined).join('; ');
  parts.assertOpen();
  prefetchNext(parts, ranked.slice(best.length, best.length + PREFETCHED));
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
      lexical: isAsked('lexical', options) && query.trim() !== '',
      considered: selection?.count ?? state.table.size,
      ...(degraded === '' ? {} : { degraded }),
    },
  };
}

function ask(
  parts: SearchParts,
  { focus, moment }: { readonly focus: Focus; readonly moment: Moment },
  limit: number,
  { queries }: QueryVectors,
  filter: Bitset | undefined,
  options: SearchOptions,
): Asked {
  const { state } = parts;
  const efforts: Effort[] = [];
  const hasWords = isAsked('lexical', options) && focus.text.trim() !== '';
  const recalled = recall(
    {
      words: hasWords
        ? {
            search: (count) => state.lexical.search(focus.text, count, filter),
            impacts: (ordinals) => state.lexical.impacts(focus.text, ordinals),
          }
        : undefined,
      spaces: queries.map((query) => spaceArm(parts, query, filter, options, efforts)),
      speakers: focus.speakers,
      count: Math.max(limit * CANDIDATE_FACTOR, MIN_CANDIDATES),
      isAllowed: (ordinal) => filter?.has(ordinal) ?? true,
      sample: sampleOf(state),
      weights: weightsOf(options.weights),
    },
    memoriesOf(state, moment),
  );
  return { recalled, vector: efforts };
}

function spaceArm(
  { arm }: SearchParts,
  query: SpaceQuery,
  filter: Bitset | undefined,
  { recall: share, ef }: SearchOptions,
  efforts: Effort[],
): SpaceArm {
  return {
    space: query.space,
    isKnown: isMeasuredSpace(query.space),
    nearest: (count) => {
      const nearest = arm.nearest(query, count, { filter, recall: share, ef });
      efforts.push(...nearest.efforts);
      return nearest.matches;
    },
    similarities: (ordinals) => arm.scores(query, ordinals),
  };
}

function memoriesOf({ sessions, table, lexical, facts }: EngineState, moment: Moment): Memories {
  return {
    locate: (ordinal) => sessions.locate(ordinal),
    speaker: (ordinal) => table.field(ordinal, 'speaker') as string | undefined,
    contentBytes: (ordinal) => table.contentBytesOf(ordinal),
    signals: new Map([['outdated', (ordinal) => OUTDATED[facts.validityOf(ordinal, moment).state]]]),
    questions: (ordinals) => lexical.questions(ordinals),
  };
}

/** Memories spread evenly over all ordinals, the same at every search: what cosines those have that nothing chose. */
function sampleOf({ table }: EngineState): readonly number[] {
  const sample = new Set<number>();
  const count = table.nextOrdinal;
  for (let i = 0; i < BACKGROUND_SAMPLE; i++) {
    const ordinal = Math.floor(((i * GOLDEN_RATIO) % 1) * count);
    if (table.has(ordinal)) sample.add(ordinal);
  }
  return [...sample];
}

function isAsked(arm: SearchArm, { arms }: SearchOptions): boolean {
  return arms === undefined || arms.includes(arm);
}

function scoreOf({ points }: Ranked, recalled: Recalled | undefined): number {
  const most = recalled?.mostPoints ?? 0;
  return most > 0 ? Math.min(1, Math.max(0, points / most)) : 0;
}

/** The query's vector in every space that has memories and a model to ask with. */
async function embedQuery(
  { state, queries, environment }: SearchParts,
  text: string,
  options: SearchOptions,
): Promise<QueryVectors> {
  const { embedding, queryEmbedder } = options;
  if (!isAsked('vector', options)) return { queries: [], choices: [], ms: 0, degraded: undefined };
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
function prefetchNext({ blocks }: SearchParts, next: readonly Ranked[]): void {
  // Nobody waits for it: whoever does later meets the same failure.
  blocks.prefetch(next.map(({ ordinal }) => ordinal)).catch(() => undefined);
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

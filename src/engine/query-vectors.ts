/** A query as vectors: one for every space that has memories and a model to ask with. */

import { MAX_PLAN_MODELS } from '../limits.ts';
import type { QueryChoice, SearchOptions } from '../types.ts';
import type { Environment } from './environment.ts';
import type { EmbeddedQuery, QueryEmbedding } from './query-embedding.ts';
import type { EngineState } from './state.ts';
import type { SpaceQuery } from './vector-arm.ts';

/** A query as vectors, one for each space. */
export interface QueryVectors {
  readonly queries: readonly SpaceQuery[];
  /** Which model made each of them; none where the caller gave the vector. */
  readonly choices: readonly QueryChoice[];
  readonly ms: number;
  readonly degraded: string | undefined;
}

/** Of a question that no vector is asked for. */
export const NO_VECTORS: QueryVectors = { queries: [], choices: [], ms: 0, degraded: undefined };

interface Parts {
  readonly state: EngineState;
  readonly queries: QueryEmbedding;
  readonly environment: Pick<Environment, 'monotonicMs'>;
}

/** The query's vector in every space that has memories and a model to ask with. */
export async function embedQuery(
  { state, queries, environment }: Parts,
  text: string,
  options: SearchOptions,
): Promise<QueryVectors> {
  const { embedding, queryEmbedder } = options;
  if (options.arms?.includes('vector') === false) return NO_VECTORS;
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

/** What the caller is at, as vectors; without it, or without a model, there are none. */
export async function embedTask(
  { state, queries }: Parts,
  { context, queryEmbedder }: SearchOptions,
): Promise<readonly SpaceQuery[]> {
  const task = context?.task?.trim() ?? '';
  if (task === '') return [];
  const outcomes = await Promise.all(
    state.spaces.names.map((space) => queries.embed(space, task, queryEmbedder)),
  );
  return outcomes.flatMap(({ query }) => query ?? []);
}

function choiceOf({ table }: EngineState, { space, modelId, why }: EmbeddedQuery): QueryChoice {
  const { embedded } = table;
  const names = embedded.namesOf(space, MAX_PLAN_MODELS);
  if (names.length < 2) return { space, modelId, why };
  const size = embedded.sizeOf(space);
  const mixture = Object.fromEntries(names.map((name) => [name, embedded.countOf(space, name) / size]));
  return { space, modelId, why, mixture };
}

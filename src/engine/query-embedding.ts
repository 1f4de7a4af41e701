/**
 * Which model asks a space that two can ask: the model wanted, since its questions find more at every share of the
 * documents, unless its latest answers took longer than a search may wait; and the other where one fails.
 */

import { LRUCache } from 'lru-cache';
import type { Embedder } from '../embedding/embedder.ts';
import { LociError, toLociError } from '../errors.ts';
import {
  QUERY_AUTO_PATIENCE_MS,
  QUERY_BUDGET_MS,
  QUERY_CACHE_VECTORS,
  QUERY_DEADLINE_MS,
  QUERY_MEASURES,
  QUERY_PATIENCE_MS,
  QUERY_PROBE_MS,
} from '../limits.ts';
import type { QueryChoice, QueryEmbedder } from '../types.ts';
import { within } from '../within.ts';
import type { EmbeddingService } from './embedding-service.ts';
import type { Environment } from './environment.ts';

/** A query as a vector of a space, and why by this model. */
export interface EmbeddedQuery {
  readonly space: string;
  readonly modelId: string;
  readonly vector: Float32Array;
  readonly why: QueryChoice['why'];
}

/** The query where a model could embed it, and what went wrong. */
export interface QueryOutcome {
  readonly query: EmbeddedQuery | undefined;
  readonly problems: readonly string[];
}

/** A model, and how it is asked. */
type Turn = readonly [model: Embedder, ask: () => Promise<Float32Array>];
type Service = Pick<EmbeddingService, 'forSpace' | 'embedQuery' | 'takeFailure' | 'problemOf'>;
type Clock = Pick<Environment, 'monotonicMs' | 'schedule'>;

export class QueryEmbedding {
  readonly #embeddings: Service;
  readonly #environment: Clock;
  readonly #choice: QueryEmbedder;
  /** The model that was measured: another begins anew. */
  #measured: Embedder | undefined;
  /** How long its latest queries took, ms. */
  #latest: readonly number[] = [];
  #measuredAtMs = Number.NEGATIVE_INFINITY;
  #isProbing = false;
  /** Vectors of the latest queries, by model and text. */
  readonly #vectors = new LRUCache<string, Float32Array>({ max: QUERY_CACHE_VECTORS });

  /** @param choice of searches that name none. */
  constructor(embeddings: Service, environment: Clock, choice: QueryEmbedder) {
    this.#embeddings = embeddings;
    this.#environment = environment;
    this.#choice = choice;
  }

  /** Embeds a query for a space by the model chosen, or by the next one where that fails, within {@link QUERY_DEADLINE_MS}. */
  async embed(space: string, text: string, choice: QueryEmbedder = this.#choice): Promise<QueryOutcome> {
    const embedding = this.#embed(space, text, choice);
    return within(embedding, QUERY_DEADLINE_MS, this.#environment.schedule, () => ({
      query: undefined,
      problems: [`no model of ${space} embedded the query within ${QUERY_DEADLINE_MS} ms`],
    }));
  }

  async #embed(space: string, text: string, choice: QueryEmbedder): Promise<QueryOutcome> {
    const [preferred, other] = this.#embeddings.forSpace(space);
    if (preferred === undefined)
      return { query: undefined, problems: [`no model is loaded that can ask vectors of ${space}`] };
    return other === undefined
      ? this.#byOnly(preferred, text)
      : this.#byEither(preferred, other, text, choice);
  }

  async #byOnly(model: Embedder, text: string): Promise<QueryOutcome> {
    const outcome = await inTurn([this.#turnOf(model, text)], 'only');
    const problem = this.#embeddings.problemOf(model);
    return problem === undefined ? outcome : { ...outcome, problems: [...outcome.problems, problem] };
  }

  async #byEither(
    preferred: Embedder,
    other: Embedder,
    text: string,
    choice: QueryEmbedder,
  ): Promise<QueryOutcome> {
    const isSlow = choice === 'auto' && this.#isSlow(preferred);
    if (isSlow) this.#probe(preferred, text);
    const why = choice !== 'auto' ? 'set' : isSlow ? 'slow' : 'auto';
    const patienceMs = choice === 'auto' ? QUERY_AUTO_PATIENCE_MS : QUERY_PATIENCE_MS;
    const first = this.#turnOf(preferred, text, patienceMs);
    const second = this.#turnOf(other, text);
    return inTurn(isSlow || choice === 'builtin' ? [second, first] : [first, second], why);
  }

  /** @param patienceMs how long it is waited for. Default: as long as it takes. */
  #turnOf(model: Embedder, text: string, patienceMs?: number): Turn {
    const ask = () =>
      patienceMs === undefined ? this.#vectorOf(model, text) : this.#ask(model, text, patienceMs);
    return [model, async () => this.#vectors.get(cacheKey(model, text)) ?? ask()];
  }

  async #vectorOf(model: Embedder, text: string): Promise<Float32Array> {
    const vector = await this.#embeddings.embedQuery(model, text);
    this.#vectors.set(cacheKey(model, text), vector);
    return vector;
  }

  /** Asks a model that another can stand in for: it is given so long, and what fails is told of in `status()`. */
  async #ask(model: Embedder, text: string, patienceMs: number): Promise<Float32Array> {
    return within(this.#measure(model, text), patienceMs, this.#environment.schedule, () => {
      this.#note(model, patienceMs);
      throw tooSlow(model, patienceMs);
    });
  }

  /** Measures a model again that was too slow to be waited for: it may have become faster. */
  #probe(model: Embedder, text: string): void {
    const isDue = this.#environment.monotonicMs() - this.#measuredAtMs >= QUERY_PROBE_MS;
    if (this.#isProbing || !isDue) return;
    this.#isProbing = true;
    this.#measure(model, text)
      .catch(() => undefined) // `status()` has been told of it
      .finally(() => {
        this.#isProbing = false;
      });
  }

  async #measure(model: Embedder, text: string): Promise<Float32Array> {
    const startMs = this.#environment.monotonicMs();
    try {
      const vector = await this.#vectorOf(model, text);
      this.#note(model, this.#environment.monotonicMs() - startMs);
      return vector;
    } catch (error) {
      this.#embeddings.takeFailure(model, error);
      throw error;
    }
  }

  #note(model: Embedder, ms: number): void {
    this.#latest = [...(this.#measured === model ? this.#latest : []), ms].slice(-QUERY_MEASURES);
    this.#measured = model;
    this.#measuredAtMs = this.#environment.monotonicMs();
  }

  /** Whether the median of the latest measures is beyond the budget; a model never measured is not slow. */
  #isSlow(model: Embedder): boolean {
    if (this.#measured !== model) return false;
    const sorted = [...this.#latest].sort((a, b) => a - b);
    return (sorted[sorted.length >> 1] ?? 0) > QUERY_BUDGET_MS;
  }
}

function cacheKey({ id, space, dimensions }: Embedder, text: string): string {
  return JSON.stringify([id, space, dimensions, text]);
}

/** Asks the first model, and the next where one fails. */
async function inTurn(turns: readonly Turn[], why: QueryChoice['why']): Promise<QueryOutcome> {
  const problems: string[] = [];
  for (const [place, [model, ask]] of turns.entries()) {
    try {
      const { space, id: modelId } = model;
      const vector = await ask();
      return { query: { space, modelId, vector, why: place === 0 ? why : 'failed' }, problems };
    } catch (error) {
      problems.push(toLociError(error).message);
    }
  }
  return { query: undefined, problems };
}

function tooSlow({ id }: Embedder, ms: number): LociError {
  return new LociError('DEADLINE_EXCEEDED', `the model ${id} did not embed the query within ${ms} ms`, {
    retryable: true,
    hint: 'Another model of its space asked in its place.',
  });
}

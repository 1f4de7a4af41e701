/** The reranker of an engine: loaded when a search first asks for it, and waited for no longer than a search may wait. */

import type { Reranker, RerankerLoader } from '../embedding/reranker.ts';
import { isLociError } from '../errors.ts';
import { RERANK_DEADLINE_MS, RERANKED } from '../limits.ts';
import { applyRerank, rerankScores } from '../retrieval/rerank.ts';
import type { Memory, RerankOptions, SearchHit } from '../types.ts';
import { tooLate, within } from '../within.ts';
import type { Environment } from './environment.ts';
import { LoadingModel } from './loading-model.ts';

type Clock = Pick<Environment, 'monotonicMs' | 'schedule'>;

/** A hit that a reranker can read. */
type Readable = Pick<SearchHit, 'score' | 'why'> & { readonly memory: Pick<Memory, 'content'> };

/** Hits in their order, and why it is not the reranker's. */
export interface Reranked<H> {
  readonly hits: readonly H[];
  readonly degraded?: string | undefined;
}

export class Reranking {
  readonly #model: LoadingModel<Reranker, RerankerLoader> | undefined;
  readonly #environment: Clock;

  constructor(loader: RerankerLoader | undefined, environment: Clock) {
    this.#environment = environment;
    this.#model = loader && new LoadingModel<Reranker, RerankerLoader>(loader, environment, () => undefined);
  }

  /** The hits in the reranker's order; in their own where it cannot be had in time, with the reason. Never rejects. */
  async rerank<H extends Readable>(
    query: string,
    hits: readonly H[],
    { best = RERANKED, weight }: RerankOptions = {},
  ): Promise<Reranked<H>> {
    const model = this.#model;
    if (model === undefined) return { hits, degraded: 'no reranker was chosen when the engine was opened' };
    if (hits.length === 0) return { hits };
    const startMs = this.#environment.monotonicMs();
    model.startLate();
    const reranker = await model.wait(RERANK_DEADLINE_MS);
    const { id } = model.identity;
    if (reranker === undefined) return { hits, degraded: `${id} is ${model.error ?? 'not loaded yet'}` };
    const texts = hits.slice(0, best).map(({ memory }) => memory.content);
    const leftMs = Math.max(0, RERANK_DEADLINE_MS - (this.#environment.monotonicMs() - startMs));
    const answer = rerankScores(reranker, query, texts);
    // Also where nobody waits for it any more: what is late may be at work for others, what failed is loaded anew.
    answer.catch((error: unknown) => {
      if (!isLociError(error) || error.retryable) model.broke(reranker, error);
    });
    try {
      const scores = await within(answer, leftMs, this.#environment.schedule, () => tooLate(id, leftMs));
      return { hits: applyRerank(explained(hits, scores, id), scores, weight) };
    } catch (error) {
      return {
        hits,
        degraded: `${id} did not rerank: ${error instanceof Error ? error.message : String(error)}`,
      };
    }
  }

  async close(): Promise<void> {
    await this.#model?.close();
  }
}

/** The hits that were read, with what they were given. */
function explained<H extends Readable>(
  hits: readonly H[],
  scores: Float32Array,
  modelId: string,
): readonly H[] {
  return hits.map((hit, i) => {
    const raw = scores[i];
    return raw === undefined
      ? hit
      : { ...hit, why: { ...hit.why, rerank: { modelId, raw, scoreBefore: hit.score } } };
  });
}

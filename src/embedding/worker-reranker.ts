/** The engine's side of a reranker in a worker of its own. */

import { proxy } from 'comlink';
import { RERANK_BATCH_DEADLINE_MS } from '../limits.ts';
import { type CrossEncoderConfig, crossEncoderId } from './cross-encoder.ts';
import { createModelWorker, ModelWorker, rising } from './model-worker.ts';
import type { Reranker, RerankerLoader } from './reranker.ts';

export interface RerankerLoaderOptions {
  /** Makes the worker. Default: the package's own. */
  readonly createWorker?: (() => Worker) | undefined;
  /** Longest wait for one call, ms. */
  readonly deadlineMs?: number | undefined;
}

/** A loader of a cross-encoder; every `load` starts a worker, which `close` ends. */
export function createRerankerLoader(
  config: CrossEncoderConfig,
  { createWorker = createModelWorker, deadlineMs = RERANK_BATCH_DEADLINE_MS }: RerankerLoaderOptions = {},
): RerankerLoader {
  const id = crossEncoderId(config);
  return {
    id,
    load: async (onProgress) => {
      const worker = new ModelWorker(createWorker());
      const tell = rising(onProgress);
      try {
        // No deadline: a slow line is no failure.
        await worker.call((remote) => remote.loadReranker(config, proxy(tell)));
        tell(1);
      } catch (error) {
        worker.end();
        throw error;
      }
      return toReranker(id, worker, deadlineMs);
    },
  };
}

function toReranker(id: string, worker: ModelWorker, deadlineMs: number): Reranker {
  return {
    id,
    rerank: async (query, texts) =>
      (await worker.call((remote) => remote.rerank(query, texts), deadlineMs)) as Float32Array,
    close: async () => worker.end(),
  };
}

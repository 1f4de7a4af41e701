/** The engine's side of a model in a worker of its own. */

import { proxy } from 'comlink';
import { EMBED_DEADLINE_MS } from '../limits.ts';
import type { Embedder, EmbedderLoader } from './embedder.ts';
import { createModelWorker, ModelWorker, rising } from './model-worker.ts';
import { type TransformersConfig, transformersIdentity } from './transformers.ts';

export interface TransformersLoaderOptions {
  /** Makes the worker. Default: the package's own. */
  readonly createWorker?: (() => Worker) | undefined;
  /** Longest wait for one batch, ms. */
  readonly deadlineMs?: number | undefined;
}

/** A loader of a transformers.js model; every `load` starts a worker, which `close` ends. */
export function createTransformersLoader(
  config: TransformersConfig,
  { createWorker = createModelWorker, deadlineMs = EMBED_DEADLINE_MS }: TransformersLoaderOptions = {},
): EmbedderLoader {
  const identity = transformersIdentity(config);
  return {
    ...identity,
    load: async (onProgress) => {
      const worker = new ModelWorker(createWorker());
      const tell = rising(onProgress);
      try {
        // No deadline: a slow line is no failure, and the progress shows it.
        await worker.call((remote) => remote.load(config, proxy(tell)));
        tell(1);
      } catch (error) {
        worker.end();
        throw error;
      }
      return toEmbedder(identity, worker, deadlineMs);
    },
  };
}

function toEmbedder(
  identity: Pick<Embedder, 'id' | 'space' | 'dimensions'>,
  worker: ModelWorker,
  deadlineMs: number,
): Embedder {
  return {
    ...identity,
    embed: async (texts, purpose) =>
      (await worker.call((remote) => remote.embed(texts, purpose), deadlineMs)) as readonly Float32Array[],
    close: async () => worker.end(),
  };
}

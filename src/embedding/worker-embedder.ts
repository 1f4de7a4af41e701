/** The engine's side of a model in a worker of its own. */

import { proxy, type Remote, wrap } from 'comlink';
import { type Envelope, outOfEnvelope } from '../envelope.ts';
import { LociError } from '../errors.ts';
import { EMBED_DEADLINE_MS } from '../limits.ts';
import type { Embedder, EmbedderLoader } from './embedder.ts';
import type { EmbeddingFacade } from './embedding.worker.ts';
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
  { createWorker = createEmbeddingWorker, deadlineMs = EMBED_DEADLINE_MS }: TransformersLoaderOptions = {},
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

/** Only what is more than before: the answer and the progress come over two ports, in any order. */
function rising(onProgress: (fraction: number) => void): (fraction: number) => void {
  let last = 0;
  return (fraction) => {
    if (fraction <= last) return;
    last = fraction;
    onProgress(fraction);
  };
}

function createEmbeddingWorker(): Worker {
  return new Worker(new URL('./embedding.worker.ts', import.meta.url), {
    type: 'module',
    name: 'loci-embedding',
  });
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

/** A worker whose calls all end: in an answer, at the deadline, or with the worker. */
class ModelWorker {
  readonly #worker: Worker;
  readonly #remote: Remote<EmbeddingFacade>;
  readonly #pending = new Set<(reason: LociError) => void>();
  #ended: LociError | undefined;

  constructor(worker: Worker) {
    this.#worker = worker;
    this.#remote = wrap<EmbeddingFacade>(worker);
    worker.addEventListener('error', (event) =>
      this.end(event.message || 'its script could not be loaded or threw'),
    );
    worker.addEventListener('messageerror', () => this.end('a message could not be read'));
  }

  async call(
    send: (remote: Remote<EmbeddingFacade>) => Promise<Envelope>,
    deadlineMs?: number,
  ): Promise<unknown> {
    if (this.#ended !== undefined) throw this.#ended;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let give: (reason: LociError) => void = () => undefined;
    const ending = new Promise<never>((_, reject) => {
      give = reject;
      this.#pending.add(give);
      if (deadlineMs !== undefined) timer = setTimeout(() => reject(tooSlow(deadlineMs)), deadlineMs);
    });
    try {
      return outOfEnvelope(await Promise.race([send(this.#remote), ending]));
    } finally {
      clearTimeout(timer);
      this.#pending.delete(give);
    }
  }

  end(why = 'it was closed'): void {
    if (this.#ended !== undefined) return;
    this.#ended = new LociError('MODEL_UNAVAILABLE', `the model's worker ended: ${why}`, {
      retryable: true,
      hint: 'The built-in embedder serves meanwhile.',
    });
    this.#worker.terminate();
    for (const reject of this.#pending) reject(this.#ended);
    this.#pending.clear();
  }
}

function tooSlow(deadlineMs: number): LociError {
  return new LociError('DEADLINE_EXCEEDED', `the model took longer than ${deadlineMs} ms`, {
    retryable: true,
    hint: 'Embed fewer or shorter texts at once.',
  });
}

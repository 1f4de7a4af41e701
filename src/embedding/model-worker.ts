/** The engine's end of a worker that runs a model: whatever it runs, every call ends. */

import { type Remote, wrap } from 'comlink';
import { type Envelope, outOfEnvelope } from '../envelope.ts';
import { LociError } from '../errors.ts';
import type { ModelFacade } from './embedding.worker.ts';

/** Only what is more than before: the answer and the progress come over two ports, in any order. */
export function rising(onProgress: (fraction: number) => void): (fraction: number) => void {
  let last = 0;
  return (fraction) => {
    if (fraction <= last) return;
    last = fraction;
    onProgress(fraction);
  };
}

/** The package's own worker of a model. */
export function createModelWorker(): Worker {
  return new Worker(new URL('./embedding.worker.ts', import.meta.url), {
    type: 'module',
    name: 'loci-embedding',
  });
}

/** A worker whose calls all end: in an answer, at the deadline, or with the worker. */
export class ModelWorker {
  readonly #worker: Worker;
  readonly #remote: Remote<ModelFacade>;
  readonly #pending = new Set<(reason: LociError) => void>();
  #ended: LociError | undefined;

  constructor(worker: Worker) {
    this.#worker = worker;
    this.#remote = wrap<ModelFacade>(worker);
    worker.addEventListener('error', (event) =>
      this.end(event.message || 'its script could not be loaded or threw'),
    );
    worker.addEventListener('messageerror', () => this.end('a message could not be read'));
  }

  async call(
    send: (remote: Remote<ModelFacade>) => Promise<Envelope>,
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
      hint: 'What serves without it serves meanwhile.',
    });
    this.#worker.terminate();
    for (const reject of this.#pending) reject(this.#ended);
    this.#pending.clear();
  }
}

function tooSlow(deadlineMs: number): LociError {
  return new LociError('DEADLINE_EXCEEDED', `the model took longer than ${deadlineMs} ms`, {
    retryable: true,
    hint: 'Give it fewer or shorter texts at once.',
  });
}

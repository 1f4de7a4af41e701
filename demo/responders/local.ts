/** A responder that generates text in the tab: a small language model by transformers.js, in its own worker. */

import { isLociError, LociError, type SerializedLociError, toLociError } from '../../src/errors.ts';
import { buildPrompt, type PromptMessage } from './prompt.ts';
import { stopped } from './quoting.ts';
import type { Responder, RespondRequest } from './responder.ts';

/** Which model generates, and where its files are. */
export interface LocalModelConfig {
  /** Hub name, or the folder's name below `baseUrl`. */
  readonly model: string;
  /** URL of a folder that holds the model's folder; nothing is asked of the hub then. */
  readonly baseUrl?: string | undefined;
  readonly dtype: string;
  /** URL of ONNX Runtime's WebAssembly. */
  readonly wasmUrl: string;
}

/** What the page tells the worker. */
export type ToLocalWorker = {
  readonly type: 'generate';
  readonly config: LocalModelConfig;
  readonly messages: readonly PromptMessage[];
};

/** What the worker tells the page. */
export type FromLocalWorker =
  | { readonly type: 'progress'; readonly progress: number }
  | { readonly type: 'piece'; readonly text: string }
  | { readonly type: 'done' }
  | { readonly type: 'error'; readonly error: SerializedLociError };

/** The part of `Worker` that is used. */
export interface LocalWorker {
  postMessage(order: ToLocalWorker): void;
  terminate(): void;
  onmessage: ((event: MessageEvent<FromLocalWorker>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
}

/** A local responder also owns a worker, which someone has to end. */
export interface LocalResponder extends Responder {
  close(): void;
}

/**
 * Makes the responder. The worker starts with the first message and stays, so that the model loads
 * once; stopping an answer ends it, because a model in mid-token hears no message.
 */
export function createLocalResponder(
  config: LocalModelConfig,
  onProgress: (progress: number) => void,
  startWorker: () => LocalWorker = spawn,
): LocalResponder {
  let worker: LocalWorker | undefined;
  const close = () => {
    worker?.terminate();
    worker = undefined;
  };
  return {
    name: `${config.model} in this tab`,
    recallsFor: 'everything',
    close,
    async *respond(request) {
      worker ??= startWorker();
      try {
        yield* generate(worker, config, request, onProgress);
      } catch (error) {
        close();
        throw request.signal.aborted ? stopped(error) : toLociError(error, 'RESPONDER_FAILED');
      }
    },
  };
}

function spawn(): LocalWorker {
  return new Worker(new URL('./local.worker.ts', import.meta.url), { type: 'module', name: 'local-model' });
}

async function* generate(
  worker: LocalWorker,
  config: LocalModelConfig,
  request: RespondRequest,
  onProgress: (progress: number) => void,
): AsyncGenerator<string> {
  const inbox: (FromLocalWorker | Error)[] = [];
  let wake: () => void = () => undefined;
  const receive = (message: FromLocalWorker | Error) => {
    inbox.push(message);
    wake();
  };
  const stop = () => receive(stopped());
  worker.onmessage = ({ data }: MessageEvent<FromLocalWorker>) => receive(data);
  worker.onerror = ({ message }) => receive(workerDied(message));
  request.signal.addEventListener('abort', stop);
  if (request.signal.aborted) stop();
  try {
    const order: ToLocalWorker = { type: 'generate', config, messages: buildPrompt(request) };
    worker.postMessage(order);
    for (;;) {
      const message = inbox.shift();
      if (message === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      if (message instanceof Error) throw message;
      if (message.type === 'error') throw LociError.fromJSON(message.error);
      if (message.type === 'done') return;
      if (message.type === 'progress') onProgress(message.progress);
      else yield message.text;
    }
  } finally {
    request.signal.removeEventListener('abort', stop);
  }
}

function workerDied(message: string | undefined): LociError {
  return new LociError(
    'MODEL_UNAVAILABLE',
    `The model’s worker stopped: ${message || 'no reason was given'}`,
    {
      retryable: true,
      hint: 'Try again, choose a smaller model, or use the built-in responder.',
    },
  );
}

/** What the worker answers when the model cannot be loaded. */
export function modelUnavailable(model: string, cause: unknown): LociError {
  if (isLociError(cause)) return cause;
  return new LociError('MODEL_UNAVAILABLE', `The model ${model} could not be loaded.`, {
    retryable: true,
    hint: 'Check the connection and the model’s name in the settings; the built-in responder needs neither.',
    cause,
  });
}

/** What every model by transformers.js needs: the runtime set up, its progress as one number, its failures told apart. */

import type { ProgressInfo, env as transformersEnv } from '@huggingface/transformers';
import { type LociError, toLociError } from '../errors.ts';

/** Share of the progress that is fetching; the rest is starting the model. */
const FETCH_SHARE = 0.9;

type TransformersEnvironment = typeof transformersEnv;

/** Where models and the ONNX runtime come from. */
export interface RuntimeOptions {
  /** URL of a folder that holds the model's folder; nothing is asked of the hub then. */
  readonly modelBaseUrl?: string | undefined;
  /** URL of the ONNX runtime's `.wasm`. Default: where transformers.js looks for it. */
  readonly wasmUrl?: string | undefined;
}

/** Sets the library up for one model: its settings are global, so that each model has a worker of its own. */
export function setUpRuntime(env: TransformersEnvironment, { modelBaseUrl, wasmUrl }: RuntimeOptions): void {
  const { wasm } = env.backends.onnx;
  if (wasm !== undefined) {
    if (wasmUrl !== undefined) wasm.wasmPaths = { wasm: wasmUrl };
    // Threads need shared memory, which only isolated pages have.
    if (!globalThis.crossOriginIsolated) wasm.numThreads = 1;
  }
  // Not `localModelPath`: with a whole URL there, 4.3.1 finds no tokenizer. A host of one's own works for any.
  env.allowLocalModels = false;
  if (modelBaseUrl !== undefined) {
    // A whole URL: of a relative one, 4.3.1 finds no tokenizer either. Of the origin, since a worker's own URL may be a blob's.
    env.remoteHost = new URL(modelBaseUrl, globalThis.location?.origin).href;
    env.remotePathTemplate = '{model}';
  }
  // Only a key of the browser's cache by now. Left at `/models/`, it would find files once loaded from there in place of these.
  env.localModelPath = env.remoteHost;
}

/**
 * The failure of loading a model, `MODEL_UNAVAILABLE`: retryable unless the server has no such file. Files that are
 * none of a model are forgotten.
 */
export async function toLoadError(error: unknown, model: string): Promise<LociError> {
  if (isBadFile(error)) await forgetFiles(model);
  return toLociError(error, 'MODEL_UNAVAILABLE', {
    retryable: !isMissing(error),
    hint: 'Check the connection, or serve the model yourself and name its folder as modelBaseUrl, and the ONNX runtime as wasmUrl.',
  });
}

/** Whether a file came that is none of a model: a page in its place, or a part of it. */
function isBadFile(error: unknown): boolean {
  return error instanceof SyntaxError || (error instanceof Error && /protobuf|JSON/i.test(error.message));
}

/** transformers.js keeps whatever a server answered, and never asks for it again: the next attempt is to. */
async function forgetFiles(model: string): Promise<void> {
  const { env } = await import('@huggingface/transformers');
  try {
    const cache = await globalThis.caches?.open(env.cacheKey);
    for (const request of (await cache?.keys()) ?? [])
      if (new URL(request.url).pathname.includes(`/${model}/`)) await cache?.delete(request);
  } catch {
    // A page without a cache that it may use has kept nothing; the failure to load is the one to be told.
  }
}

/** Whether the server says that it has no such file; transformers.js tells it in its message only. */
function isMissing(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('Could not locate file');
}

/** One number of the many that transformers.js tells: bytes of all files so far, never falling. */
export function createProgress(onProgress: (fraction: number) => void) {
  const files = new Map<string, { loaded: number; total: number }>();
  let last = 0;
  const tell = (fraction: number) => {
    if (fraction <= last) return;
    last = fraction;
    onProgress(fraction);
  };
  return {
    take: (info: ProgressInfo) => {
      if (info.status !== 'progress') return;
      files.set(info.file, { loaded: info.loaded, total: info.total });
      const sum = (part: 'loaded' | 'total') =>
        [...files.values()].reduce((all, file) => all + file[part], 0);
      const total = sum('total');
      // Small files come first: until the model's own is known, their end is not the end.
      const isModelKnown = [...files.keys()].some((file) => file.endsWith('.onnx'));
      if (total > 0 && isModelKnown) tell((FETCH_SHARE * sum('loaded')) / total);
    },
    finish: () => tell(1),
  };
}

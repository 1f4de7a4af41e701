/** Sentence embedding models by transformers.js: what runs inside the embedding worker. */

import type { FeatureExtractionPipeline, ProgressInfo } from '@huggingface/transformers';
import { LociError, toLociError } from '../errors.ts';
import { MAX_DIMENSIONS } from '../limits.ts';
import type { EmbedderConfig } from '../types.ts';
import { SHIPPED } from './builtin/shipped.ts';
import type { Embedder, EmbedderIdentity } from './embedder.ts';
import { DEFAULT_MODEL, KNOWN_MODELS, type ModelFacts, nameOfModel } from './known-models.ts';
import { MINILM_SPACE } from './spaces.ts';

export type TransformersConfig = Omit<Extract<EmbedderConfig, { kind: 'transformers' }>, 'kind' | 'preload'>;

const DEFAULT_DTYPE = 'q8';
/** Share of the progress that is fetching; the rest is starting the model. */
const FETCH_SHARE = 0.9;

/**
 * What the model is called; known before it is loaded.
 *
 * @throws LociError `INVALID_INPUT` of a model that is not known and does not say its dimensions and pooling, and of
 *   facts that a known model has not.
 */
export function transformersIdentity(config: TransformersConfig): EmbedderIdentity {
  const name = nameOfModel(config.model);
  const { dimensions, pooling, space } = factsOf(config);
  // Whose facts are given may be given others later: what decides the numbers is part of the name.
  const suffix = KNOWN_MODELS.has(name) || pooling === 'mean' ? '' : `-${pooling}`;
  const id = `${name}@${config.dtype ?? DEFAULT_DTYPE}${suffix}`;
  return { id, space: space ?? id, dimensions };
}

function factsOf(config: TransformersConfig): ModelFacts {
  const { dimensions, pooling, space } = config;
  const name = nameOfModel(config.model);
  const known = KNOWN_MODELS.get(name);
  if (known === undefined) {
    const isWhole = Number.isInteger(dimensions) && Number(dimensions) > 0;
    const hasPooling = pooling === 'mean' || pooling === 'cls';
    if (isWhole && Number(dimensions) <= MAX_DIMENSIONS && hasPooling)
      return { dimensions: Number(dimensions), pooling, space };
    throw new LociError('INVALID_INPUT', `the model ${name} is not known`, {
      hint: `Give its dimensions (1 to ${MAX_DIMENSIONS}) and its pooling ("mean" or "cls"), or choose one of ${[...KNOWN_MODELS.keys()].join(', ')}.`,
    });
  }
  const isOther = (given: unknown, fact: unknown) => given !== undefined && given !== fact;
  if (isOther(dimensions, known.dimensions) || isOther(pooling, known.pooling) || isOther(space, known.space))
    throw new LociError(
      'INVALID_INPUT',
      `the model ${name} has ${known.dimensions} dimensions and ${known.pooling} pooling`,
      {
        hint: `Leave out its dimensions, pooling and space: they are known.${known.space === MINILM_SPACE ? ` Of MiniLM ${SHIPPED.reduced} dimensions may be asked for too.` : ''}`,
      },
    );
  return known;
}

/**
 * Loads a model from the hub, or from a folder laid out as the hub's.
 *
 * @param onProgress called with 0–1, never falling; 1 once the model is ready.
 * @throws LociError `MODEL_UNAVAILABLE`; retryable unless the folder has no such model.
 */
export async function loadTransformersModel(
  config: TransformersConfig,
  onProgress: (fraction: number) => void,
): Promise<Embedder> {
  const identity = transformersIdentity(config);
  const progress = createProgress(onProgress);
  try {
    const extract = await loadPipeline(config, (info) => progress.take(info));
    const embedder = toEmbedder(identity, factsOf(config), extract);
    await assertDimensions(embedder);
    progress.finish();
    return embedder;
  } catch (error) {
    if (isBadFile(error)) await forgetFiles(nameOfModel(config.model));
    throw toLociError(error, 'MODEL_UNAVAILABLE', {
      retryable: !isMissing(error),
      hint: 'Check the connection, or serve the model yourself and name its folder as modelBaseUrl, and the ONNX runtime as wasmUrl.',
    });
  }
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

async function loadPipeline(
  { model = DEFAULT_MODEL, modelBaseUrl, dtype = DEFAULT_DTYPE, wasmUrl }: TransformersConfig,
  onInfo: (info: ProgressInfo) => void,
): Promise<FeatureExtractionPipeline> {
  const { env, pipeline } = await import('@huggingface/transformers');
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
  return pipeline('feature-extraction', model, {
    dtype: dtype as 'q8',
    progress_callback: onInfo,
  });
}

function toEmbedder(
  identity: EmbedderIdentity,
  { pooling, prefixes }: ModelFacts,
  extract: FeatureExtractionPipeline,
): Embedder {
  return {
    ...identity,
    embed: async (texts, purpose = 'document') => {
      if (texts.length === 0) return [];
      const prefix = prefixes?.[purpose] ?? '';
      try {
        const output = await extract(
          texts.map((text) => prefix + text),
          { pooling, normalize: true },
        );
        const [count = 0, dimensions = 0] = output.dims;
        const data = output.data as Float32Array;
        return Array.from({ length: count }, (_, row) =>
          data.slice(row * dimensions, (row + 1) * dimensions),
        );
      } catch (error) {
        throw toLociError(error, 'MODEL_UNAVAILABLE', {
          retryable: true,
          hint: 'The built-in embedder serves.',
        });
      }
    },
    close: async () => {
      await extract.dispose();
    },
  };
}

async function assertDimensions({ id, dimensions, embed }: Embedder): Promise<void> {
  const [vector] = await embed(['dimensions']);
  if (vector?.length === dimensions) return;
  throw new LociError(
    'MODEL_UNAVAILABLE',
    `${id} makes vectors of ${vector?.length} dimensions, not ${dimensions}`,
    { hint: 'Give the model’s dimensions in the configuration.' },
  );
}

/** One number of the many that transformers.js tells: bytes of all files so far, never falling. */
function createProgress(onProgress: (fraction: number) => void) {
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

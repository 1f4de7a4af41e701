/** Sentence embedding models by transformers.js: what runs inside the embedding worker. */

import type { FeatureExtractionPipeline, ProgressInfo } from '@huggingface/transformers';
import { LociError, toLociError } from '../errors.ts';
import { MAX_DIMENSIONS } from '../limits.ts';
import type { EmbedderConfig } from '../types.ts';
import { SHIPPED } from './builtin/shipped.ts';
import type { Embedder, EmbedderIdentity } from './embedder.ts';
import { DEFAULT_MODEL, KNOWN_MODELS, type ModelFacts, nameOfModel } from './known-models.ts';
import { MINILM_SPACE } from './spaces.ts';
import { createProgress, setUpRuntime, toLoadError } from './transformers-runtime.ts';

export type TransformersConfig = Omit<Extract<EmbedderConfig, { kind: 'transformers' }>, 'kind' | 'preload'>;

const DEFAULT_DTYPE = 'q8';

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
    throw await toLoadError(error, nameOfModel(config.model));
  }
}

async function loadPipeline(
  { model = DEFAULT_MODEL, modelBaseUrl, dtype = DEFAULT_DTYPE, wasmUrl }: TransformersConfig,
  onInfo: (info: ProgressInfo) => void,
): Promise<FeatureExtractionPipeline> {
  const { env, pipeline } = await import('@huggingface/transformers');
  setUpRuntime(env, { modelBaseUrl, wasmUrl });
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

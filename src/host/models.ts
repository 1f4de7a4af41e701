/** The models of an engine by its configuration: what is wanted, what is built in, and what needs nothing. */

import { builtinIdentity } from '../embedding/builtin/encoder.ts';
import {
  createBuiltinLoader,
  createReducedLoader,
  createTableSource,
  type TableSource,
} from '../embedding/builtin/load.ts';
import { SHIPPED } from '../embedding/builtin/shipped.ts';
import type { EmbedderLoader } from '../embedding/embedder.ts';
import { createHashingEmbedder } from '../embedding/hashing.ts';
import { KNOWN_MODELS, nameOfModel } from '../embedding/known-models.ts';
import type { RerankerLoader } from '../embedding/reranker.ts';
import { MINILM_SPACE } from '../embedding/spaces.ts';
import { transformersIdentity } from '../embedding/transformers.ts';
import { createTransformersLoader } from '../embedding/worker-embedder.ts';
import { createRerankerLoader } from '../embedding/worker-reranker.ts';
import type { EngineParts } from '../engine/engine.ts';
import { LociError } from '../errors.ts';
import { checkOptions } from '../memory/options.ts';
import type { EmbedderConfig, RerankerConfig } from '../types.ts';

/** What each kind may be told. */
const OPTIONS: Readonly<Record<EmbedderConfig['kind'], readonly string[]>> = {
  hashing: ['kind'],
  builtin: ['kind', 'dimensions', 'preload'],
  transformers: [
    ...['kind', 'model', 'modelBaseUrl', 'dtype', 'dimensions', 'pooling', 'space', 'wasmUrl', 'preload'],
  ],
};

type Transformers = Extract<EmbedderConfig, { kind: 'transformers' }>;

/** @throws LociError `INVALID_INPUT` for a model that cannot be: so that opening fails before anything is loaded. */
export function checkModels(config: EmbedderConfig): void {
  checkOptions<object>(config, OPTIONS[config.kind] as readonly never[]);
  const { preload } = config as { readonly preload?: unknown };
  if (preload !== undefined && typeof preload !== 'boolean')
    throw new LociError('INVALID_INPUT', 'preload must be true or false', {
      hint: 'Leave it out, and the table is loaded when it is needed.',
    });
  if (config.kind === 'builtin') builtinIdentity(SHIPPED, config.dimensions);
  if (config.kind === 'transformers') transformersIdentity(isReduced(config) ? whole(config) : config);
}

/** What a reranker may be told; each of them, or this does not compile. */
const IS_RERANKER_OPTION: Readonly<Record<keyof RerankerConfig, true>> = {
  kind: true,
  model: true,
  modelBaseUrl: true,
  dtype: true,
  wasmUrl: true,
};

/** @throws LociError `INVALID_INPUT` for a reranker that cannot be. */
export function checkReranker(config: RerankerConfig | undefined): void {
  if (config === undefined) return;
  checkOptions(config, Object.keys(IS_RERANKER_OPTION) as readonly (keyof RerankerConfig)[]);
  if (config.kind === 'transformers') return;
  throw new LociError('INVALID_INPUT', 'reranker.kind must be transformers', {
    hint: 'Give { kind: "transformers" }, or leave the reranker out.',
  });
}

/** The model that reranks; nothing is loaded before a search asks for it. */
export function createReranker({ kind: _, ...config }: RerankerConfig): RerankerLoader {
  return createRerankerLoader(config);
}

/** The parts of an engine that embed. */
export function createModels(config: EmbedderConfig): Pick<EngineParts, 'builtin' | 'preferred'> {
  const fallback = createHashingEmbedder();
  if (config.kind === 'hashing') return { builtin: fallback };
  const source = createTableSource();
  // Beside a model of another space, or of all dimensions, the built-in one has all of its own.
  const isWhole = config.kind === 'transformers' && !isReduced(config);
  const loader = createBuiltinLoader({ source, dimensions: isWhole ? undefined : config.dimensions });
  // Of memories from before the setting was changed; the table is one and the same.
  const sizes = [SHIPPED.dimensions, SHIPPED.reduced].filter((size) => size !== loader.dimensions);
  const others = sizes.map((dimensions) => createBuiltinLoader({ source, dimensions }));
  const builtin = { loader, others, fallback, preload: config.preload };
  return { builtin, preferred: config.kind === 'transformers' ? createLoader(config, source) : undefined };
}

function createLoader(config: Transformers, source: TableSource): EmbedderLoader {
  if (!isReduced(config)) return createTransformersLoader(config);
  return createReducedLoader(createTransformersLoader(whole(config)), source);
}

/** Whether vectors of MiniLM are wanted in the fewer dimensions that the table has axes for. */
function isReduced({ model, dimensions }: Transformers): boolean {
  return dimensions === SHIPPED.reduced && KNOWN_MODELS.get(nameOfModel(model))?.space === MINILM_SPACE;
}

function whole(config: Transformers): Transformers {
  return { ...config, dimensions: undefined };
}

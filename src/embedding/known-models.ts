/** The models of transformers.js whose facts are known: what else is named has to bring its own. */

import { MINILM_SPACE } from './spaces.ts';

/** How a sentence's vector is made of its tokens': their mean, or the first one's. */
export type Pooling = 'mean' | 'cls';

export interface ModelFacts {
  readonly dimensions: number;
  readonly pooling: Pooling;
  /** Default: the model's own. */
  readonly space?: string | undefined;
  /** What the model was taught to see before a text. */
  readonly prefixes?: { readonly document: string; readonly query: string } | undefined;
}

const E5_PREFIXES = { document: 'passage: ', query: 'query: ' } as const;

export const DEFAULT_MODEL = 'Xenova/all-MiniLM-L6-v2';

/** A model's name without the folders it lies in. */
export function nameOfModel(model = DEFAULT_MODEL): string {
  return model.split('/').at(-1) ?? model;
}

/** By the last part of the name, so that a model is the same from the hub and from a folder. */
export const KNOWN_MODELS: ReadonlyMap<string, ModelFacts> = new Map<string, ModelFacts>([
  ['all-MiniLM-L6-v2', { dimensions: 384, pooling: 'mean', space: MINILM_SPACE }],
  ['paraphrase-multilingual-MiniLM-L12-v2', { dimensions: 384, pooling: 'mean' }],
  ['multilingual-e5-small', { dimensions: 384, pooling: 'mean', prefixes: E5_PREFIXES }],
  ['multilingual-e5-base', { dimensions: 768, pooling: 'mean', prefixes: E5_PREFIXES }],
]);

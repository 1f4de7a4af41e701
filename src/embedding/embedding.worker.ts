/** The worker of one model, an embedder or a reranker: it loads and runs here, so that it cannot block a search. */

import { expose, transfer } from 'comlink';
import { type Envelope, intoEnvelope } from '../envelope.ts';
import { LociError } from '../errors.ts';
import { type CrossEncoderConfig, loadCrossEncoder } from './cross-encoder.ts';
import type { Embedder, TextPurpose } from './embedder.ts';
import type { Reranker } from './reranker.ts';
import { loadTransformersModel, type TransformersConfig } from './transformers.ts';

/** What the engine calls; every method answers an envelope and never rejects. */
export interface ModelFacade {
  load(config: TransformersConfig, onProgress: (fraction: number) => void): Promise<Envelope>;
  embed(texts: readonly string[], purpose?: TextPurpose): Promise<Envelope>;
  loadReranker(config: CrossEncoderConfig, onProgress: (fraction: number) => void): Promise<Envelope>;
  rerank(query: string, texts: readonly string[]): Promise<Envelope>;
}

let embedder: Embedder | undefined;
let reranker: Reranker | undefined;

const facade: ModelFacade = Object.freeze({
  load: (config: TransformersConfig, onProgress: (fraction: number) => void) =>
    intoEnvelope(async () => {
      embedder = await loadTransformersModel(config, (fraction) => void onProgress(fraction));
    }),
  embed: async (texts: readonly string[], purpose?: TextPurpose) => {
    const envelope = await intoEnvelope(async () => {
      if (embedder === undefined) throw new LociError('MODEL_UNAVAILABLE', 'no model is loaded');
      return embedder.embed(texts, purpose);
    });
    if (!envelope.ok) return envelope;
    return transfer(
      envelope,
      (envelope.value as readonly Float32Array[]).map(({ buffer }) => buffer as ArrayBuffer),
    );
  },
  loadReranker: (config: CrossEncoderConfig, onProgress: (fraction: number) => void) =>
    intoEnvelope(async () => {
      reranker = await loadCrossEncoder(config, (fraction) => void onProgress(fraction));
    }),
  rerank: (query: string, texts: readonly string[]) =>
    intoEnvelope(async () => {
      if (reranker === undefined) throw new LociError('MODEL_UNAVAILABLE', 'no reranker is loaded');
      return reranker.rerank(query, texts);
    }),
});

expose(facade);

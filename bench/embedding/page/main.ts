/** The page of the benchmark: loads an embedder and times it. */

import ortWasm from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import {
  createBuiltinLoader,
  createReducedLoader,
  createTableSource,
} from '../../../src/embedding/builtin/load.ts';
import type { Embedder } from '../../../src/embedding/embedder.ts';
import { createHashingEmbedder } from '../../../src/embedding/hashing.ts';
import { createTransformersLoader } from '../../../src/embedding/worker-embedder.ts';
import type { EmbedderName } from '../embedders.ts';
import { sentencesPerSecond } from '../timing.ts';

async function load(name: EmbedderName): Promise<Embedder> {
  if (name === 'hashing') return createHashingEmbedder();
  if (name === 'builtin') return createBuiltinLoader().load(() => undefined);
  if (name === 'builtin-256') return createBuiltinLoader({ dimensions: 256 }).load(() => undefined);
  const wasmUrl = new URL(ortWasm, location.href).href;
  const config = { model: 'all-MiniLM-L6-v2', modelBaseUrl: '/models/', wasmUrl };
  const minilm = createTransformersLoader(config);
  const loader = name === 'minilm' ? minilm : createReducedLoader(minilm, createTableSource());
  return loader.load(() => undefined);
}

const bench = {
  /** Sentences a second; the built-in model on the page's own thread, MiniLM in its worker. */
  time: async (name: EmbedderName, sentences: readonly string[]): Promise<number> => {
    const embedder = await load(name);
    try {
      return await sentencesPerSecond(embedder, sentences);
    } finally {
      await embedder.close();
    }
  },
};

declare global {
  interface Window {
    embeddingBench: typeof bench;
  }
}

window.embeddingBench = bench;

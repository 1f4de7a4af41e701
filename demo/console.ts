/** The engine without a page around it, as `window.loci`, for the quickstart and the e2e tests to drive. */

import ortWasm from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import {
  createEdgeClient,
  exportMemories,
  importExported,
  importMemories,
  isLociError,
  type OpenOptions,
  openMemory,
  parseConversations,
} from '../src/index.ts';

/** The ONNX runtime that belongs to this build. */
const wasmUrl = new URL(ortWasm, location.href).href;

const api = Object.freeze({
  /** `openMemory`, with this build's runtime for a model that is wanted. */
  openMemory: ({ embedder, ...options }: OpenOptions = {}) =>
    openMemory({
      ...options,
      embedder: embedder?.kind === 'transformers' ? { wasmUrl, ...embedder } : embedder,
    }),
  importMemories,
  parseConversations,
  exportMemories,
  importExported,
  createEdgeClient,
  isLociError,
});

/** What the page offers. */
export type LociConsole = typeof api;

declare global {
  interface Window {
    loci: LociConsole;
  }
}

window.loci = api;

/** The engine without a page around it, as `window.loci`, for the quickstart and the e2e tests to drive. */

import ortWasm from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import {
  createEdgeClient,
  importMemories,
  isLociError,
  openMemory,
  parseConversations,
} from '../src/index.ts';

const api = Object.freeze({
  openMemory,
  importMemories,
  parseConversations,
  createEdgeClient,
  isLociError,
  /** The ONNX runtime that belongs to this build. */
  ortWasmUrl: new URL(ortWasm, location.href).href,
});

/** What the page offers. */
export type LociConsole = typeof api;

declare global {
  interface Window {
    loci: LociConsole;
  }
}

window.loci = api;

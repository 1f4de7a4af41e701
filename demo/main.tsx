/** Wires the demo to the engine. */

import ortWasm from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import { importMemories, openMemory, parseConversations } from '../src/index.ts';
import { connectEdge } from './edge.ts';
import { isServed } from './served.ts';
import { start } from './start.tsx';
import { exportMemories, importExported } from './transfer.ts';

const root = document.getElementById('app');
if (root === null) throw new Error('index.html has no #app');
start(root, {
  openMemory,
  parseConversations,
  importMemories,
  exportMemories,
  importExported,
  connectEdge,
  isServed,
  pageUrl: location.href,
  wasmUrl: ortWasm,
});

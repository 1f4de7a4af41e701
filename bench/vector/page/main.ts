/** The benchmark's page: it starts the worker and lets the driver call it. */

import { wrap } from 'comlink';
import type { WorkerBench } from './worker.ts';

const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
const bench = wrap<WorkerBench>(worker);

declare global {
  interface Window {
    bench: typeof bench;
  }
}

window.bench = bench;

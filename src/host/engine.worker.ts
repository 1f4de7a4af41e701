/** The Web Worker that hosts the engine; the package's entry `./engine-worker`. */

import type { Endpoint } from 'comlink';
import { serveEngine } from './serve.ts';

serveEngine(globalThis as unknown as Endpoint);

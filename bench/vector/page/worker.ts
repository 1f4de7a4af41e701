/** The measuring in a browser's worker. */

import { expose } from 'comlink';
import { type Bench, createBench } from '../bench.ts';
import type { Ef } from '../engine.ts';
import { engines } from '../engines/index.ts';
import { fetchDataset } from '../wire.ts';
import { createBrowserPlatform } from './browser-platform.ts';

let bench: Bench | undefined;

const opened = () => {
  if (bench === undefined) throw new Error('the data are not there yet');
  return bench;
};

const workerBench = {
  open: async () => {
    const dataset = await fetchDataset(new URL('/', self.location.href));
    bench = createBench(dataset, engines, createBrowserPlatform(), (line) => console.info(line));
  },
  build: (name: string) => opened().build(name),
  round: (name: string) => opened().round(name),
  rest: (name: string, ef: Ef) => opened().rest(name, ef),
};

export type WorkerBench = typeof workerBench;

expose(workerBench);

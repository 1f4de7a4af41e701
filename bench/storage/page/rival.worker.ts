/** The rivals' worker: they are reached over Comlink too, and hold their index in it as Loci does. */

import { expose } from 'comlink';
import type { BenchMemory } from '../dataset.ts';
import type { Found, Level } from '../store.ts';

/** A rival that is open. */
export interface RivalStore {
  addMany(memories: readonly BenchMemory[], level: Level): Promise<void>;
  search(vector: Float32Array): Promise<readonly Found[]>;
  get(id: string): Promise<Found | null>;
  close(): Promise<void>;
}

let store: RivalStore | undefined;

const opened = () => {
  if (store === undefined) throw new Error('it is not open');
  return store;
};

const rival = {
  open: async (kind: 'idb' | 'dexie', name: string) => {
    store =
      kind === 'idb'
        ? await (await import('./idb.ts')).openIdb(name)
        : await (await import('./dexie.ts')).openDexie(name);
  },
  addMany: (memories: readonly BenchMemory[], level: Level) => opened().addMany(memories, level),
  search: (vector: Float32Array) => opened().search(vector),
  get: (id: string) => opened().get(id),
  close: () => opened().close(),
};

export type Rival = typeof rival;

expose(rival);

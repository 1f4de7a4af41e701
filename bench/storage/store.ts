/** What is measured: a place that keeps memories and finds them, ours or a rival's. */

import type { BenchMemory } from './dataset.ts';

/** `journaled`: the browser has it (relaxed); `flushed`: the disk was asked to keep it (strict). */
export type Level = 'journaled' | 'flushed';
export const LEVELS: readonly Level[] = ['journaled', 'flushed'];

export interface Found {
  readonly id: string;
  readonly content: string;
}

/** A store that is open. Everything but the caller's own thread's work is done in a worker. */
export interface Store {
  add(memory: BenchMemory, level: Level): Promise<void>;
  /** All or none. */
  addMany(memories: readonly BenchMemory[], level: Level): Promise<void>;
  /** The ten best, in full. */
  search(text: string, vector: Float32Array): Promise<readonly Found[]>;
  get(id: string): Promise<Found | null>;
  /** Waits until nothing is left to do in the background. */
  settle(): Promise<void>;
  bytesByKind(): Promise<Readonly<Record<string, number>> | null>;
  close(): Promise<void>;
}

export const HITS = 10;

/** What takes part, by name; `workers` is how the URL of its worker is known. */
export const CONTESTANTS = {
  loci: { about: 'Loci: openMemory, its engine in a worker, IndexedDB', worker: 'engine.worker' },
  idb: {
    about: 'idb 8: one row a memory, read whole on opening into an exact index in memory',
    worker: 'rival.worker',
  },
  dexie: { about: 'Dexie 4: the same with a Dexie table', worker: 'rival.worker' },
} as const;

export type ContestantName = keyof typeof CONTESTANTS;
export const CONTESTANT_NAMES = Object.keys(CONTESTANTS) as readonly ContestantName[];

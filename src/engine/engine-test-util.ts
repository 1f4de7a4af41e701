/** Engines for tests: on a store that outlives them, with a clock of their own and a model to be had later. */

import type { Embedder, EmbedderLoader } from '../embedding/embedder.ts';
import { createHashingEmbedder } from '../embedding/hashing.ts';
import { createMemoryStorage } from '../storage/memory.ts';
import type { Storage } from '../storage/storage.ts';
import { createTestEnvironment } from '../testing/environment.ts';
import type { MemoryEngine } from '../types.ts';
import { createKernelIndex } from '../vector/kernel-index.ts';
import { type EngineParts, openEngine } from './engine.ts';

/** A store in memory that says it persists, and that an engine's `close` does not close. */
export function createLastingStorage(inner: Storage = createMemoryStorage()): Storage {
  return {
    kind: inner.kind,
    persistent: true,
    epoch: () => inner.epoch(),
    get: (key) => inner.get(key),
    getMany: (keys) => inner.getMany(keys),
    getRange: (range, options) => inner.getRange(range, options),
    getKeys: (range, options) => inner.getKeys(range, options),
    commit: async (commit) => {
      await inner.commit(commit);
      return commit.durability;
    },
    close: async () => undefined,
  };
}

export const NOW = 1_700_000_000_000;

/** Each engine has a seed of its own: two with one would make the same ids. */
let nextSeed = 1;

export function openTestEngine(parts: Partial<EngineParts> = {}): Promise<MemoryEngine> {
  return openEngine({
    storage: createLastingStorage(),
    createIndex: (dimensions) => createKernelIndex(dimensions),
    indexKind: 'kernel',
    builtin: createHashingEmbedder(),
    environment: createTestEnvironment({ seed: nextSeed++, now: NOW }),
    ...parts,
  });
}

/** A model whose loading and failing the test decides. */
export function createLateModel(id = 'late-model'): EmbedderLoader & {
  readonly arrive: () => void;
  readonly miss: (error: Error) => void;
  readonly tell: (fraction: number) => void;
  /** Makes every later `embed` fail, or work again. */
  readonly setBroken: (isBroken: boolean) => void;
  readonly embedded: string[];
} {
  let settle: { resolve: (embedder: Embedder) => void; reject: (error: Error) => void } | undefined;
  let progress: (fraction: number) => void = () => undefined;
  let isBroken = false;
  const embedded: string[] = [];
  const { embed, dimensions } = createHashingEmbedder();
  const identity = { id, space: `${id}-space`, dimensions };
  const embedder: Embedder = {
    ...identity,
    embed: async (texts) => {
      if (isBroken) throw new Error('the model broke');
      embedded.push(...texts);
      return embed(texts);
    },
    close: async () => undefined,
  };
  return {
    ...identity,
    embedded,
    load: (onProgress) => {
      progress = onProgress;
      return new Promise((resolve, reject) => {
        settle = { resolve, reject };
      });
    },
    arrive: () => settle?.resolve(embedder),
    miss: (error) => settle?.reject(error),
    tell: (fraction) => progress(fraction),
    setBroken: (value) => {
      isBroken = value;
    },
  };
}

/** Waits until the condition holds. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 1_000; turn++) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  throw new Error('it never came to be');
}

/** Loci as a page has it: `openMemory`, which starts a worker and talks to it over Comlink. */

import { type MemoryEngine, type NewMemory, openMemory } from '../../../src/index.ts';
import { type BenchMemory, DIMENSIONS } from '../dataset.ts';
import { HITS, type Store } from '../store.ts';

export const MODEL = { modelId: 'bench', space: 'bench' };
/** Looks without a change, a second apart, after which the store counts as quiet: folds pause less. */
const QUIET_SECONDS = 5;
/** Longest wait for it, ms. */
const SETTLE_MS = 1_800_000;

export async function openLoci(namespace: string): Promise<Store> {
  const engine = await openMemory({ namespace, storage: 'indexeddb' });
  return {
    add: async (memory, durability) => {
      await engine.add(toNewMemory(memory), { durability });
    },
    addMany: async (memories, durability) => {
      await engine.addMany(memories.map(toNewMemory), { durability });
    },
    search: async (text, vector) => {
      const { hits } = await engine.search(text, { embedding: { space: MODEL.space, vector }, limit: HITS });
      return hits.map(({ memory }) => memory);
    },
    get: (id) => engine.get(id),
    settle: () => settle(engine),
    bytesByKind: async () => bytesByKindOf(await engine.stats()),
    close: () => engine.close(),
  };
}

function toNewMemory({ id, content, createdAt, vector }: BenchMemory): NewMemory {
  return { id, content, createdAt, embedding: { ...MODEL, vector } };
}

/** Until neither what is stored nor the index changes any more: the public API names no end of a fold. */
export async function settle(engine: MemoryEngine): Promise<void> {
  const until = performance.now() + SETTLE_MS;
  let before: number | undefined;
  for (;;) {
    await storageAtRest(engine, until);
    // Asked for apart: a search counts as an access, which is written.
    const pending = await pendingOf(engine);
    if (pending === 0 || pending === before) return;
    before = pending;
  }
}

async function storageAtRest(engine: MemoryEngine, until: number): Promise<void> {
  let before = '';
  for (let quiet = 0; quiet < QUIET_SECONDS; ) {
    if (performance.now() > until) throw new Error(`not at rest after ${SETTLE_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const { usage } = await navigator.storage.estimate();
    const now = JSON.stringify([usage, bytesByKindOf(await engine.stats())]);
    quiet = now === before ? quiet + 1 : 0;
    before = now;
  }
}

/** Rows not yet in the index's graph; few rows never get one. */
async function pendingOf(engine: MemoryEngine): Promise<number> {
  const vector = Float32Array.from({ length: DIMENSIONS }, (_, i) => Math.sin(i));
  const { plan } = await engine.search('', { embedding: { space: MODEL.space, vector }, limit: 1 });
  return (plan.vector ?? []).reduce((sum, { pending }) => sum + pending, 0);
}

function bytesByKindOf(stats: object): Readonly<Record<string, number>> | null {
  const bytes = 'bytesByKind' in stats ? stats.bytesByKind : null;
  return typeof bytes === 'object' ? (bytes as Readonly<Record<string, number>> | null) : null;
}

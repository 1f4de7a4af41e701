/** Loci as a page has it: `openMemory`, which starts a worker and talks to it over Comlink. */

import { type MemoryEngine, type NewMemory, openMemory } from '../../../src/index.ts';
import type { BenchMemory } from '../dataset.ts';
import { HITS, type Store } from '../store.ts';

const MODEL = { modelId: 'bench', space: 'bench' };
/** Reads of the same usage, a second apart, after which the store counts as quiet: folds pause less. */
const QUIET_SECONDS = 5;
/** Longest wait for it, s. */
const SETTLE_SECONDS = 1_800;

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

/** Until the index has all rows and what is stored no longer changes: the public API names no end of a fold. */
async function settle(engine: MemoryEngine): Promise<void> {
  let before = '';
  let quiet = 0;
  for (let second = 0; quiet < QUIET_SECONDS; second++) {
    if (second > SETTLE_SECONDS) throw new Error(`not quiet after ${SETTLE_SECONDS} s`);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const { usage } = await navigator.storage.estimate();
    const now = JSON.stringify([usage, bytesByKindOf(await engine.stats()), await pendingOf(engine)]);
    quiet = now === before && now.endsWith(',0]') ? quiet + 1 : 0;
    before = now;
  }
}

/** Rows not yet in the index's graph. */
async function pendingOf(engine: MemoryEngine): Promise<number> {
  const vector = Float32Array.from({ length: 384 }, (_, i) => Math.sin(i));
  const { plan } = await engine.search('', { embedding: { space: MODEL.space, vector }, limit: 1 });
  return (plan.vector ?? []).reduce(
    (sum, { pending, plan: how }) => sum + (how === 'exact' ? 0 : pending),
    0,
  );
}

function bytesByKindOf(stats: object): Readonly<Record<string, number>> | null {
  const bytes = 'bytesByKind' in stats ? stats.bytesByKind : null;
  return typeof bytes === 'object' ? (bytes as Readonly<Record<string, number>> | null) : null;
}

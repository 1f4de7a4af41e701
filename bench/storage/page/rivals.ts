/** The rivals as a page has them: a worker of their own, over Comlink. */

import { wrap } from 'comlink';
import type { Store } from '../store.ts';
import type { Rival } from './rival.worker.ts';

export async function openRival(kind: 'idb' | 'dexie', name: string): Promise<Store> {
  const worker = new Worker(new URL('./rival.worker.ts', import.meta.url), { type: 'module' });
  const remote = wrap<Rival>(worker);
  await remote.open(kind, name);
  return {
    add: (memory, level) => remote.addMany([memory], level),
    addMany: (memories, level) => remote.addMany(memories, level),
    search: (_text, vector) => remote.search(vector),
    get: (id) => remote.get(id),
    settle: async () => undefined,
    bytesByKind: async () => null,
    close: async () => {
      await remote.close();
      worker.terminate();
    },
  };
}

/** The plain rival: idb, one object store, one row a memory. */

import { type DBSchema, openDB } from 'idb';
import type { RivalStore } from './rival.worker.ts';
import { READ_AT_ONCE, type Row, RowIndex } from './rows.ts';

interface Schema extends DBSchema {
  memories: { key: string; value: Row };
}

const DURABILITY = { journaled: 'relaxed', flushed: 'strict' } as const;

export async function openIdb(name: string): Promise<RivalStore> {
  const database = await openDB<Schema>(name, 1, {
    upgrade: (db) => void db.createObjectStore('memories', { keyPath: 'id' }),
  });
  const index = new RowIndex();
  let after: IDBKeyRange | undefined;
  for (;;) {
    const rows = await database.getAll('memories', after, READ_AT_ONCE);
    for (const row of rows) index.add(row);
    const last = rows.at(-1);
    if (last === undefined || rows.length < READ_AT_ONCE) break;
    after = IDBKeyRange.lowerBound(last.id, true);
  }
  return {
    addMany: async (memories, level) => {
      const transaction = database.transaction('memories', 'readwrite', { durability: DURABILITY[level] });
      for (const memory of memories) void transaction.store.add(memory);
      transaction.commit();
      await transaction.done;
      for (const memory of memories) index.add(memory);
    },
    search: async (vector) => {
      const { store } = database.transaction('memories');
      const rows = await Promise.all(index.nearest(vector).map((id) => store.get(id)));
      return rows.flatMap((row) => row ?? []);
    },
    get: async (id) => (await database.get('memories', id)) ?? null,
    close: async () => database.close(),
  };
}

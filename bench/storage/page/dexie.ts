/** The rival database: Dexie, one table, one row a memory. */

import { Dexie } from 'dexie';
import type { Level } from '../store.ts';
import type { RivalStore } from './rival.worker.ts';
import { READ_AT_ONCE, type Row, RowIndex } from './rows.ts';

const DURABILITY = { journaled: 'relaxed', flushed: 'strict' } as const;

/** Dexie fixes the durability when it opens, so that there is one connection for each level. */
function connect(name: string, level: Level): Dexie {
  const database = new Dexie(name, { chromeTransactionDurability: DURABILITY[level] });
  database.version(1).stores({ memories: 'id' });
  return database;
}

export async function openDexie(name: string): Promise<RivalStore> {
  const databases = { journaled: connect(name, 'journaled'), flushed: connect(name, 'flushed') };
  const memories = databases.journaled.table<Row>('memories');
  const index = new RowIndex();
  let after = '';
  for (;;) {
    const rows = await memories.where('id').above(after).limit(READ_AT_ONCE).toArray();
    for (const row of rows) index.add(row);
    after = rows.at(-1)?.id ?? after;
    if (rows.length < READ_AT_ONCE) break;
  }
  return {
    addMany: async (rows, level) => {
      await databases[level].table<Row>('memories').bulkAdd(rows);
      for (const row of rows) index.add(row);
    },
    search: async (vector) => {
      const rows = await memories.bulkGet(index.nearest(vector));
      return rows.flatMap((row) => row ?? []);
    },
    get: async (id) => (await memories.get(id)) ?? null,
    close: async () => {
      for (const database of Object.values(databases)) database.close();
    },
  };
}

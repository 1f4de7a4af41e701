/** Brings a namespace that is stored in an earlier format into the present one's database, and lets the old one go. */

import { isMigrated, migrateFormat1 } from '../engine/migration/migrate.ts';
import { databaseName, deleteDatabase, openIndexedDbStorage } from '../storage/indexeddb.ts';
import type { Storage } from '../storage/storage.ts';

const EARLIER_FORMAT = 1;

/**
 * Does so where there is one. The caller owns the namespace. The old database goes only once the new one is
 * complete; where another tab holds it open, that is tried again on the next opening.
 *
 * @param formats the formats that the namespace is stored in.
 * @throws LociError what storage throws: then the old database is as it was.
 */
export async function bringOver(
  { tenant, namespace }: { readonly tenant: string; readonly namespace: string },
  formats: readonly number[],
  database: Storage,
): Promise<void> {
  if (!formats.includes(EARLIER_FORMAT)) return;
  const name = databaseName(tenant, namespace, EARLIER_FORMAT);
  if (!(await isMigrated(database))) {
    const old = await openIndexedDbStorage({ name });
    try {
      const [first] = await old.getRange({ from: '', to: '\uffff' }, { limit: 1 });
      if (first !== undefined) await migrateFormat1(old, database);
    } finally {
      await old.close();
    }
  }
  await deleteDatabase(name);
}

/** Brings a namespace that is stored in an earlier format into the present one's database, and lets the old one go. */

import { FORMAT, holdsAnything } from '../engine/migration/format-1.ts';
import { isFillable, isMigrated, migrateFormat1 } from '../engine/migration/migrate.ts';
import { databaseName, deleteDatabase, openIndexedDbStorage } from '../storage/indexeddb.ts';
import { createSalvagingStorage } from '../storage/salvaging.ts';
import type { Storage } from '../storage/storage.ts';

/**
 * Does so where there is one. The caller owns the namespace. The old database goes only once the new one says that
 * all of it was brought over, or where it holds nothing; where another tab holds it open, that is tried again on
 * the next opening. One that holds what the new one may not have stays as it is.
 *
 * @param formats the formats that the namespace is stored in.
 * @returns the format of a database that stays, or undefined.
 * @throws LociError what storage throws: then the old database is as it was.
 */
export async function bringOver(
  { tenant, namespace }: { readonly tenant: string; readonly namespace: string },
  formats: readonly number[],
  database: Storage,
): Promise<number | undefined> {
  if (!formats.includes(FORMAT)) return undefined;
  const name = databaseName(tenant, namespace, FORMAT);
  const old = createSalvagingStorage(await openIndexedDbStorage({ name }));
  try {
    if (await holdsAnything(old)) {
      if (await isFillable(database)) await migrateFormat1(old, database);
      if (!(await isMigrated(old, database))) return FORMAT;
    }
  } finally {
    await old.close();
  }
  await deleteDatabase(name);
  return undefined;
}

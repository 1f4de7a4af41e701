/** Databases of earlier formats, as they were written then. */

import { createMemoryStorage } from '../../storage/memory.ts';
import type { Storage } from '../../storage/storage.ts';

export interface Fixture {
  readonly epoch: number;
  /** Key and value, in base64. */
  readonly rows: readonly (readonly string[])[];
}

export async function storeOf({ epoch, rows }: Fixture): Promise<Storage> {
  const storage = createMemoryStorage();
  const puts = rows.map(([key = '', value = '']) => ({
    key,
    value: Uint8Array.from(atob(value), (char) => char.charCodeAt(0)),
  }));
  await storage.commit({ expectEpoch: 0, nextEpoch: epoch, puts, durability: 'journaled' });
  return storage;
}

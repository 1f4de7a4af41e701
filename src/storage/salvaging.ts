/**
 * A Storage that answers what can be read where the bytes of single values are gone: browsers keep large values in
 * files of their own, and one that is missing fails every read of several values that it is among (w3c/IndexedDB #423).
 */

import { isLociError } from '../errors.ts';
import type { Row, Storage } from './storage.ts';

/**
 * Wraps a store. A value that the store says it cannot read any more (`STORAGE_CORRUPT`) comes out empty, which no
 * reader takes for whole, as everything stored carries a checksum; all others come out as they are. Any other
 * failure, a connection that is gone among them, is a failure of the read.
 *
 * @example
 * const storage = createSalvagingStorage(createRetryingStorage(await openIndexedDbStorage({ name })));
 */
export function createSalvagingStorage(inner: Storage): Storage {
  const get = (key: string) =>
    unlessUnreadable<Uint8Array | undefined>(
      () => inner.get(key),
      async () => new Uint8Array(),
    );
  return {
    kind: inner.kind,
    persistent: inner.persistent,
    epoch: () => inner.epoch(),
    get,
    getMany: (keys) =>
      unlessUnreadable<readonly (Uint8Array | undefined)[]>(
        () => inner.getMany(keys),
        () => eachInTurn(keys, get),
      ),
    getRange: (range, options) =>
      unlessUnreadable<readonly Row[]>(
        () => inner.getRange(range, options),
        async () => {
          const keys = await inner.getKeys(range, options);
          const values = await eachInTurn(keys, get);
          // One that is gone by now was deleted meanwhile.
          return keys.flatMap((key, i) => {
            const value = values[i];
            return value === undefined ? [] : [{ key, value }];
          });
        },
      ),
    getKeys: (range, options) => inner.getKeys(range, options),
    commit: (commit) => inner.commit(commit),
    close: () => inner.close(),
  };
}

async function unlessUnreadable<T>(read: () => Promise<T>, salvage: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!isLociError(error) || error.code !== 'STORAGE_CORRUPT') throw error;
    return salvage();
  }
}

async function eachInTurn<T>(keys: readonly string[], read: (key: string) => Promise<T>): Promise<T[]> {
  const values: T[] = [];
  for (const key of keys) values.push(await read(key));
  return values;
}

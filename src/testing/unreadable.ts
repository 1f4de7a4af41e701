/** A Storage whose values can be lost alone, as in browsers: the key is there, and reading the value fails. */

import { LociError } from '../errors.ts';
import type { Commit, Row, Storage } from '../storage/storage.ts';

/** A store that fails every read in which one of these values would have to be answered. */
export interface LosingStorage extends Storage {
  /** Loses the value of a key, until it is written anew. */
  lose(key: string): void;
}

/**
 * Wraps a store.
 *
 * @example
 * const storage = createLosingStorage(createMemoryStorage());
 * storage.lose('vector/0/0000000002');
 */
export function createLosingStorage(inner: Storage): LosingStorage {
  const lost = new Set<string>();
  const check = (keys: readonly string[]) => {
    const key = keys.find((each) => lost.has(each));
    if (key === undefined) return;
    throw new LociError('STORAGE_CORRUPT', `reading ${key} failed: NotReadableError: Data lost by command`);
  };
  const forget = ({ deletes = [], deleteRanges = [], puts = [] }: Commit) => {
    for (const { from, to } of deleteRanges)
      for (const key of lost) if (key >= from && key < to) lost.delete(key);
    for (const key of [...deletes, ...puts.map((row: Row) => row.key)]) lost.delete(key);
  };
  return {
    kind: inner.kind,
    persistent: inner.persistent,
    epoch: () => inner.epoch(),
    get: async (key) => {
      const value = await inner.get(key);
      if (value !== undefined) check([key]);
      return value;
    },
    getMany: async (keys) => {
      const values = await inner.getMany(keys);
      check(keys.filter((_, i) => values[i] !== undefined));
      return values;
    },
    getRange: async (range, options) => {
      const rows = await inner.getRange(range, options);
      check(rows.map(({ key }) => key));
      return rows;
    },
    getKeys: (range, options) => inner.getKeys(range, options),
    commit: async (commit) => {
      const level = await inner.commit(commit);
      forget(commit);
      return level;
    },
    close: () => inner.close(),
    lose: (key) => {
      lost.add(key);
    },
  };
}

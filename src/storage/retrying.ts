/**
 * A Storage that makes an operation again that failed and changed nothing, a bounded number of times. At once:
 * pauses belong to the store, which knows whether its connection has to be opened anew.
 */

import { type ErrorCode, isLociError } from '../errors.ts';
import { STORAGE_RETRIES } from '../limits.ts';
import type { Storage } from './storage.ts';

/**
 * What a second try may cure. Not among them: a full disk, which needs room first; an unknown outcome, which
 * needs a look first.
 */
const PASSING: ReadonlySet<ErrorCode> = new Set([
  'STORAGE_FAILED',
  'STORAGE_UNAVAILABLE',
  'DEADLINE_EXCEEDED',
]);

export interface RetryOptions {
  /** How often an operation is made again. Default `STORAGE_RETRIES`. */
  readonly retries?: number | undefined;
}

/**
 * Wraps a store. It promises what the store promises: a commit is made again only where it changed nothing.
 *
 * @example
 * const storage = createRetryingStorage(await openIndexedDbStorage({ name }));
 */
export function createRetryingStorage(inner: Storage, options: RetryOptions = {}): Storage {
  const { retries = STORAGE_RETRIES } = options;
  const again = async <T>(act: () => Promise<T>): Promise<T> => {
    for (let retry = 0; ; retry++) {
      try {
        return await act();
      } catch (error) {
        if (retry === retries || !isLociError(error) || !PASSING.has(error.code)) throw error;
      }
    }
  };
  return {
    kind: inner.kind,
    persistent: inner.persistent,
    epoch: () => again(() => inner.epoch()),
    get: (key) => again(() => inner.get(key)),
    getMany: (keys) => again(() => inner.getMany(keys)),
    getRange: (range, rangeOptions) => again(() => inner.getRange(range, rangeOptions)),
    getKeys: (range, rangeOptions) => again(() => inner.getKeys(range, rangeOptions)),
    commit: (commit) => again(() => inner.commit(commit)),
    close: () => inner.close(),
  };
}

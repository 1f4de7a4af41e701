/** The Storage port: where bytes live, and what an implementation must promise. */

import type { Durability } from '../types.ts';

/** One row: a key and its bytes. */
export interface Row {
  readonly key: string;
  readonly value: Uint8Array;
}

/** Keys from `from` (included) to `to` (excluded), by UTF-16 code units. */
export interface KeyRange {
  readonly from: string;
  readonly to: string;
}

export interface RangeOptions {
  /** Most rows. Default: all. */
  readonly limit?: number | undefined;
}

/** A change of the store, all or nothing. */
export interface Commit {
  /** The epoch the writer believes in; the commit is refused with `STALE_EPOCH` if the store has another. */
  readonly expectEpoch: number;
  /** The epoch from now on: how a new owner fences off the one before. */
  readonly nextEpoch?: number | undefined;
  /** Ranges to delete, before anything else. */
  readonly deleteRanges?: readonly KeyRange[] | undefined;
  /** Keys to delete, before the puts. */
  readonly deletes?: readonly string[] | undefined;
  readonly puts?: readonly Row[] | undefined;
  /** How far the commit must get before it resolves. */
  readonly durability: 'journaled' | 'flushed';
}

/**
 * A store of bytes by key, without interactive transactions: IndexedDB and a Durable Object's
 * synchronous SQL share nothing else.
 *
 * What an implementation promises:
 * - A commit is atomic: a crash, an error or a refusal leaves the state before it or after it.
 * - A read that starts after a commit resolved sees it; a rejected commit changed nothing.
 * - Every promise settles, with a result or a `LociError`. Only `OUTCOME_UNKNOWN` leaves open whether
 *   a commit landed; a read that follows tells.
 * - `getRange` and `getKeys` answer in ascending order of keys.
 * - Values are copied in and out: nobody's later change of a buffer reaches the store.
 * - An empty or inverted range holds nothing; of two puts with one key the last counts.
 * - A new store has epoch 0.
 * - After `close`, every other call rejects with `CLOSED`. Nothing is ever deleted but by a commit.
 *
 * Keys are well-formed strings without NUL.
 */
export interface Storage {
  /** Name for `status()`: `memory`, `indexeddb`, … */
  readonly kind: string;
  /** Whether what is committed survives the process. */
  readonly persistent: boolean;
  /** The epoch of the last commit that named one. */
  epoch(): Promise<number>;
  /** The bytes of a key, or undefined. */
  get(key: string): Promise<Uint8Array | undefined>;
  /** The bytes of several keys in their order, undefined where there are none. */
  getMany(keys: readonly string[]): Promise<readonly (Uint8Array | undefined)[]>;
  getRange(range: KeyRange, options?: RangeOptions): Promise<readonly Row[]>;
  /** The keys of a range in ascending order, without reading what they hold. */
  getKeys(range: KeyRange, options?: RangeOptions): Promise<readonly string[]>;
  /** Makes the change, and answers the level reached (`accepted` where nothing persists). */
  commit(commit: Commit): Promise<Durability>;
  close(): Promise<void>;
}

/** The range of all keys that start with a prefix. */
export function prefixRange(prefix: string): KeyRange {
  return { from: prefix, to: `${prefix}\uffff` };
}

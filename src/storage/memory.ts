/** A Storage that lives in memory and ends with the process: for tests, and where a browser lends no database. */

import { partitionPoint } from '../partition-point.ts';
import type { Durability } from '../types.ts';
import { closedError, staleEpochError } from './refusals.ts';
import type { Commit, KeyRange, RangeOptions, Row, Storage } from './storage.ts';

/**
 * A new, empty store.
 *
 * @example
 * const storage = createMemoryStorage();
 * await storage.commit({ expectEpoch: 0, puts: [{ key: 'a', value: new Uint8Array([1]) }], durability: 'journaled' });
 */
export function createMemoryStorage(): Storage {
  return new MemoryStorage();
}

class MemoryStorage implements Storage {
  readonly kind = 'memory';
  readonly persistent = false;
  readonly #rows = new SortedRows();
  #epoch = 0;
  #closed = false;

  async epoch(): Promise<number> {
    this.#assertOpen();
    return this.#epoch;
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    this.#assertOpen();
    return copy(this.#rows.get(key));
  }

  async getMany(keys: readonly string[]): Promise<readonly (Uint8Array | undefined)[]> {
    this.#assertOpen();
    return keys.map((key) => copy(this.#rows.get(key)));
  }

  async getRange(range: KeyRange, options: RangeOptions = {}): Promise<readonly Row[]> {
    this.#assertOpen();
    return this.#rows
      .keysIn(range, options.limit)
      .map((key) => ({ key, value: new Uint8Array(this.#rows.get(key) ?? []) }));
  }

  async getKeys(range: KeyRange, options: RangeOptions = {}): Promise<readonly string[]> {
    this.#assertOpen();
    return this.#rows.keysIn(range, options.limit);
  }

  /** Changes everything in one turn of the event loop; what can throw comes before the first change. */
  async commit(commit: Commit): Promise<Durability> {
    this.#assertOpen();
    if (commit.expectEpoch !== this.#epoch) throw staleEpochError(commit.expectEpoch, this.#epoch);
    const puts = (commit.puts ?? []).map(({ key, value }) => ({ key, value: new Uint8Array(value) }));

    for (const range of commit.deleteRanges ?? []) {
      for (const key of this.#rows.keysIn(range)) this.#rows.delete(key);
    }
    for (const key of commit.deletes ?? []) this.#rows.delete(key);
    for (const { key, value } of puts) this.#rows.set(key, value);
    this.#epoch = commit.nextEpoch ?? this.#epoch;
    return 'accepted';
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #assertOpen(): void {
    if (this.#closed) throw closedError();
  }
}

/** Rows by key, with their keys in order on demand. */
class SortedRows {
  readonly #values = new Map<string, Uint8Array>();
  /** Every key in order; absent after a key came or went. */
  #sorted: readonly string[] | undefined;

  get(key: string): Uint8Array | undefined {
    return this.#values.get(key);
  }

  set(key: string, value: Uint8Array): void {
    if (!this.#values.has(key)) this.#sorted = undefined;
    this.#values.set(key, value);
  }

  delete(key: string): void {
    if (this.#values.delete(key)) this.#sorted = undefined;
  }

  keysIn(range: KeyRange, limit = Number.POSITIVE_INFINITY): readonly string[] {
    // The default order of `sort`, like that of `<`, is by UTF-16 code units.
    this.#sorted ??= [...this.#values.keys()].sort();
    const start = firstAtLeast(this.#sorted, range.from);
    const end = Math.min(firstAtLeast(this.#sorted, range.to), start + Math.max(0, limit));
    return this.#sorted.slice(start, Math.max(start, end));
  }
}

/** The index of the first key that is not below `bound`. */
function firstAtLeast(sorted: readonly string[], bound: string): number {
  return partitionPoint(sorted.length, (place) => (sorted[place] ?? bound) < bound);
}

function copy(value: Uint8Array | undefined): Uint8Array | undefined {
  return value === undefined ? undefined : new Uint8Array(value);
}

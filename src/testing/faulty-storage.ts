/** A Storage that goes wrong on command: the same operation, the same way, every time. */

import { LociError } from '../errors.ts';
import type { Commit, Storage } from '../storage/storage.ts';

/** What goes wrong. Operations are counted from 1, over reads and commits alike; `close` never fails. */
export interface Faults {
  /** The operation that fails. */
  readonly failAt?: number | undefined;
  /** How many operations in a row fail from there. Default 1. */
  readonly failures?: number | undefined;
  /**
   * `before`: nothing reached the store. `after`: the store did it, and only the answer was lost,
   * as when a browser dies between the write and its confirmation. Default `before`.
   */
  readonly when?: 'before' | 'after' | undefined;
  /** The error. Default `STORAGE_FAILED` before, and `OUTCOME_UNKNOWN` after. */
  readonly failWith?: (() => Error) | undefined;
  /** The operation that does not go on until {@link FaultyStorage.release}. */
  readonly hangAt?: number | undefined;
  /** The read in whose answer one bit is flipped, if it answers any bytes. */
  readonly flipAt?: number | undefined;
  /** Which bit: any whole number. Default 0. */
  readonly seed?: number | undefined;
  /** Bytes of values that may be put in all; the commit that goes beyond is refused with `QUOTA_EXCEEDED`. */
  readonly quotaBytes?: number | undefined;
}

export interface FaultyStorage extends Storage {
  /** How many operations were asked for. */
  operations(): number;
  /** How many of them failed by command. */
  failed(): number;
  /** Lets a hanging operation go on. */
  release(): void;
}

/**
 * Wraps a store. To try every bad day, fail operation 1, 2, 3 … until `failed()` stays 0.
 *
 * @example
 * const storage = createFaultyStorage(createMemoryStorage(), { failAt: 3 });
 */
export function createFaultyStorage(inner: Storage, faults: Faults = {}): FaultyStorage {
  const { failAt = Number.POSITIVE_INFINITY, failures = 1, when = 'before', seed = 0 } = faults;
  const { quotaBytes = Number.POSITIVE_INFINITY } = faults;
  const failWith = faults.failWith ?? (() => commandedError(when));
  let operations = 0;
  let failed = 0;
  let putBytes = 0;
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });

  const run = async <T>(act: () => Promise<T>, flip: (answer: T) => void = () => undefined): Promise<T> => {
    const number = ++operations;
    const fails = number >= failAt && number < failAt + failures;
    if (fails) failed++;
    if (number === faults.hangAt) await released;
    if (fails && when === 'before') throw failWith();
    const answer = await act();
    if (fails) throw failWith();
    if (number === faults.flipAt) flip(answer);
    return answer;
  };

  const commitWithinQuota = async (commit: Commit) => {
    const size = (commit.puts ?? []).reduce((sum, { value }) => sum + value.length, 0);
    if (putBytes + size > quotaBytes) throw quotaError(quotaBytes);
    const level = await inner.commit(commit);
    putBytes += size;
    return level;
  };

  return {
    kind: inner.kind,
    persistent: inner.persistent,
    epoch: () => run(() => inner.epoch()),
    get: (key) =>
      run(
        () => inner.get(key),
        (value) => flipBit([value], seed),
      ),
    getMany: (keys) =>
      run(
        () => inner.getMany(keys),
        (values) => flipBit(values, seed),
      ),
    getRange: (range, options) =>
      run(
        () => inner.getRange(range, options),
        (rows) =>
          flipBit(
            rows.map(({ value }) => value),
            seed,
          ),
      ),
    commit: (commit) => run(() => commitWithinQuota(commit)),
    close: () => inner.close(),
    operations: () => operations,
    failed: () => failed,
    release: () => release(),
  };
}

/** Flips the bit that the seed names among all bits of the values, in place: a store answers copies. */
function flipBit(values: readonly (Uint8Array | undefined)[], seed: number): void {
  const total = values.reduce((sum, value) => sum + (value?.length ?? 0), 0) * 8;
  if (total === 0) return;
  let bit = Math.abs(seed) % total;
  for (const value of values) {
    const bits = (value?.length ?? 0) * 8;
    if (value !== undefined && bit < bits) {
      const at = bit >>> 3;
      value[at] = (value[at] ?? 0) ^ (1 << (bit & 7));
      return;
    }
    bit -= bits;
  }
}

function commandedError(when: 'before' | 'after'): LociError {
  return when === 'before'
    ? new LociError('STORAGE_FAILED', 'The operation failed by command; nothing changed')
    : new LociError('OUTCOME_UNKNOWN', 'The answer was lost by command');
}

function quotaError(quotaBytes: number): LociError {
  return new LociError('QUOTA_EXCEEDED', `More than ${quotaBytes} bytes were put`);
}

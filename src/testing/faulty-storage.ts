/** A Storage that goes wrong on command or by a schedule: the same operation, the same way, every time. */

import { LociError } from '../errors.ts';
import { STORAGE_DEADLINE_MS } from '../limits.ts';
import { staleEpochError } from '../storage/refusals.ts';
import type { Commit, Storage } from '../storage/storage.ts';
import { flipBit } from './damage.ts';

/**
 * What can go wrong with one operation:
 * - `failed`: nothing reached the store, and a typed error says so.
 * - `answerLost`: the store did it, and only the answer was lost, as when a browser dies between the
 *   write and its confirmation.
 * - `notLanded`: nothing reached the store, and the error leaves open whether it did.
 * - `closed`: the connection is gone, and stayed gone; nothing changed.
 * - `quota`: a commit is refused for want of space.
 * - `hang`: nothing happens until the deadline, and nothing has changed then.
 * - `hangLanded`: a commit lands, and nothing is heard of it until the deadline.
 * - `held`: the operation does not go on until {@link FaultyStorage.release}.
 * - `flippedRead`: one bit of the answer of a read is flipped, and the store is whole.
 * - `staleEpoch`: another owner claims the store just before.
 * - `killed`: the process dies before the operation reaches the store; it never settles, nor does any other.
 * - `killedLanded`: the process dies when the store has done it, and before the answer.
 * - `lie`: a commit is acknowledged and never written.
 * - `droppedPut`: a commit is acknowledged and written but for one put.
 */
export type FaultKind =
  | 'failed'
  | 'answerLost'
  | 'notLanded'
  | 'closed'
  | 'quota'
  | 'hang'
  | 'hangLanded'
  | 'held'
  | 'flippedRead'
  | 'staleEpoch'
  | 'killed'
  | 'killedLanded'
  | 'lie'
  | 'droppedPut';

/** A fault that strikes. */
export interface Fault {
  readonly kind: FaultKind;
  /** Which bit is flipped, or which put dropped: any whole number, taken modulo how many there are. Default 0. */
  readonly which?: number | undefined;
  /** The error in place of the kind's own. */
  readonly error?: (() => Error) | undefined;
}

/** An operation that was asked for, before it is done. */
export interface PlannedOperation {
  /** Counted from 1 over reads and commits alike. */
  readonly number: number;
  /** What is to be committed; absent of a read. */
  readonly commit?: Commit | undefined;
}

/** Says for each operation in turn what goes wrong with it, if anything. */
export type Schedule = (operation: PlannedOperation) => Fault | undefined;

/** What goes wrong: by a schedule, or named operation by operation. `close` never fails. */
export interface Faults {
  /** The operation that fails, counted from 1, over reads and commits alike. */
  readonly failAt?: number | undefined;
  /** How many operations in a row fail from there. Default 1. */
  readonly failures?: number | undefined;
  /** How they fail: `before` is `failed`, `after` is `answerLost`. Default `before`. */
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
  /** Asked for each operation that nothing above strikes. */
  readonly schedule?: Schedule | undefined;
  /** Calls back at the deadline of an operation that hangs. Default: the platform's timers. */
  readonly after?: ((ms: number, callback: () => void) => void) | undefined;
  /** Told of each fault that struck. */
  readonly onFault?: ((kind: FaultKind) => void) | undefined;
  /** Told when the process that uses the store dies by a fault. */
  readonly onDeath?: (() => void) | undefined;
}

export interface FaultyStorage extends Storage {
  /** How many operations were asked for. */
  operations(): number;
  /** How many of them met a fault. */
  failed(): number;
  /** How many wait for their deadline. */
  hanging(): number;
  /** Lets held operations go on. */
  release(): void;
  /** Ends the process that uses the store: no operation reaches it any more, and none settles. */
  kill(): void;
}

/**
 * Wraps a store. To try every bad day, fail operation 1, 2, 3 … until `failed()` stays 0.
 *
 * @example
 * const storage = createFaultyStorage(createMemoryStorage(), { failAt: 3 });
 * const noisy = createFaultyStorage(createMemoryStorage(), {
 *   schedule: randomSchedule(createRandom(1), { failed: 0.01, answerLost: 0.01 }),
 * });
 */
export function createFaultyStorage(inner: Storage, faults: Faults = {}): FaultyStorage {
  const runner = new FaultRunner(inner, faults);
  return {
    kind: inner.kind,
    persistent: inner.persistent,
    epoch: () => runner.read(() => inner.epoch()),
    get: (key) =>
      runner.read(
        () => inner.get(key),
        (value) => [value],
      ),
    getMany: (keys) =>
      runner.read(
        () => inner.getMany(keys),
        (values) => values,
      ),
    getRange: (range, options) =>
      runner.read(
        () => inner.getRange(range, options),
        (rows) => rows.map(({ value }) => value),
      ),
    getKeys: (range, options) => runner.read(() => inner.getKeys(range, options)),
    commit: (commit) => runner.commit(commit),
    close: () => inner.close(),
    operations: () => runner.operations,
    failed: () => runner.struck,
    hanging: () => runner.hanging,
    release: () => runner.release(),
    kill: () => runner.kill(),
  };
}

/** The first fault that one of the schedules names; those after it are not asked. */
export function firstOf(...schedules: readonly Schedule[]): Schedule {
  return (operation) => {
    for (const schedule of schedules) {
      const fault = schedule(operation);
      if (fault !== undefined) return fault;
    }
    return undefined;
  };
}

/** Only with a commit can these go wrong, and only with a read those. */
const OF_COMMITS: ReadonlySet<FaultKind> = new Set(['quota', 'lie', 'droppedPut', 'killedLanded']);
const OF_READS: ReadonlySet<FaultKind> = new Set(['flippedRead']);

/** Strikes at random: of each kind the share of operations given, 0–1. */
export function randomSchedule(
  random: () => number,
  shares: Readonly<Partial<Record<FaultKind, number>>>,
): Schedule {
  const kinds = Object.entries(shares) as [FaultKind, number][];
  return ({ commit }) => {
    let left = random();
    const which = Math.floor(random() * 2 ** 30);
    for (const [kind, share] of kinds) {
      left -= share;
      if (left >= 0) continue;
      const isUnfit = commit === undefined ? OF_COMMITS.has(kind) : OF_READS.has(kind);
      return isUnfit ? undefined : { kind, which };
    }
    return undefined;
  };
}

/** Refuses commits beyond so many bytes of puts; after so many refusals there is space again. Default: never. */
export function quotaSchedule(bytes: number, refusals = Number.POSITIVE_INFINITY): Schedule {
  let left = bytes;
  let toRefuse = refusals;
  return ({ commit }) => {
    const size = (commit?.puts ?? []).reduce((sum, { value }) => sum + value.length, 0);
    if (size > left && toRefuse > 0) {
      toRefuse -= 1;
      return { kind: 'quota' };
    }
    left -= size;
    return undefined;
  };
}

/** The faults that are named by their operations, as a schedule. */
function scheduleOf(faults: Faults): Schedule {
  const { failAt = Number.POSITIVE_INFINITY, failures = 1, when = 'before', seed = 0 } = faults;
  const { hangAt, flipAt, failWith: error } = faults;
  const named: Schedule = ({ number }) => {
    if (number >= failAt && number < failAt + failures)
      return { kind: when === 'before' ? 'failed' : 'answerLost', error };
    if (number === hangAt) return { kind: 'held' };
    return number === flipAt ? { kind: 'flippedRead', which: seed } : undefined;
  };
  const schedules = [named];
  if (faults.schedule !== undefined) schedules.push(faults.schedule);
  if (faults.quotaBytes !== undefined) schedules.push(quotaSchedule(faults.quotaBytes));
  return firstOf(...schedules);
}

class FaultRunner {
  readonly #inner: Storage;
  readonly #faults: Faults;
  readonly #schedule: Schedule;
  readonly #released: Promise<void>;
  #release: () => void = () => undefined;
  #isDead = false;
  operations = 0;
  struck = 0;
  hanging = 0;

  constructor(inner: Storage, faults: Faults) {
    this.#inner = inner;
    this.#faults = faults;
    this.#schedule = scheduleOf(faults);
    this.#released = new Promise((resolve) => {
      this.#release = resolve;
    });
  }

  release(): void {
    this.#release();
  }

  kill(): void {
    this.#isDead = true;
  }

  #die(): void {
    this.#isDead = true;
    this.#faults.onDeath?.();
  }

  async read<T>(
    act: () => Promise<T>,
    valuesOf: (answer: T) => readonly (Uint8Array | undefined)[] = () => [],
  ): Promise<T> {
    const fault = this.#ask(undefined);
    if (fault !== undefined || this.#isDead) await this.#before(fault, 'read');
    const answer = await act();
    if (this.#isDead) return never();
    // A store answers copies: the flip stays in this answer.
    if (fault?.kind === 'flippedRead') flipBit(valuesOf(answer), fault.which ?? 0);
    if (fault?.kind === 'answerLost') throw fault.error?.() ?? errorOf('answerLost', 'read');
    return answer;
  }

  async commit(commit: Commit): ReturnType<Storage['commit']> {
    const fault = this.#ask(commit);
    // Where nothing goes wrong the store takes its copy at once, before the caller can change a buffer.
    if (fault !== undefined || this.#isDead) await this.#before(fault, 'commit');
    const level = await this.#write(commit, fault);
    if (fault?.kind === 'killedLanded') this.#die();
    if (this.#isDead) return never();
    if (fault?.kind === 'hangLanded') await this.#untilDeadline();
    if (fault?.kind === 'hangLanded' || fault?.kind === 'answerLost')
      throw fault.error?.() ?? errorOf(fault.kind, 'commit');
    return level;
  }

  #ask(commit: Commit | undefined): Fault | undefined {
    const number = ++this.operations;
    const fault = this.#isDead ? undefined : this.#schedule({ number, commit });
    if (fault === undefined) return undefined;
    this.struck += 1;
    this.#faults.onFault?.(fault.kind);
    return fault;
  }

  /** What happens before the operation reaches the store. */
  async #before(fault: Fault | undefined, what: 'read' | 'commit'): Promise<void> {
    if (fault?.kind === 'killed') this.#die();
    if (this.#isDead) return never();
    switch (fault?.kind) {
      case 'held':
        await this.#released;
        return;
      case 'hang':
        await this.#untilDeadline();
        throw fault.error?.() ?? errorOf('hang');
      case 'failed':
      case 'notLanded':
      case 'closed':
      case 'quota':
        throw fault.error?.() ?? errorOf(fault.kind, what);
      case 'staleEpoch':
        await claim(this.#inner);
    }
  }

  async #write(commit: Commit, fault: Fault | undefined): ReturnType<Storage['commit']> {
    if (fault?.kind === 'lie') {
      const found = await this.#inner.epoch();
      if (found !== commit.expectEpoch) throw staleEpochError(commit.expectEpoch, found);
      return this.#inner.persistent ? commit.durability : 'accepted';
    }
    if (fault?.kind !== 'droppedPut') return this.#inner.commit(commit);
    const puts = commit.puts ?? [];
    const dropped = (fault.which ?? 0) % Math.max(1, puts.length);
    return this.#inner.commit({ ...commit, puts: puts.filter((_, index) => index !== dropped) });
  }

  async #untilDeadline(): Promise<void> {
    const after = this.#faults.after ?? ((ms: number, callback: () => void) => setTimeout(callback, ms));
    this.hanging += 1;
    await new Promise<void>((resolve) => void after(STORAGE_DEADLINE_MS, resolve));
    this.hanging -= 1;
    if (this.#isDead) return never();
  }
}

/** Takes the store over, as another owner would. */
async function claim(storage: Storage): Promise<void> {
  const expectEpoch = await storage.epoch();
  await storage.commit({ expectEpoch, nextEpoch: expectEpoch + 1, durability: 'journaled' });
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}

/** The error of a fault, in the words of a store that meets it. */
function errorOf(kind: FaultKind, what: 'read' | 'commit' = 'commit'): LociError {
  switch (kind) {
    case 'answerLost':
    case 'notLanded':
    case 'hangLanded':
      return what === 'commit'
        ? new LociError('OUTCOME_UNKNOWN', 'The answer was lost by command')
        : new LociError('STORAGE_FAILED', 'The answer was lost by command');
    case 'closed':
      return new LociError('STORAGE_UNAVAILABLE', 'The connection was closed by command; nothing changed', {
        retryable: true,
        details: { reason: 'connection-lost' },
      });
    case 'quota':
      return new LociError('QUOTA_EXCEEDED', 'There is no more space, by command');
    case 'hang':
      return new LociError('DEADLINE_EXCEEDED', 'The operation hung by command; nothing changed', {
        retryable: true,
      });
    default:
      return new LociError('STORAGE_FAILED', 'The operation failed by command; nothing changed');
  }
}

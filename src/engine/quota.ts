/** Keeps a namespace within its limits: evicts ahead of need, for a write that has no room, and when storage is full. */

import { isLociError, LociError } from '../errors.ts';
import { isProtected, type Need, type Victims } from '../lifecycle/eviction.ts';
import {
  EVICTION_AHEAD_SHARE,
  EVICTION_BATCH,
  EVICTION_ROUNDS,
  LOW_WATER_SHARE,
  MAX_BATCH,
  MAX_OPERATION_BYTES,
  QUOTA_SHARE,
  SOFT_LIMIT_SHARE,
  WORDS_PER_CONTENT_BYTE,
} from '../limits.ts';
import type { MemoryState, Operation } from '../memory/operation.ts';
import type { BytesByKind, LimitsStatus } from '../types.ts';
import type { Answers } from './answers.ts';
import type { BlockStore } from './blocks/block-store.ts';
import { addsOf, type Demand, demandOf } from './demand.ts';
import type { Environment } from './environment.ts';
import type { Journal } from './journal.ts';
import type { Limits } from './limits-config.ts';
import type { Mutex } from './mutex.ts';
import type { EngineState } from './state.ts';
import { chooseVictims, worthOf } from './victims.ts';

export interface QuotaParts {
  readonly limits: Limits;
  readonly state: EngineState;
  readonly blocks: BlockStore;
  readonly answers: Answers;
  readonly environment: Environment;
  readonly journal: Journal;
  readonly lock: Mutex;
  /** Whether the browser's quota is over it. */
  readonly isPersistent: boolean;
  /** Commits the end of memories; called under the lock. */
  readonly remove: (memories: readonly MemoryState[], reason: 'expired' | 'evicted') => Promise<void>;
  /** Gives up what storage holds only for speed; answers whether there was anything. */
  readonly releaseCopies: () => Promise<boolean>;
  /** Told when memories were evicted. */
  readonly changed: () => void;
}

type Reason = NonNullable<LimitsStatus['lastEviction']>['reason'];

export class Quota {
  readonly #parts: QuotaParts;
  /** Bytes of the blocks of a manifest, which is replaced whenever they change. */
  #stored: { readonly manifest: unknown; readonly bytes: number } | undefined;
  /** Bytes that the browser's quota leaves for the namespace. */
  #lent = Number.POSITIVE_INFINITY;
  /** Storage refused a write, and room was made: until a write lands nothing more is evicted for that. */
  #isSpent = false;
  #evicted = 0;
  #last: LimitsStatus['lastEviction'];
  #isRelieving = false;
  #isStopped = false;
  /** Nothing that could be evicted would bring it below the soft limit. */
  #isStuck = false;

  constructor(parts: QuotaParts) {
    this.#parts = parts;
  }

  get bytesByKind(): BytesByKind {
    const { blocks, journal, answers } = this.#parts;
    return {
      contents: blocks.bytesOf('content/'),
      records: blocks.bytesOf('record/'),
      vectors: blocks.bytesOf('vector/'),
      graph: blocks.bytesOf('graph/'),
      postings: blocks.bytesOf('words/'),
      journal: journal.bytes + answers.bytes,
      archived: 0,
    };
  }

  get status(): LimitsStatus {
    const { limits, state } = this.#parts;
    const { bytes, by } = this.#maxBytes();
    return {
      maxBytes: bytes,
      maxMemories: limits.maxMemories,
      bytesLimitedBy: by,
      usedBytes: this.#usedBytes(),
      memories: state.table.size,
      isNearLimit: this.isNearLimit,
      evicted: this.#evicted,
      ...(this.#last === undefined ? {} : { lastEviction: this.#last }),
    };
  }

  get isNearLimit(): boolean {
    return this.#isBeyond(SOFT_LIMIT_SHARE);
  }

  /** Whether something is to be evicted ahead of need, as far as is known. */
  get isPressed(): boolean {
    return this.#canEvict && !this.#isStuck && this.isNearLimit;
  }

  /** Asks the browser once what it lends; the limit is lowered to a share of that, and never waited upon. */
  async refresh(): Promise<void> {
    const { environment, isPersistent } = this.#parts;
    if (!isPersistent) return;
    try {
      const estimate = await environment.estimateStorage?.();
      const quotaBytes = estimate?.quotaBytes ?? 0;
      this.#lent = quotaBytes > 0 ? quotaBytes * QUOTA_SHARE : Number.POSITIVE_INFINITY;
    } catch {
      this.#lent = Number.POSITIVE_INFINITY; // it does not say: then only its refusal tells
    }
  }

  /**
   * Makes room for a write that would go beyond a limit: what has expired goes, the log is folded, and then the
   * least valuable are evicted. To be called under the lock.
   *
   * @returns whether anything was committed: then the write's operations are to be made anew.
   * @throws LociError `QUOTA_EXCEEDED` where all that may be evicted is not enough; then nothing is.
   */
  async makeRoom(operations: readonly Operation[]): Promise<boolean> {
    if (operations.every(({ type }) => type === 'delete')) return false;
    const { limits, state, journal } = this.#parts;
    const { bytes } = this.#maxBytes();
    // Far from the limits, where nearly all writes are, nothing has to be measured.
    const most = this.#usedBytes() + journal.bytes + operations.length * MAX_OPERATION_BYTES;
    if (most <= bytes && state.table.size + addsOf(operations) <= limits.maxMemories) return false;
    return this.#free(operations, bytes, 'hard');
  }

  /**
   * Makes room in a storage that has refused a write. Copies go first, and memories only where that was not enough;
   * these once: not again before a write has landed, for where evicting did not help the first time it would not
   * help the next. To be called under the lock.
   *
   * @returns whether the write is worth another try.
   */
  async makeRoomInStorage(operations: readonly Operation[]): Promise<boolean> {
    if (await this.#parts.releaseCopies()) return true;
    const isDeletion = operations.every(({ type }) => type === 'delete');
    if (isDeletion || !this.#canEvict || !this.#parts.journal.isClaimed || this.#isSpent) return false;
    this.#isSpent = true;
    try {
      // As large as it is now it was too large already.
      await this.#free(operations, this.#usedBytes(), 'storage');
      return true;
    } catch (error) {
      // The caller tells of the write's own refusal; a fold that needs room first finds none either.
      if (isLociError(error) && error.code === 'QUOTA_EXCEEDED') return false;
      throw error;
    }
  }

  /** To be called when a write has landed. */
  onWritten(): void {
    this.#isSpent = false;
  }

  /** Evicts ahead of need, from the soft limit down to the low water mark; the lock is let go between the parts. */
  async relieve(): Promise<void> {
    if (this.#isRelieving || !this.#canEvict) return;
    this.#isStuck = false;
    if (!this.isNearLimit) return;
    this.#isRelieving = true;
    try {
      for (let round = 0; round < EVICTION_ROUNDS; round++) if (!(await this.#relieveOnce())) break;
      this.#isStuck = this.isNearLimit;
    } finally {
      this.#isRelieving = false;
    }
  }

  /** Answers whether anything was evicted. */
  async #relieveOnce(): Promise<boolean> {
    const { lock, journal } = this.#parts;
    // Down to the soft limit where more cannot be had; where even that cannot, there is nothing to be gained.
    const needs = [LOW_WATER_SHARE, SOFT_LIMIT_SHARE].map((share) => this.#excessOver(share));
    const victims = await this.#choose(needs, new Set());
    if (victims === undefined || victims.ordinals.length === 0) return false;
    for (const batch of batchesOf(victims.ordinals, EVICTION_BATCH)) {
      if (this.#isStopped) return false;
      await lock.run(() => this.#evict(batch, victims.maxValue, 'soft'));
    }
    while (journal.pendingOperations > 0) await lock.run(() => journal.foldSome());
    return true;
  }

  /** Ends eviction ahead of need: what is left of it is for the next opening. */
  stop(): void {
    this.#isStopped = true;
  }

  get #canEvict(): boolean {
    return this.#parts.limits.whenFull === 'evict';
  }

  #usedBytes(): number {
    const { blocks, journal, answers } = this.#parts;
    const { manifest } = blocks;
    if (this.#stored?.manifest !== manifest) this.#stored = { manifest, bytes: blocks.bytesOf('') };
    return this.#stored.bytes + journal.bytes + answers.bytes;
  }

  #maxBytes(): { readonly bytes: number; readonly by: LimitsStatus['bytesLimitedBy'] } {
    const { limits } = this.#parts;
    if (this.#lent < limits.maxBytes) return { bytes: this.#lent, by: 'quota' };
    return { bytes: limits.maxBytes, by: 'config' };
  }

  /** Whole memories, rounded up: a limit of one memory leaves room for one. */
  #isBeyond(share: number): boolean {
    const { memories, bytes } = this.#excessOver(share);
    return memories > 0 || bytes > 0;
  }

  #excessOver(share: number): Need {
    const { limits, state } = this.#parts;
    return {
      memories: state.table.size - Math.ceil(limits.maxMemories * share),
      bytes: this.#usedBytes() - this.#maxBytes().bytes * share,
    };
  }

  #fits(demand: Demand, maxBytes: number): boolean {
    // The log has no more contents than bytes: mostly that tells already, and nothing has to be summed up.
    const mostWords = this.#parts.journal.bytes * WORDS_PER_CONTENT_BYTE;
    return (
      isMet(this.#missing(demand, maxBytes, mostWords)) ||
      isMet(this.#missing(demand, maxBytes, this.#unstoredWordBytes()))
    );
  }

  /** What has to go for a demand; nothing where it is not above zero. */
  #missing({ memories, bytes }: Demand, maxBytes: number, wordBytes = this.#unstoredWordBytes()): Need {
    const { limits, state } = this.#parts;
    return {
      memories: state.table.size + memories - limits.maxMemories,
      bytes: this.#usedBytes() + wordBytes + bytes - maxBytes,
    };
  }

  /** Bytes that the words of what is in the log will take once they are folded. */
  #unstoredWordBytes(): number {
    const { table } = this.#parts.state;
    let bytes = 0;
    for (const ordinal of table.unstored())
      if (table.unstoredOf(ordinal)?.content !== undefined) bytes += table.contentBytesOf(ordinal);
    return bytes * WORDS_PER_CONTENT_BYTE;
  }

  /** @returns whether anything was committed. */
  async #free(operations: readonly Operation[], maxBytes: number, reason: Reason): Promise<boolean> {
    const { journal } = this.#parts;
    const demand = demandOf(operations);
    if (reason !== 'storage' && this.#fits(demand, maxBytes)) return false;
    const before = journal.nextSeq;
    await this.#removeExpired();
    await this.#foldAll();
    for (let round = 0; round < EVICTION_ROUNDS && !this.#fits(demand, maxBytes); round++) {
      const victims = this.#canEvict ? await this.#victimsFor(operations, demand, maxBytes) : undefined;
      if (victims === undefined || victims.ordinals.length === 0) break;
      for (const batch of batchesOf(victims.ordinals, EVICTION_BATCH))
        await this.#evict(batch, victims.maxValue, reason);
      await this.#foldAll();
    }
    if (!this.#fits(demand, maxBytes)) throw this.#noRoomFor(demand, maxBytes);
    return journal.nextSeq !== before;
  }

  /** A little more than is needed where that can be had; else just what is needed. */
  #victimsFor(
    operations: readonly Operation[],
    demand: Demand,
    maxBytes: number,
  ): Promise<Victims | undefined> {
    const need = this.#missing(demand, maxBytes);
    const ahead = {
      memories: need.memories + Math.floor(this.#parts.limits.maxMemories * EVICTION_AHEAD_SHARE),
      bytes: need.bytes + maxBytes * EVICTION_AHEAD_SHARE,
    };
    return this.#choose([ahead, need], new Set(operations.map(({ id }) => id)));
  }

  async #removeExpired(): Promise<void> {
    const { state, environment, remove } = this.#parts;
    const expired = state.expired(environment.now());
    for (const batch of batchesOf(expired, MAX_BATCH)) await remove(batch, 'expired');
  }

  async #foldAll(): Promise<void> {
    const { journal } = this.#parts;
    while (journal.pendingOperations > 0) await journal.foldSome();
  }

  /** Evicts what is still worth as little as when it was chosen. */
  async #evict(ordinals: readonly number[], maxValue: number, reason: Reason): Promise<void> {
    const { state, environment, remove, changed } = this.#parts;
    const now = environment.now();
    const doomed = ordinals.flatMap((ordinal) => {
      const memory = state.table.at(ordinal);
      if (memory === undefined || isProtected(memory.record)) return [];
      return worthOf(state, ordinal, now) > maxValue ? [] : [memory];
    });
    if (doomed.length === 0) return;
    await remove(doomed, 'evicted');
    this.#evicted += doomed.length;
    this.#last = { at: environment.now(), count: doomed.length, reason };
    changed();
  }

  #choose(needs: readonly Need[], except: ReadonlySet<string>): Promise<Victims | undefined> {
    const { state, environment } = this.#parts;
    const storedBytes = () => {
      const { contents, records, vectors, postings } = this.bytesByKind;
      return contents + records + vectors + postings;
    };
    return chooseVictims({ state, environment, storedBytes }, needs, except);
  }

  #noRoomFor({ memories, bytes }: Demand, maxBytes: number): LociError {
    const { limits, state } = this.#parts;
    const isCount = state.table.size + memories > limits.maxMemories;
    return new LociError(
      'QUOTA_EXCEEDED',
      isCount
        ? `there is no room for ${memories} more: ${state.table.size} of ${limits.maxMemories} memories are there`
        : `there is no room for ${bytes} bytes: ${this.#usedBytes()} of ${maxBytes} are taken`,
      {
        hint: this.#canEvict
          ? 'All that may be evicted would not be enough; critical memories and those on legal hold stay. Write fewer at once, delete memories, or raise the limits.'
          : 'Delete memories, raise the limits, or let the least valuable be evicted (limits.whenFull).',
        details: { ...this.status },
      },
    );
  }
}

function isMet({ memories, bytes }: Need): boolean {
  return memories <= 0 && bytes <= 0;
}

function* batchesOf<T>(items: readonly T[], size: number): IterableIterator<readonly T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}

/**
 * The one path of every write: once by operation id, prepared outside the lock, committed inside. Calls that
 * add memories and come while another one is being written share a commit (group commit).
 */

import { isLociError, toLociError, withOpId } from '../errors.ts';
import { MAX_BATCH } from '../limits.ts';
import type { Operation } from '../memory/operation.ts';
import { checkOptions } from '../memory/options.ts';
import type { WriteOptions, WriteResult } from '../types.ts';
import { type Answers, checkOpId } from './answers.ts';
import { checkDurability, WRITE_OPTIONS } from './arguments.ts';
import type { Environment } from './environment.ts';
import type { Journal } from './journal.ts';
import type { Mutex } from './mutex.ts';
import type { Stamp } from './operations.ts';
import type { Quota } from './quota.ts';

/** What a write commits, and answers beside the level reached. */
export interface Plan<T extends WriteResult> {
  readonly operations: readonly Operation[];
  readonly answer: Omit<T, keyof WriteResult>;
}

export interface WriterParts {
  readonly answers: Answers;
  readonly journal: Journal;
  readonly lock: Mutex;
  readonly quota: Pick<Quota, 'makeRoom' | 'makeRoomInStorage' | 'onWritten'>;
  readonly environment: Environment;
  readonly newId: () => string;
  readonly isPersistent: boolean;
  /** Level of a write that names none. */
  readonly durability: 'journaled' | 'flushed';
  /** Throws once the engine is closed. */
  readonly assertOpen: () => void;
  /** Told of operations that are committed. */
  readonly committed: (operations: readonly Operation[]) => void;
}

/** Where the operations of a write go: behind those of writes that are committed together with it. */
export interface Place {
  /** Operations before it in the same commit, each of which adds a memory. */
  readonly added: number;
  /** Whether one of them adds a memory of this id. */
  readonly isAdded: (id: string) => boolean;
  readonly operations: readonly Operation[];
}

/** How a write is made. */
export interface WriteOf<T extends WriteResult> {
  readonly method: string;
  /** Memories that it adds, where it does nothing else: then it can share a commit with others that wait. */
  readonly adds?: number;
  /** Does what may take long (embedding), and answers what is run under the lock. */
  readonly prepare: (opId: string) => Promise<(place: Place) => Plan<T> | Promise<Plan<T>>>;
}

/** A write that waits for its commit. */
interface Waiting {
  readonly method: string;
  readonly adds: number | undefined;
  readonly opId: string;
  /** Whether the caller gave the operation id, so that the call may be repeated. */
  readonly isNamed: boolean;
  readonly durability: 'journaled' | 'flushed';
  readonly plan: (place: Place) => Plan<WriteResult> | Promise<Plan<WriteResult>>;
  readonly resolve: (result: WriteResult) => void;
  readonly reject: (error: unknown) => void;
}

interface Planned {
  readonly write: Waiting;
  readonly operations: readonly Operation[];
  readonly result: WriteResult;
}

export class Writer {
  readonly #parts: WriterParts;
  readonly #waiting: Waiting[] = [];

  constructor(parts: WriterParts) {
    this.#parts = parts;
  }

  /** @throws LociError with the operation id; nothing was changed, unless it is `OUTCOME_UNKNOWN`. */
  async write<T extends WriteResult>(
    given: WriteOptions | undefined,
    { method, adds, prepare }: WriteOf<T>,
  ): Promise<T> {
    const { assertOpen, answers, newId } = this.#parts;
    assertOpen();
    const options: WriteOptions = checkOptions(given, WRITE_OPTIONS);
    const opId = options.opId ?? newId();
    checkOpId(opId);
    const durability = checkDurability(options.durability) ?? this.#parts.durability;
    try {
      return await answers.once<T>(opId, method, async () => {
        const plan = await prepare(opId);
        const isNamed = options.opId !== undefined;
        const result = await this.#turn({ method, adds, opId, isNamed, durability, plan });
        return result as T;
      });
    } catch (error) {
      throw withOpId(toLociError(error), opId);
    }
  }

  /** Commits operations that no call waits for; the caller holds the lock. */
  async append(operations: readonly Operation[]): Promise<void> {
    const [first] = operations;
    if (first === undefined) return;
    await this.#parts.journal.append([{ operations, opId: first.opId }], 'journaled');
    this.#parts.committed(operations);
  }

  /** The same of operations that take room; they are made anew where others had to go for them. */
  async appendWithRoom(plan: () => readonly Operation[]): Promise<void> {
    const operations = plan();
    await this.append((await this.#parts.quota.makeRoom(operations)) ? plan() : operations);
  }

  /** What the operations of one write share; to be called under the lock. */
  stamp(opId: string, { added }: Pick<Place, 'added'> = { added: 0 }): Stamp {
    const { journal, environment } = this.#parts;
    return { seq: journal.nextSeq + added, at: environment.now(), opId };
  }

  /** Waits for the lock, and for whoever commits it. */
  #turn(write: Omit<Waiting, 'resolve' | 'reject'>): Promise<WriteResult> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ...write, resolve, reject });
      // Where a turn before has committed it already, there may be nothing left to do.
      this.#parts.lock.run(() => this.#commitNext()).catch(reject);
    });
  }

  /** Commits the write that has waited longest, and those behind it that may share its commit. */
  async #commitNext(): Promise<void> {
    const [first] = this.#waiting;
    if (first === undefined) return;
    let size = 0;
    const isBeyond = ({ adds }: Waiting) => {
      size += adds ?? Number.POSITIVE_INFINITY;
      return size > MAX_BATCH;
    };
    const count = this.#waiting.findIndex(isBeyond);
    const group = this.#waiting.splice(0, Math.max(1, count === -1 ? this.#waiting.length : count));
    try {
      await this.#commit(group);
    } catch (error) {
      // Together they may have been too much: then each is tried by itself.
      if (group.length === 1 || !isFull(error)) for (const { reject } of group) reject(error);
      else for (const write of group) await this.#commit([write]).catch(write.reject);
    }
  }

  /** Once where there is room, and once more whenever room could be made in storage; plans are made anew then. */
  async #commit(group: readonly Waiting[]): Promise<void> {
    const { quota } = this.#parts;
    let planned = await this.#plan(group);
    const wanted = operationsOf(planned);
    if (await quota.makeRoom(wanted)) planned = await this.#plan(group);
    for (;;)
      try {
        return await this.#append(planned);
      } catch (error) {
        if (!isFull(error) || !(await quota.makeRoomInStorage(wanted))) throw error;
        planned = await this.#plan(group);
      }
  }

  /** The operations of each write, behind one another; a write that cannot be planned is refused by itself. */
  async #plan(group: readonly Waiting[]): Promise<readonly Planned[]> {
    const { assertOpen, isPersistent } = this.#parts;
    const ids = new Set<string>();
    const before: Operation[] = [];
    const planned: Planned[] = [];
    for (const write of group)
      try {
        assertOpen();
        const place = { added: ids.size, isAdded: (id: string) => ids.has(id), operations: before };
        const { operations, answer } = await write.plan(place);
        if (group.length > 1) for (const { id } of operations) ids.add(id);
        before.push(...operations);
        const durability = isPersistent ? write.durability : 'accepted';
        planned.push({ write, operations, result: { ...answer, opId: write.opId, durability } });
      } catch (error) {
        write.reject(error);
      }
    return planned;
  }

  async #append(planned: readonly Planned[]): Promise<void> {
    const { journal, environment, committed, quota } = this.#parts;
    // One that changes nothing is written too where its answer will be looked for, or a flush was asked for.
    const changing = planned.filter(
      ({ write, operations }) => operations.length > 0 || write.isNamed || write.durability === 'flushed',
    );
    if (changing.length > 0) {
      const entries = changing.map(({ write: { method, opId }, operations, result }) => ({
        operations,
        opId,
        answer: { method, at: environment.now(), result: { ...result } },
      }));
      const isFlushed = changing.some(({ write }) => write.durability === 'flushed');
      await journal.append(entries, isFlushed ? 'flushed' : 'journaled');
      quota.onWritten();
      for (const { operations } of changing) if (operations.length > 0) committed(operations);
    }
    for (const { write, result } of planned) write.resolve(result);
  }
}

function operationsOf(planned: readonly Planned[]): readonly Operation[] {
  return planned.flatMap(({ operations }) => operations);
}

function isFull(error: unknown): boolean {
  return isLociError(error) && error.code === 'QUOTA_EXCEEDED';
}

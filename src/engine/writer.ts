/** The one path of every write: once by operation id, prepared outside the lock, committed inside. */

import { isLociError, toLociError, withOpId } from '../errors.ts';
import type { Operation } from '../memory/operation.ts';
import type { WriteOptions, WriteResult } from '../types.ts';
import { type Answers, checkOpId } from './answers.ts';
import { checkDurability, checkOptions, WRITE_OPTIONS } from './arguments.ts';
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

export class Writer {
  readonly #parts: WriterParts;

  constructor(parts: WriterParts) {
    this.#parts = parts;
  }

  /**
   * @param prepare does what may take long (embedding), and answers what is run under the lock.
   * @throws LociError with the operation id; nothing was changed, unless it is `OUTCOME_UNKNOWN`.
   */
  async write<T extends WriteResult>(
    method: string,
    given: WriteOptions | undefined,
    prepare: (opId: string) => Promise<() => Plan<T> | Promise<Plan<T>>>,
  ): Promise<T> {
    const { assertOpen, answers, lock, newId } = this.#parts;
    assertOpen();
    const options: WriteOptions = checkOptions(given, WRITE_OPTIONS);
    const opId = options.opId ?? newId();
    checkOpId(opId);
    const durability = checkDurability(options.durability) ?? this.#parts.durability;
    try {
      return await answers.once<T>(opId, method, async () => {
        const plan = await prepare(opId);
        return lock.run(async () => {
          assertOpen();
          return this.#commit(method, opId, durability, plan);
        });
      });
    } catch (error) {
      throw withOpId(toLociError(error), opId);
    }
  }

  /** Commits operations that no call waits for; the caller holds the lock. */
  async append(operations: readonly Operation[]): Promise<void> {
    const [first] = operations;
    if (first === undefined) return;
    await this.#parts.journal.append({ operations, opId: first.opId, durability: 'journaled' });
    this.#parts.committed(operations);
  }

  /** The same of operations that take room; they are made anew where others had to go for them. */
  async appendWithRoom(plan: () => readonly Operation[]): Promise<void> {
    const operations = plan();
    await this.append((await this.#parts.quota.makeRoom(operations)) ? plan() : operations);
  }

  /** What the operations of one commit share; to be called under the lock. */
  stamp(opId: string): Stamp {
    const { journal, environment } = this.#parts;
    return { seq: journal.nextSeq, at: environment.now(), opId };
  }

  /** Once where there is room, and once more where room could be made in storage; the plan is made anew then. */
  async #commit<T extends WriteResult>(
    method: string,
    opId: string,
    durability: 'journaled' | 'flushed',
    plan: () => Plan<T> | Promise<Plan<T>>,
  ): Promise<T> {
    const { quota } = this.#parts;
    let planned = await plan();
    if (await quota.makeRoom(planned.operations)) planned = await plan();
    try {
      return await this.#append(method, opId, durability, planned);
    } catch (error) {
      const isFull = isLociError(error) && error.code === 'QUOTA_EXCEEDED';
      if (!isFull || !(await quota.makeRoomInStorage(planned.operations))) throw error;
      return this.#append(method, opId, durability, await plan());
    }
  }

  async #append<T extends WriteResult>(
    method: string,
    opId: string,
    durability: 'journaled' | 'flushed',
    { operations, answer }: Plan<T>,
  ): Promise<T> {
    const { journal, environment, isPersistent, committed, quota } = this.#parts;
    const result = { ...answer, opId, durability: isPersistent ? durability : 'accepted' };
    if (operations.length > 0) {
      await journal.append({
        operations,
        opId,
        durability,
        answer: { method, at: environment.now(), result },
      });
      quota.onWritten();
      committed(operations);
    }
    return result as unknown as T;
  }
}

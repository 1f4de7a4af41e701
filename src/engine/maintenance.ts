/** Work for when nobody waits: the fold, expired memories, access times, what use has joined, outdated answers. */

import { EXPIRY_SWEEP_MS, FOLD_AT_BYTES, FOLD_AT_OPERATIONS, FOLD_IDLE_MS, MAX_BATCH } from '../limits.ts';
import type { MemoryState } from '../memory/operation.ts';
import type { Answers } from './answers.ts';
import type { Environment } from './environment.ts';
import type { Journal } from './journal.ts';
import { opKey } from './layout.ts';
import type { Mutex } from './mutex.ts';
import type { Quota } from './quota.ts';
import type { EngineState } from './state.ts';

export interface MaintenanceParts {
  readonly state: EngineState;
  readonly answers: Answers;
  readonly environment: Environment;
  readonly journal: Journal;
  readonly lock: Mutex;
  readonly quota: Pick<Quota, 'isNearLimit' | 'isPressed' | 'refresh' | 'relieve' | 'stop'>;
  /** Commits the end of these memories; called under the lock. */
  readonly expire: (memories: readonly MemoryState[]) => Promise<void>;
  /** Told how a run ended: an error, or undefined. */
  readonly onResult: (error: unknown) => void;
}

export class Maintenance {
  readonly #parts: MaintenanceParts;
  #isIndexIdle = false;
  #cancel: (() => void) | undefined;
  #cancelSweep: (() => void) | undefined;
  #isClosed = false;

  constructor(parts: MaintenanceParts) {
    this.#parts = parts;
  }

  start(): void {
    void this.#parts.quota.refresh();
    this.#schedule(FOLD_IDLE_MS);
    this.#scheduleSweep();
  }

  /** To be called after each write: pushes the next run off, unless it is due. */
  onWrite(isDeletion: boolean): void {
    this.#isIndexIdle = false;
    const { journal, quota } = this.#parts;
    const isLong = journal.pendingOperations >= FOLD_AT_OPERATIONS || journal.bytes >= FOLD_AT_BYTES;
    const isDue = isLong || quota.isPressed;
    // What was deleted should leave the log at once.
    this.#schedule(isDue || isDeletion ? 0 : FOLD_IDLE_MS);
  }

  /** The vector indexes have no work left: their graphs may be stored. */
  onIndexIdle(): void {
    this.#isIndexIdle = true;
    const isPlanned = this.#cancel !== undefined;
    if (!isPlanned && this.#parts.state.spaces.graphsDue.length > 0) this.#schedule(FOLD_IDLE_MS);
  }

  /** Ends it with a last run; a failure leaves the log to be replayed, and nothing lost. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#parts.quota.stop();
    this.#cancel?.();
    this.#cancelSweep?.();
    await this.#run();
  }

  #schedule(ms: number): void {
    if (this.#isClosed) return;
    this.#cancel?.();
    this.#cancel = this.#parts.environment.schedule(ms, () => {
      this.#cancel = undefined;
      void this.#run();
    });
  }

  #scheduleSweep(): void {
    if (this.#isClosed) return;
    this.#cancelSweep = this.#parts.environment.schedule(EXPIRY_SWEEP_MS, () => {
      void this.#parts.quota.refresh().then(() => this.#run());
      this.#scheduleSweep();
    });
  }

  async #run(): Promise<void> {
    const { lock, journal, quota } = this.#parts;
    try {
      await lock.run(() => this.#expire());
      // The lock is let go between the parts: a write waits for one transaction at most.
      while (journal.pendingOperations > 0) await lock.run(() => journal.foldSome());
      // What is closed is relieved when it is opened again: its page may not wait.
      if (!this.#isClosed) await quota.relieve();
      await lock.run(() => this.#writeLossy());
      while (await lock.run(() => this.#forgetAnswers()));
      // A graph is a cache: it is built anew where there is no room to store it.
      if (this.#isIndexIdle && !quota.isNearLimit) await this.#storeGraphs();
      this.#parts.onResult(undefined);
    } catch (error) {
      this.#parts.onResult(error);
    }
  }

  async #expire(): Promise<void> {
    const { state, environment, expire } = this.#parts;
    const expired = state.expired(environment.now());
    for (let at = 0; at < expired.length; at += MAX_BATCH) await expire(expired.slice(at, at + MAX_BATCH));
  }

  async #storeGraphs(): Promise<void> {
    const { state, lock, journal } = this.#parts;
    for (const space of state.spaces.graphsDue) {
      const graph = state.spaces.graphOf(space);
      // What comes or goes while it is being stored is not in it.
      state.spaces.setGraphStored(space);
      try {
        await journal.storeGraph(space, graph, (work) => lock.run(work));
      } catch (error) {
        state.spaces.setGraphDue(space);
        throw error;
      }
    }
  }

  async #writeLossy(): Promise<void> {
    const { state, journal } = this.#parts;
    state.spaces.dropEmpty();
    const changes = state.lossy.takeDirty();
    if (changes.puts.length === 0 && changes.deletes.length === 0) return;
    try {
      await journal.commitAside(changes, 'journaled');
    } catch (error) {
      state.lossy.restoreDirty(changes);
      throw error;
    }
  }

  /** Takes away answers that are outdated, as many as fit in a transaction; answers whether there may be more. */
  async #forgetAnswers(): Promise<boolean> {
    const { answers, environment, journal } = this.#parts;
    const opIds = answers.outdated(environment.now(), MAX_BATCH);
    if (opIds.length === 0) return false;
    await journal.commitAside({ deletes: opIds.map(opKey) }, 'journaled');
    answers.forget(opIds);
    return opIds.length === MAX_BATCH;
  }
}

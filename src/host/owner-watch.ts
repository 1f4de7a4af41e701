/** Whether the owner in another tab is there: asked while somebody waits for its answer. */

import type { Environment } from '../engine/environment.ts';
import { HEARTBEAT_MS, OWNER_MISSED_HEARTBEATS } from '../limits.ts';

export interface OwnerWatchParts {
  readonly environment: Pick<Environment, 'schedule'>;
  /** Whether somebody waits. */
  readonly isWaiting: () => boolean;
  /** Asks the owner whether it is there. */
  readonly ask: () => void;
  /** It has missed too many heartbeats. Called again if it goes on. */
  readonly silent: () => void;
}

/**
 * Heartbeats are counted, not timed: a tab that was asleep itself finds one of them missing when it
 * wakes up, and not a thousand.
 */
export class OwnerWatch {
  readonly #parts: OwnerWatchParts;
  #cancel: (() => void) | undefined;
  #missed = 0;

  constructor(parts: OwnerWatchParts) {
    this.#parts = parts;
  }

  /** To be called when somebody begins to wait. */
  start(): void {
    if (this.#cancel !== undefined) return;
    this.#missed = -1; // it has not been asked yet
    this.#schedule();
  }

  /** To be called whenever the owner is heard of. */
  heard(): void {
    this.#missed = -1;
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #schedule(): void {
    this.#cancel = this.#parts.environment.schedule(HEARTBEAT_MS, () => this.#tick());
  }

  #tick(): void {
    this.#cancel = undefined;
    if (!this.#parts.isWaiting()) return;
    this.#missed += 1;
    if (this.#missed >= OWNER_MISSED_HEARTBEATS) {
      this.#missed = -1;
      this.#parts.silent();
    }
    this.#parts.ask();
    this.#schedule();
  }
}

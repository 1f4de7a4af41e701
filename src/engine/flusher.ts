/** Asks the disk to keep what was written: when a host says so, and before the engine closes. */

import { isLociError } from '../errors.ts';
import type { Durability } from '../types.ts';
import type { Journal } from './journal.ts';
import type { LossyPages } from './lossy-pages.ts';
import type { Mutex } from './mutex.ts';

interface FlusherParts {
  readonly lossy: LossyPages;
  readonly journal: Journal;
  readonly lock: Mutex;
  readonly isPersistent: boolean;
}

/** Refusals of the last flush that cost nothing of what was acknowledged. */
const HARMLESS_AT_THE_END: ReadonlySet<string> = new Set(['STALE_EPOCH', 'NEWER_FORMAT', 'QUOTA_EXCEEDED']);

export class Flusher {
  readonly #parts: FlusherParts;

  constructor(parts: FlusherParts) {
    this.#parts = parts;
  }

  flush(): Promise<Durability> {
    return this.#parts.lock.run(() => this.#flush());
  }

  /** What was written since the last flush is on the disk when this resolves. */
  async flushLast(): Promise<void> {
    const { isPersistent, journal } = this.#parts;
    if (!isPersistent || !journal.isUnflushed) return;
    try {
      await this.flush();
    } catch (error) {
      // Another owner, or a later release, goes on with what is there; on a full disk it stays journaled.
      const isHarmless = isLociError(error) && HARMLESS_AT_THE_END.has(error.code);
      if (!isHarmless) throw error;
    }
  }

  /** Access times and learnt edges go along; they are lossy, so that a disk that is full without them flushes all else. */
  async #flush(): Promise<Durability> {
    const { lossy, journal } = this.#parts;
    const changes = lossy.takeDirty();
    try {
      return await journal.commitAside(changes, 'flushed');
    } catch (error) {
      lossy.restoreDirty(changes);
      if (changes.puts.length === 0 || !isLociError(error) || error.code !== 'QUOTA_EXCEEDED') throw error;
      return journal.commitAside({}, 'flushed');
    }
  }
}

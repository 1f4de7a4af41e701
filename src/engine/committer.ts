/**
 * Commits in the name of one owner: each of them checks its epoch, and a commit of unknown outcome is settled
 * before another is made. Once that cannot be, or another owner writes, nothing is committed any more.
 */

import { isLociError, LociError } from '../errors.ts';
import { COMMIT_ATTEMPTS, READ_ATTEMPTS } from '../limits.ts';
import { staleEpochError } from '../storage/refusals.ts';
import type { Commit, Row, Storage } from '../storage/storage.ts';
import type { Durability } from '../types.ts';

export interface CommitterParts {
  readonly storage: Storage;
  readonly epoch: number;
  /** Whether the epoch is the writer's own; else nothing is written. */
  readonly isClaimed: boolean;
}

export class Committer {
  readonly #parts: CommitterParts;
  #isUnflushed = false;
  /** Why nothing may be written any more. */
  #fenced: LociError | undefined;

  constructor(parts: CommitterParts) {
    this.#parts = parts;
  }

  /** Whether storage has taken this writer's claim: until it has room for that, nothing could be written. */
  get isClaimed(): boolean {
    return this.#parts.isClaimed;
  }

  /** Whether something may be written that the disk was not asked to keep; not where nothing can be any more. */
  get isUnflushed(): boolean {
    return this.#isUnflushed && this.#fenced === undefined;
  }

  /** Ends all writing: what is stored and what is in memory may differ. Answers the error to be thrown. */
  fence(message: string, cause: unknown): LociError {
    this.#fenced = new LociError('OUTCOME_UNKNOWN', message, {
      hint: 'Open the namespace again and repeat the call with the same operation id.',
      retryable: true,
      cause,
    });
    return this.#fenced;
  }

  /** @param proof a row of the commit that no other writes so: where the outcome is unknown, it tells. */
  async commit(commit: Omit<Commit, 'expectEpoch'>, proof?: Row): Promise<Durability> {
    for (let attempt = 1; ; attempt++) {
      if (this.#fenced !== undefined) throw this.#fenced;
      if (!this.isClaimed) throw await this.#claim();
      try {
        const reached = await this.#parts.storage.commit({ ...commit, expectEpoch: this.#parts.epoch });
        this.#isUnflushed = commit.durability !== 'flushed';
        return reached;
      } catch (error) {
        if (isLociError(error) && error.code === 'STALE_EPOCH') this.#fenced = error;
        if (!isLociError(error) || error.code !== 'OUTCOME_UNKNOWN' || proof === undefined) throw error;
        this.#isUnflushed = true;
        if (await this.#hasLanded(proof)) return commit.durability;
        if (attempt === COMMIT_ATTEMPTS)
          throw new LociError('STORAGE_FAILED', 'the write did not land', {
            hint: 'Nothing was changed: repeat the call.',
            retryable: true,
            cause: error,
          });
      }
    }
  }

  /**
   * To be asked where something stored is not where it should be, before that counts as lost: another owner
   * may have moved it, or an own fold whose outcome nobody knows.
   *
   * @throws LociError `STALE_EPOCH` or `OUTCOME_UNKNOWN`: the engine is to be opened anew.
   */
  async assertCurrent(): Promise<void> {
    const { storage, epoch } = this.#parts;
    if (this.#fenced !== undefined) throw this.#fenced;
    const found = await storage.epoch();
    if (found === epoch) return;
    this.#fenced = staleEpochError(epoch, found);
    throw this.#fenced;
  }

  /**
   * Takes the epoch that there was no room for on opening. Another owner may have written meanwhile, so that
   * what is in memory counts for nothing: the engine is to be opened anew.
   */
  async #claim(): Promise<LociError> {
    const { storage, epoch } = this.#parts;
    await storage.commit({ expectEpoch: epoch, nextEpoch: epoch + 1, durability: 'journaled' });
    this.#fenced = new LociError('STALE_EPOCH', 'storage has room again', {
      hint: 'Open the namespace again and repeat the call with the same operation id.',
      retryable: true,
    });
    return this.#fenced;
  }

  /** Whether a commit of unknown outcome is there: the log goes on only from what is known. */
  async #hasLanded({ key, value }: Row): Promise<boolean> {
    try {
      // A reading that differs may have gone wrong itself: what landed is read as it is sooner or later.
      for (let attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
        const stored = await this.#parts.storage.get(key);
        if (stored === undefined) return false;
        if (stored.length === value.length && value.every((byte, i) => byte === stored[i])) return true;
      }
      return false;
    } catch (error) {
      throw this.fence('a write may or may not have landed, and storage does not answer', error);
    }
  }
}

/** One at a time, in the order of asking: all that writes goes through one of these. */

/** Runs work under the lock. */
export type Turn = <T>(work: () => Promise<T>) => Promise<T>;

export class Mutex {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs the work when all that was asked before has ended, however it ended. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work, work);
    this.#last = result.catch(() => undefined); // the caller sees the failure; the next one only waits
    return result;
  }
}

/** One owner per namespace, by Web Lock: whoever holds it writes, and the next in line takes over. */

/** What a candidate is told. */
export interface ElectionHandlers {
  /** The lock is ours: at once, when the owner before is gone, or after {@link Election.steal}. */
  readonly elected: () => void;
  /** Another tab took the lock from us, since we did not answer. We stand in line again. */
  readonly deposed: () => void;
}

/**
 * Stands for the lock until {@link Election.withdraw}. Where there are no Web Locks (an insecure page)
 * everybody is elected, and the storage's epoch fences.
 */
export class Election {
  readonly #name: string;
  readonly #handlers: ElectionHandlers;
  /** Undefined where the browser has none, or none for us. */
  #locks: LockManager | undefined;
  /** Of the place in the line. */
  #queued: AbortController | undefined;
  #release: (() => void) | undefined;
  #isWithdrawn = false;
  /** Resolves when it is known whether the lock was free. */
  readonly decided: Promise<void>;

  constructor(name: string, handlers: ElectionHandlers) {
    this.#name = name;
    this.#handlers = handlers;
    this.#locks = navigator.locks;
    this.decided = this.#start();
  }

  /**
   * Whether the lock is still ours: after a long sleep it may have been taken, and the news not have
   * come yet.
   *
   * @param ownLock name of a lock that nobody but this context holds.
   */
  async isHeld(ownLock: string | undefined): Promise<boolean> {
    if (this.#locks === undefined || ownLock === undefined) return true;
    const { held = [] } = await this.#locks.query();
    const holderOf = (name: string) => held.find((lock) => lock.name === name)?.clientId;
    return this.#release !== undefined && holderOf(this.#name) === holderOf(ownLock);
  }

  /** Takes the lock from an owner that does not answer; its commits are fenced off by the epoch. */
  steal(): void {
    if (this.#locks === undefined || this.#isWithdrawn || this.#release !== undefined) return;
    this.#queued?.abort();
    this.#queued = undefined;
    this.#request({ steal: true });
  }

  /** Lets go of the lock, or of the place in the line. */
  withdraw(): void {
    this.#isWithdrawn = true;
    this.#queued?.abort();
    this.#release?.();
  }

  async #start(): Promise<void> {
    const isDecided = await new Promise<boolean>((resolve) => {
      const decide = (lock: Lock | null): Promise<void> | undefined => {
        const holding = lock === null ? undefined : this.#hold();
        if (lock === null) this.#standInLine();
        resolve(true);
        return holding;
      };
      if (this.#locks === undefined) resolve(false);
      this.#locks?.request(this.#name, { ifAvailable: true }, decide).catch((error: unknown) => {
        if (this.#release === undefined) resolve(false);
        else this.#onEnd(error);
      });
    });
    if (isDecided) return;
    // A sandboxed frame: its origin is nobody else's, so that it competes with none.
    this.#locks = undefined;
    if (!this.#isWithdrawn) this.#handlers.elected();
  }

  #standInLine(): void {
    if (this.#isWithdrawn) return;
    this.#queued = new AbortController();
    this.#request({ signal: this.#queued.signal });
  }

  #request(options: LockOptions): void {
    this.#locks
      ?.request(this.#name, options, () => this.#hold())
      .catch((error: unknown) => {
        if (options.signal?.aborted !== true) this.#onEnd(error);
      });
  }

  /** Holds the lock until {@link withdraw}, or until it is taken. */
  #hold(): Promise<void> | undefined {
    if (this.#isWithdrawn) return undefined;
    this.#queued = undefined;
    const before = this.#release;
    const holding = new Promise<void>((resolve) => {
      this.#release = () => {
        before?.();
        resolve();
      };
    });
    // Elected from the line in the moment of stealing, we stole from ourselves.
    if (before === undefined) this.#handlers.elected();
    return holding;
  }

  /** The browser ended our hold: only `steal` does that. */
  #onEnd(error: unknown): void {
    if (this.#isWithdrawn) return;
    const isStolen = error instanceof DOMException && error.name === 'AbortError';
    if (!isStolen) console.error('loci: the election ended in an error', error);
    this.#release = undefined;
    this.#handlers.deposed();
    this.#standInLine();
  }
}

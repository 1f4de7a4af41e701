/**
 * What the window alone can know of a namespace's storage: whether the browser promises to keep it, and
 * whether something was stored before. A worker has neither `persist()` nor `localStorage`.
 */

import type { Status } from '../types.ts';

type State = NonNullable<Status['storage']['persistence']>;

export class Persistence {
  readonly #scope: readonly string[];
  readonly #onChange: () => void;
  #state: State = 'unasked';
  #isMarked = false;

  /** @param onChange told when the browser has answered. */
  constructor(tenant: string, namespace: string, onChange: () => void) {
    this.#scope = [tenant, namespace];
    this.#onChange = onChange;
    if (typeof navigator.storage?.persist !== 'function') this.#state = 'unsupported';
    else void this.#ask(() => navigator.storage.persisted());
  }

  /**
   * Whether something is known to have been stored in the namespace. The browser usually evicts this
   * mark along with the memories, so false proves nothing.
   */
  get hasStored(): boolean {
    try {
      return localStorage.getItem(this.#key()) !== null;
    } catch {
      return false; // forbidden here, no window, or no name: nothing is known
    }
  }

  /** To be called where something was found stored. */
  noteExisting(): void {
    if (this.#isMarked) return;
    this.#isMarked = true;
    try {
      localStorage.setItem(this.#key(), '1');
    } catch {
      // Forbidden, full, or no window: then an eviction cannot be told from a new namespace.
    }
  }

  /** To be called after a write that was acknowledged: the first one asks the browser to keep our data. */
  noteWrite(): void {
    this.noteExisting();
    if (this.#state !== 'unasked') return;
    const told = this.#state;
    this.#state = 'denied'; // until it is granted; nobody asks twice
    void this.#ask(() => navigator.storage.persist(), told);
  }

  /** The status with what is known here. */
  complete(status: Status): Status {
    if (!status.storage.persistent) return status;
    return { ...status, storage: { ...status.storage, persistence: this.#state } };
  }

  /** Throws for a name that is none; the worker refuses it in words. */
  #key(): string {
    return `loci:seen:${this.#scope.map(encodeURIComponent).join(':')}`;
  }

  /** @param told what was last told: any other answer is news. */
  async #ask(ask: () => Promise<boolean>, told = this.#state): Promise<void> {
    try {
      if (await ask()) this.#state = 'granted';
    } catch {
      this.#state = 'unsupported'; // a context without an origin of its own
    }
    if (this.#state !== told) this.#onChange();
  }
}

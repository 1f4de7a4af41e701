/** The vector indexes' background work, a slice at a time, so that a search waits for one slice at most. */

import { INDEX_PAUSE_MS, INDEX_RETRY_MS, INDEX_SLICE_MS } from '../limits.ts';
import type { Environment } from './environment.ts';
import type { VectorSpaces } from './vector-spaces.ts';

export class IndexUpkeep {
  readonly #spaces: VectorSpaces;
  readonly #environment: Environment;
  readonly #onResult: (error: unknown) => void;
  #cancel: (() => void) | undefined;
  readonly #onIdle: () => void;
  #isClosed = false;

  /**
   * @param onIdle told when no work is left.
   * @param onResult told how a slice ended: an error, after which another is tried in a while and what is
   * searched is what there was before, or undefined.
   */
  constructor(
    spaces: VectorSpaces,
    environment: Environment,
    onIdle: () => void,
    onResult: (error: unknown) => void,
  ) {
    this.#spaces = spaces;
    this.#environment = environment;
    this.#onIdle = onIdle;
    this.#onResult = onResult;
  }

  /** To be called whenever rows have come or gone. */
  wake(): void {
    if (this.#isClosed || this.#cancel !== undefined) return;
    this.#cancel = this.#environment.schedule(INDEX_PAUSE_MS, () => this.#slice());
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel?.();
  }

  #slice(): void {
    this.#cancel = undefined;
    try {
      if (this.#spaces.maintain(INDEX_SLICE_MS)) this.wake();
      else this.#onIdle();
      this.#onResult(undefined);
    } catch (error) {
      this.#onResult(error);
      this.#cancel = this.#environment.schedule(INDEX_RETRY_MS, () => this.#slice());
    }
  }
}

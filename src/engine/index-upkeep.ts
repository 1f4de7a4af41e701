/** The indexes' background work, a slice at a time, so that a search waits for one slice at most. */

import {
  GRAPH_READ_ATTEMPTS,
  GRAPHS_AFTER_MS,
  INDEX_PAUSE_MS,
  INDEX_RETRY_MS,
  INDEX_SLICE_MS,
  WORD_SLICE_CHARS,
} from '../limits.ts';
import type { LexicalIndex } from '../text/lexical-index.ts';
import type { Environment } from './environment.ts';
import type { StoredGraphs } from './stored-graphs.ts';
import type { VectorSpaces } from './vector-spaces.ts';

export interface IndexUpkeepParts {
  readonly lexical: Pick<LexicalIndex, 'indexWaiting'>;
  readonly spaces: VectorSpaces;
  /** Taken over before anything is built: what is stored need not be built. */
  readonly storedGraphs: Pick<StoredGraphs, 'isEmpty' | 'takeNext' | 'giveUp'>;
  readonly environment: Pick<Environment, 'schedule'>;
  /** Told when no work is left. */
  readonly onIdle: () => void;
  /**
   * Told how a piece of work ended: an error, after which another is tried in a while and what is searched is what
   * there was before, or undefined.
   */
  readonly onResult: (error: unknown) => void;
}

export class IndexUpkeep {
  readonly #parts: IndexUpkeepParts;
  #cancel: (() => void) | undefined;
  #taking: Promise<void> | undefined;
  /** Tries to take graphs over that failed, one after another. */
  #failures = 0;
  #isClosed = false;

  constructor(parts: IndexUpkeepParts) {
    this.#parts = parts;
    if (parts.storedGraphs.isEmpty) this.wake();
    else this.#takeLater(GRAPHS_AFTER_MS);
  }

  /** To be called whenever rows have come or gone. */
  wake(): void {
    if (this.#isClosed || this.#cancel !== undefined || this.#taking !== undefined) return;
    this.#cancel = this.#parts.environment.schedule(INDEX_PAUSE_MS, () => this.#slice());
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancel?.();
    await this.#taking;
  }

  #takeLater(ms: number): void {
    this.#cancel = this.#parts.environment.schedule(ms, () => {
      this.#cancel = undefined;
      this.#taking = this.#take().finally(() => {
        this.#taking = undefined;
        if (this.#parts.storedGraphs.isEmpty) this.wake();
      });
    });
  }

  async #take(): Promise<void> {
    const { storedGraphs, onResult } = this.#parts;
    try {
      while (!this.#isClosed && !storedGraphs.isEmpty) {
        await storedGraphs.takeNext();
        this.#failures = 0;
      }
      onResult(undefined);
    } catch (error) {
      if (this.#isClosed) return;
      onResult(error);
      // Words and new rows are not to wait for ever: what cannot be read is built.
      if (++this.#failures < GRAPH_READ_ATTEMPTS) this.#takeLater(INDEX_RETRY_MS);
      else storedGraphs.giveUp();
    }
  }

  #slice(): void {
    this.#cancel = undefined;
    const { lexical, spaces, environment, onIdle, onResult } = this.#parts;
    try {
      if (lexical.indexWaiting(WORD_SLICE_CHARS) || spaces.maintain(INDEX_SLICE_MS)) this.wake();
      else onIdle();
      onResult(undefined);
    } catch (error) {
      onResult(error);
      this.#cancel = environment.schedule(INDEX_RETRY_MS, () => this.#slice());
    }
  }
}

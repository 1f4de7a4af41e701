/** Indexes the words of memories that the stored segments do not have: broken ones, or of an earlier tokeniser. */

import { WORD_REBUILD_BATCH, WORD_REBUILD_RETRY_MS } from '../limits.ts';
import { Bitset } from '../vector/bitset.ts';
import type { BlockStore } from './blocks/block-store.ts';
import type { Environment } from './environment.ts';
import { readContents } from './rows.ts';
import type { EngineState } from './state.ts';

export interface WordRebuildParts {
  readonly state: EngineState;
  readonly blocks: BlockStore;
  readonly environment: Environment;
  /** Told how a try ended: an error, after which another follows, or undefined where all words are in. */
  readonly onResult: (error: unknown) => void;
  /** Told whenever some more are done. */
  readonly changed: () => void;
  /** Stores the word index once all are done. */
  readonly store: () => Promise<void>;
}

export class WordRebuild {
  readonly #parts: WordRebuildParts;
  #missing: readonly number[] = [];
  #isClosed = false;
  #running: Promise<void> | undefined;
  #cancelRetry: (() => void) | undefined;
  /** Words have been indexed that storage does not have yet. */
  #isUnstored = false;

  constructor(parts: WordRebuildParts) {
    this.#parts = parts;
  }

  /** Memories that are not found by their words yet. */
  get remaining(): number {
    return this.#missing.length;
  }

  /** Looks for memories without words and indexes them, again after a while where that fails. */
  start(): void {
    if (this.#isClosed || this.#running !== undefined) return;
    this.#running = this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelRetry?.();
    await this.#running;
  }

  async #run(): Promise<void> {
    try {
      if (await this.#all()) this.#parts.onResult(undefined);
    } catch (error) {
      this.#parts.onResult(error);
      if (this.#isClosed) return;
      this.#cancelRetry = this.#parts.environment.schedule(WORD_REBUILD_RETRY_MS, () => this.start());
    }
  }

  /** Answers whether there was anything to do, and it is done. */
  async #all(): Promise<boolean> {
    const { state, blocks, changed, store } = this.#parts;
    const { table, lexical } = state;
    if (lexical.size >= table.size && !this.#isUnstored) return false;
    this.#isUnstored = true;
    const known = new Bitset(table.nextOrdinal);
    for (const ordinal of lexical.ordinals()) known.add(ordinal);
    this.#missing = [...table.ordinals()].filter((ordinal) => !known.has(ordinal));
    while (this.#missing.length > 0 && !this.#isClosed) {
      const batch = this.#missing.slice(0, WORD_REBUILD_BATCH);
      const states = batch.flatMap((ordinal) => table.at(ordinal) ?? []);
      const contents = await readContents(blocks, states);
      states.forEach((memory, i) => {
        const content = contents[i];
        // Changed or deleted meanwhile: then its words are in the index already, or must not be.
        const isCurrent = table.seqOf(memory.ordinal) === memory.seq && !lexical.has(memory.ordinal);
        if (content !== undefined && isCurrent) state.indexWords(memory, content);
      });
      this.#missing = this.#missing.slice(batch.length);
      changed();
    }
    if (this.#isClosed) return false;
    await store();
    this.#isUnstored = false;
    return true;
  }
}

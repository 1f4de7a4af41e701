/** Indexes the words of memories that the stored segments do not have: broken ones, or of an earlier tokeniser. */

import { WORD_REBUILD_BATCH } from '../limits.ts';
import { Bitset } from '../vector/bitset.ts';
import type { BlockStore } from './blocks/block-store.ts';
import { readContents } from './rows.ts';
import type { EngineState } from './state.ts';

export interface WordRebuildParts {
  readonly state: EngineState;
  readonly blocks: BlockStore;
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

  constructor(parts: WordRebuildParts) {
    this.#parts = parts;
  }

  /** Memories that are not found by their words yet. */
  get remaining(): number {
    return this.#missing.length;
  }

  /** Looks for memories without words and indexes them; a failure is the caller's to show. */
  run(): Promise<void> {
    this.#running ??= this.#all();
    return this.#running;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#running?.catch(() => undefined); // shown by whoever started it
  }

  async #all(): Promise<void> {
    const { state, blocks, changed, store } = this.#parts;
    const { table, lexical } = state;
    if (lexical.size >= table.size) return;
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
    if (!this.#isClosed) await store();
  }
}

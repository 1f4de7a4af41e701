/** The words of speakers' names, and whose they are. Made when it is first asked for, and kept up to date from then on. */

import { nameWordsOf } from '../retrieval/focus.ts';
import type { MemoryTable } from './table/memory-table.ts';

const NOBODY: readonly string[] = [];

export class SpeakerNames {
  readonly #table: MemoryTable;
  /** Memories of each speaker. */
  #counts: Map<string, number> | undefined;
  /** By a word of their names, in lower case. */
  #byWord: Map<string, string[]> | undefined;

  constructor(table: MemoryTable) {
    this.#table = table;
  }

  /** The speakers whose name has a word, given as `nameWordsOf` has it. */
  named(word: string): readonly string[] {
    this.#byWord ??= this.#index();
    return this.#byWord.get(word) ?? NOBODY;
  }

  add(speaker: string | undefined): void {
    if (this.#counts === undefined || speaker === undefined) return;
    const count = this.#counts.get(speaker) ?? 0;
    this.#counts.set(speaker, count + 1);
    if (count === 0) this.#byWord = undefined;
  }

  remove(speaker: string | undefined): void {
    if (this.#counts === undefined || speaker === undefined) return;
    const count = this.#counts.get(speaker) ?? 0;
    if (count > 1) this.#counts.set(speaker, count - 1);
    else if (this.#counts.delete(speaker)) this.#byWord = undefined;
  }

  #index(): Map<string, string[]> {
    const byWord = new Map<string, string[]>();
    for (const speaker of this.#count().keys())
      for (const word of new Set(nameWordsOf(speaker)))
        byWord.set(word, [...(byWord.get(word) ?? []), speaker]);
    return byWord;
  }

  #count(): Map<string, number> {
    if (this.#counts !== undefined) return this.#counts;
    const counts = new Map<string, number>();
    for (const ordinal of this.#table.ordinals()) {
      const speaker = this.#table.field(ordinal, 'speaker') as string | undefined;
      if (speaker !== undefined) counts.set(speaker, (counts.get(speaker) ?? 0) + 1);
    }
    this.#counts = counts;
    return counts;
  }
}

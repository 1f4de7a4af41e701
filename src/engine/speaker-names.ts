/** The words of speakers' names, and whose they are. Made when it is first asked for, and kept up to date from then on. */

import { MAX_NAMED_SPEAKERS } from '../limits.ts';
import { nameWordsOf } from '../retrieval/focus.ts';
import type { MemoryTable } from './table/memory-table.ts';

const NOBODY: readonly string[] = [];

export class SpeakerNames {
  readonly #table: MemoryTable;
  /** Memories of each speaker. */
  #counts: Map<string, number> | undefined;
  /** By a word of their names, as `nameWordsOf` has it. */
  readonly #byWord = new Map<string, Set<string>>();

  constructor(table: MemoryTable) {
    this.#table = table;
  }

  /** The speakers whose name has a word, given as `nameWordsOf` has it; none of a word that very many names have. */
  named(word: string): readonly string[] {
    if (this.#counts === undefined) this.#make();
    const speakers = this.#byWord.get(word);
    return speakers === undefined || speakers.size > MAX_NAMED_SPEAKERS ? NOBODY : [...speakers];
  }

  /** How many memories a speaker has. */
  countOf(speaker: string): number {
    const counts = this.#counts ?? this.#make();
    return counts.get(speaker) ?? 0;
  }

  add(speaker: string | undefined): void {
    if (this.#counts === undefined || speaker === undefined) return;
    this.#count(this.#counts, speaker);
  }

  remove(speaker: string | undefined): void {
    if (this.#counts === undefined || speaker === undefined) return;
    const count = this.#counts.get(speaker) ?? 0;
    if (count > 1) this.#counts.set(speaker, count - 1);
    else if (this.#counts.delete(speaker)) this.#forget(speaker);
  }

  #count(counts: Map<string, number>, speaker: string): void {
    const count = counts.get(speaker) ?? 0;
    counts.set(speaker, count + 1);
    if (count > 0) return;
    for (const word of nameWordsOf(speaker)) {
      const speakers = this.#byWord.get(word);
      if (speakers === undefined) this.#byWord.set(word, new Set([speaker]));
      else speakers.add(speaker);
    }
  }

  #forget(speaker: string): void {
    for (const word of nameWordsOf(speaker)) {
      const speakers = this.#byWord.get(word);
      speakers?.delete(speaker);
      if (speakers?.size === 0) this.#byWord.delete(word);
    }
  }

  #make(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const ordinal of this.#table.ordinals()) {
      const speaker = this.#table.field(ordinal, 'speaker') as string | undefined;
      if (speaker !== undefined) this.#count(counts, speaker);
    }
    this.#counts = counts;
    return counts;
  }
}

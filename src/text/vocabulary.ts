/** The words and terms of the buffer, numbered in the order in which they first came. */

import type { Analyser } from './terms.ts';

/** What an entry of a `Map` takes besides its string, bytes: measured in V8. */
export const MAP_ENTRY_BYTES = 48;

export class Vocabulary {
  readonly #analyser: Analyser;
  readonly #words = new Map<string, number>();
  /** Of each word the number of its term: a stem is made once. */
  readonly #termOfWord: (number | undefined)[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #terms: string[] = [];
  #chars = 0;

  constructor(analyser: Analyser) {
    this.#analyser = analyser;
  }

  /** All terms: a term's number is its place. */
  get terms(): readonly string[] {
    return this.#terms;
  }

  /** Characters of the different words. */
  get chars(): number {
    return this.#chars;
  }

  /** An estimate: engines do not tell what a `Map` takes. */
  get memoryBytes(): number {
    return 2 * this.#chars + (MAP_ENTRY_BYTES + 8) * (this.#words.size + this.#terms.length);
  }

  /** The word's number. */
  addWord(word: string): number {
    const known = this.#words.get(word);
    if (known !== undefined) return known;
    const number = this.#termOfWord.length;
    this.#words.set(word, number);
    this.#chars += word.length;
    const term = this.#analyser.termOf(word);
    this.#termOfWord.push(term === undefined ? undefined : this.#addTerm(term));
    return number;
  }

  /** The number of a word's term; none of a word that is only grammar. */
  termOfWord(word: number): number | undefined {
    return this.#termOfWord[word];
  }

  /** The number of a term, if it is known. */
  numberOf(term: string): number | undefined {
    return this.#numbers.get(term);
  }

  #addTerm(term: string): number {
    const known = this.#numbers.get(term);
    if (known !== undefined) return known;
    this.#numbers.set(term, this.#terms.length);
    return this.#terms.push(term) - 1;
  }
}

/** A set of ordinals, one bit each. */

import { LociError } from '../errors.ts';

export class Bitset {
  #words: Uint32Array;

  /** @param capacity ordinals to make room for; it grows when more are added. */
  constructor(capacity = 0) {
    this.#words = new Uint32Array((capacity + 31) >>> 5);
  }

  static of(ordinals: Iterable<number>): Bitset {
    const all = Array.isArray(ordinals) ? (ordinals as readonly number[]) : [...ordinals];
    // Room for all at once: it would be copied again and again while it grows.
    const set = new Bitset(
      all.reduce((end, ordinal) => (ordinal < 2 ** 32 ? Math.max(end, ordinal + 1) : end), 0),
    );
    for (const ordinal of all) set.add(ordinal);
    return set;
  }

  /** @throws LociError `INVALID_INPUT` for what is no ordinal: it would stand for another one. */
  add(ordinal: number): void {
    if (!(Number.isInteger(ordinal) && ordinal >= 0 && ordinal < 2 ** 32))
      throw new LociError('INVALID_INPUT', `${ordinal} is no ordinal`, {
        hint: 'Give a whole number from 0.',
      });
    const word = ordinal >>> 5;
    if (word >= this.#words.length) this.#grow(word + 1);
    this.#words[word] = (this.#words[word] ?? 0) | (1 << (ordinal & 31));
  }

  delete(ordinal: number): void {
    const word = ordinal >>> 5;
    const bits = this.#words[word];
    if (bits !== undefined) this.#words[word] = bits & ~(1 << (ordinal & 31));
  }

  has(ordinal: number): boolean {
    return ((this.#words[ordinal >>> 5] ?? 0) & (1 << (ordinal & 31))) !== 0;
  }

  /** The words, lowest ordinal in the lowest bit of the first: a view, valid until the next `add`. */
  get words(): Uint32Array {
    return this.#words;
  }

  #grow(words: number): void {
    const grown = new Uint32Array(Math.max(words, this.#words.length * 2));
    grown.set(this.#words);
    this.#words = grown;
  }
}

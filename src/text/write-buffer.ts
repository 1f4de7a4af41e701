/** The memories that are in no segment yet, in the order in which they came. */

import { BUFFER_MAX_CHARS, BUFFER_MAX_DOCUMENTS, BUFFER_MAX_POSTINGS } from '../limits.ts';
import type { ScoredDocuments } from './accumulator.ts';
import { FIELD_BITS, FIELD_MASK, invert } from './invert.ts';
import type { LexicalDocument } from './lexical-types.ts';
import { FIELD_COUNT, FIELDS } from './segment-format.ts';
import { cappedCount } from './segment-writer.ts';
import { tokenize } from './tokenize.ts';
import { MAP_ENTRY_BYTES, Vocabulary } from './vocabulary.ts';

/** Postings that the buffer makes room for at first. */
const FIRST_POSTINGS = 4096;
/** Documents that it makes room for at first. */
const FIRST_DOCUMENTS = 64;

/** Postings of a term in a field: place in the buffer and frequency, in turns. */
export type BufferedPostings = readonly number[];

export class WriteBuffer implements ScoredDocuments {
  readonly #vocabulary = new Vocabulary();
  /** Ordinal of each place. */
  ordinals = new Uint32Array(FIRST_DOCUMENTS);
  /** Different words of each place, an array for each field. */
  fieldLengths = FIELDS.map(() => new Uint16Array(FIRST_DOCUMENTS));
  /** Postings are collected of documents alone that are not removed. */
  readonly dead = undefined;
  /** Places of the documents that are not removed. */
  readonly #places = new Map<number, number>();
  #placeCount = 0;
  /** Where the postings of each place begin, and last where they end. */
  readonly #starts: number[] = [0];
  #postings = new Uint32Array(2 * FIRST_POSTINGS);
  #postingCount = 0;
  /** Of each word, in which field it was last seen, of all that were read. */
  readonly #seenIn: number[] = [];
  #fieldsRead = 0;
  /** Of each term, how often it is in the field that is read; zeros in between. */
  readonly #frequencies: number[] = [];
  /** Words of the documents that are not removed, by field. */
  readonly lengthSums = new Float64Array(FIELD_COUNT);

  /** Documents that are not removed. */
  get size(): number {
    return this.#places.size;
  }

  /** Places taken, those of removed documents included. */
  get documents(): number {
    return this.#placeCount;
  }

  /** Whether it is time to make a segment of it. */
  get isFull(): boolean {
    return (
      this.documents >= BUFFER_MAX_DOCUMENTS ||
      this.#postingCount >= BUFFER_MAX_POSTINGS ||
      this.#vocabulary.chars >= BUFFER_MAX_CHARS
    );
  }

  get memoryBytes(): number {
    const numbers = this.#seenIn.length + this.#frequencies.length + this.#starts.length;
    const documents = this.#places.size * MAP_ENTRY_BYTES + this.ordinals.byteLength * FIELD_COUNT;
    return this.#postings.byteLength + this.#vocabulary.memoryBytes + documents + 8 * numbers;
  }

  has(ordinal: number): boolean {
    return this.#places.has(ordinal);
  }

  /** The documents that are not removed. */
  liveOrdinals(): IterableIterator<number> {
    return this.#places.keys();
  }

  /** Adds a document that is not in it. */
  add(ordinal: number, { content, speaker, tags }: LexicalDocument): void {
    const place = this.#placeCount;
    if (place === this.ordinals.length) this.#grow();
    this.#placeCount += 1;
    this.#places.set(ordinal, place);
    this.ordinals[place] = ordinal;
    [content, speaker ?? '', tags.join(' ')].forEach((text, field) => {
      const length = cappedCount(this.#addField(text, field));
      (this.fieldLengths[field] as Uint16Array)[place] = length;
      this.lengthSums[field] = (this.lengthSums[field] as number) + length;
    });
    this.#starts.push(this.#postingCount);
  }

  /** Removes a document; false where it is not in it. */
  remove(ordinal: number): boolean {
    const place = this.#places.get(ordinal);
    if (place === undefined) return false;
    this.#places.delete(ordinal);
    this.fieldLengths.forEach((lengths, field) => {
      this.lengthSums[field] = (this.lengthSums[field] as number) - (lengths[place] as number);
    });
    return true;
  }

  /** Where documents that are not removed have these terms: for each term a list for each field. */
  collect(terms: readonly string[]): readonly (readonly BufferedPostings[])[] {
    const found = terms.map(() => Array.from({ length: FIELD_COUNT }, (): number[] => []));
    const byNumber: (number[][] | undefined)[] = [];
    terms.forEach((term, i) => {
      const number = this.#vocabulary.numberOf(term);
      if (number !== undefined) byNumber[number] = found[i] as number[][];
    });
    if (byNumber.length === 0) return found;
    for (const place of this.#places.values()) {
      const end = this.#starts[place + 1] as number;
      for (let i = this.#starts[place] as number; i < end; i += 1) {
        const key = this.#postings[2 * i] as number;
        const lists = byNumber[key >>> FIELD_BITS];
        if (lists !== undefined) lists[key & FIELD_MASK]?.push(place, this.#postings[2 * i + 1] as number);
      }
    }
    return found;
  }

  /** The documents that are not removed as a segment's bytes, if there are any; the buffer is then empty. */
  seal(): Uint8Array | undefined {
    const bytes = this.size === 0 ? undefined : this.#invert();
    this.#vocabulary.clear();
    this.#places.clear();
    this.#seenIn.length = this.#frequencies.length = this.#placeCount = 0;
    this.#starts.length = 1;
    this.#postingCount = 0;
    this.lengthSums.fill(0);
    return bytes;
  }

  #invert(): Uint8Array {
    const documents = [...this.#places]
      .sort(([a], [b]) => a - b)
      .map(([ordinal, place]) => {
        const postings = this.#postings.subarray(
          2 * (this.#starts[place] as number),
          2 * (this.#starts[place + 1] as number),
        );
        const lengths = this.fieldLengths.map((ofField) => ofField[place] as number);
        return { ordinal, lengths, postings };
      });
    return invert(documents, this.#vocabulary.terms);
  }

  /** Takes in the words of a field; returns how many different ones there are. */
  #addField(text: string, field: number): number {
    this.#fieldsRead += 1;
    const terms: number[] = [];
    let different = 0;
    for (const name of tokenize(text)) {
      const word = this.#vocabulary.addWord(name);
      if (this.#seenIn[word] !== this.#fieldsRead) {
        this.#seenIn[word] = this.#fieldsRead;
        different += 1;
      }
      const term = this.#vocabulary.termOfWord(word);
      if (term === undefined) continue;
      const before = this.#frequencies[term] ?? 0;
      if (before === 0) terms.push(term);
      this.#frequencies[term] = before + 1;
    }
    for (const term of terms) {
      this.#addPosting((term << FIELD_BITS) | field, cappedCount(this.#frequencies[term] as number));
      this.#frequencies[term] = 0;
    }
    return different;
  }

  #grow(): void {
    const ordinals = new Uint32Array(2 * this.ordinals.length);
    ordinals.set(this.ordinals);
    this.ordinals = ordinals;
    this.fieldLengths = this.fieldLengths.map((lengths) => {
      const grown = new Uint16Array(2 * lengths.length);
      grown.set(lengths);
      return grown;
    });
  }

  #addPosting(key: number, frequency: number): void {
    if (2 * this.#postingCount === this.#postings.length) {
      const grown = new Uint32Array(2 * this.#postings.length);
      grown.set(this.#postings);
      this.#postings = grown;
    }
    this.#postings[2 * this.#postingCount] = key;
    this.#postings[2 * this.#postingCount + 1] = frequency;
    this.#postingCount += 1;
  }
}

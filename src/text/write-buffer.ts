/** The memories that are in no segment yet, in the order in which they came. */

import { BUFFER_MAX_CHARS, BUFFER_MAX_DOCUMENTS, BUFFER_MAX_POSTINGS } from '../limits.ts';
import type { ScoredDocuments } from './accumulator.ts';
import { FIELD_BITS, FIELD_MASK, invert } from './invert.ts';
import type { LexicalDocument } from './lexical-types.ts';
import { markBits, marksOf } from './marks.ts';
import { FIELD_COUNT, FIELDS, TIME_FIELD } from './segment-format.ts';
import { cappedCount } from './segment-writer.ts';
import { EVERYWHERE } from './span.ts';
import type { Analyser } from './terms.ts';
import { timeTermsOf } from './time-words.ts';
import { MAP_ENTRY_BYTES, Vocabulary } from './vocabulary.ts';

/** Postings that the buffer makes room for at first. */
const FIRST_POSTINGS = 4096;
/** Documents that it makes room for at first. */
const FIRST_DOCUMENTS = 64;

/** Postings of a term in a field: place in the buffer and frequency, in turns. */
export type BufferedPostings = readonly number[];

/** The words of a document, in order, by field. */
type FieldWords = readonly (readonly string[])[];

function fieldWordsOf(
  analyser: Analyser,
  { content, speaker, tags, createdAt }: LexicalDocument,
): FieldWords {
  const words = [content, speaker ?? '', tags.join(' ')].map((text) => analyser.wordsOf(text));
  return [...words, [...(createdAt === undefined ? [] : timeTermsOf(createdAt)), ...marksOf(content)]];
}

export class WriteBuffer implements ScoredDocuments {
  readonly #analyser: Analyser;
  readonly #vocabulary: Vocabulary;
  /** Ordinal of each place. */
  ordinals = new Uint32Array(FIRST_DOCUMENTS);
  /** Different words of each place, an array for each field. */
  fieldLengths = FIELDS.map(() => new Uint16Array(FIRST_DOCUMENTS));
  readonly span = EVERYWHERE;
  /** Postings are collected of documents alone that are not removed. */
  readonly dead = undefined;
  /** Places of the documents that are not removed. */
  readonly #places = new Map<number, number>();
  /** Bits of the marks of each place. */
  readonly #marks: number[] = [];
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

  constructor(analyser: Analyser) {
    this.#analyser = analyser;
    this.#vocabulary = new Vocabulary(analyser);
  }

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
    const lengths = this.fieldLengths.reduce((sum, { byteLength }) => sum + byteLength, 0);
    return (
      this.#postings.byteLength +
      this.ordinals.byteLength +
      lengths +
      this.#vocabulary.memoryBytes +
      this.#places.size * MAP_ENTRY_BYTES +
      8 * numbers
    );
  }

  has(ordinal: number): boolean {
    return this.#places.has(ordinal);
  }

  /** The place of a document that is not removed; −1 where there is none of this ordinal. */
  placeOf(ordinal: number): number {
    return this.#places.get(ordinal) ?? -1;
  }

  /** Bits of a document's marks; 0 where there is none of this ordinal. */
  marksOf(ordinal: number): number {
    return this.#marks[this.placeOf(ordinal)] ?? 0;
  }

  /** The documents that are not removed. */
  liveOrdinals(): IterableIterator<number> {
    return this.#places.keys();
  }

  /** Adds a document that is not in it. */
  add(ordinal: number, document: LexicalDocument): void {
    const place = this.#placeCount;
    if (place === this.ordinals.length) this.#grow();
    this.#marks.push(markBits(document.content));
    this.#placeCount += 1;
    this.#places.set(ordinal, place);
    this.ordinals[place] = ordinal;
    fieldWordsOf(this.#analyser, document).forEach((ofField, field) => {
      const words = this.#addField(ofField, field);
      const length = field === TIME_FIELD ? 0 : cappedCount(words);
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

  /** All terms, those of removed documents included. */
  get terms(): readonly string[] {
    return this.#vocabulary.terms;
  }

  /** Where documents that are not removed have these terms: for each term a list for each field. */
  collect(terms: readonly string[]): readonly (readonly BufferedPostings[])[] {
    const found = terms.map(() => Array.from({ length: FIELD_COUNT }, (): number[] => []));
    // Of each term in the buffer its place among those asked for, plus one.
    const asked = new Uint32Array(this.#vocabulary.terms.length);
    let isAny = false;
    terms.forEach((term, i) => {
      const number = this.#vocabulary.numberOf(term);
      if (number === undefined) return;
      asked[number] = i + 1;
      isAny = true;
    });
    if (!isAny) return found;
    for (const place of this.#places.values()) {
      const end = this.#starts[place + 1] as number;
      for (let i = this.#starts[place] as number; i < end; i += 1) {
        const key = this.#postings[2 * i] as number;
        const term = asked[key >>> FIELD_BITS] as number;
        if (term > 0) found[term - 1]?.[key & FIELD_MASK]?.push(place, this.#postings[2 * i + 1] as number);
      }
    }
    return found;
  }

  /** The documents that are not removed as a segment's bytes; undefined where there are none. */
  toSegment(): Uint8Array | undefined {
    if (this.size === 0) return undefined;
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
    return invert(this.#analyser.kind, documents, this.#vocabulary.terms);
  }

  /** Takes in the words of a field; returns how many different ones there are. */
  #addField(words: readonly string[], field: number): number {
    this.#fieldsRead += 1;
    const terms: number[] = [];
    let different = 0;
    for (const name of words) {
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

/** A sealed segment: immutable bytes that are searched as they are, and which of its documents were removed since. */

import type { ScoredDocuments } from './accumulator.ts';
import { isSet } from './bits.ts';
import { type Dictionary, emptyEntry, findTerm, type TermEntry } from './dictionary.ts';
import { MARKS } from './marks.ts';
import { decodePostings, decodeRuns, PostingList } from './postings.ts';
import { FIELD_COUNT, HEADER_BYTES, layoutOf, MEASURED_FIELDS, TIME_FIELD } from './segment-format.ts';
import { lowerBound, type Span } from './span.ts';

/** Lengths of a field that has none, for as many documents as any segment has: shared by all. */
let noLengths = new Uint16Array(0);

export class Segment implements Dictionary, ScoredDocuments {
  readonly bytes: Uint8Array;
  /** Of the analyser that made its terms. */
  readonly kind: number;
  readonly documents: number;
  readonly terms: number;
  /** Ordinals of the documents, ascending: a document's place here is its id in the postings. */
  readonly ordinals: Uint32Array;
  /** The first and the last of them. */
  readonly span: Span;
  /** Different words of each document, an array for each field. */
  readonly fieldLengths: readonly Uint16Array[];
  readonly blocks: Uint32Array;
  readonly dictionaryStart: number;
  readonly postingsStart: number;
  /** Words of the documents that are not removed, by field. */
  readonly lengthSums = new Float64Array(FIELD_COUNT);
  /** One bit a document, set in those removed; none where none is. */
  dead: Uint32Array | undefined;
  #deadCount = 0;
  #marks: Uint8Array | undefined;

  /** @param bytes whole and checked, at a multiple of four in their buffer. */
  constructor(bytes: Uint8Array) {
    const { buffer, byteOffset } = bytes;
    const header = new Uint32Array(buffer, byteOffset, HEADER_BYTES / 4);
    const [, , kind = 0, , documents = 0, terms = 0, dictionaryBytes = 0, postingsBytes = 0] = header;
    const layout = layoutOf({ documents, terms, dictionaryBytes, postingsBytes });
    this.bytes = bytes;
    this.kind = kind;
    this.documents = documents;
    this.terms = terms;
    this.ordinals = new Uint32Array(buffer, byteOffset + layout.ordinals, documents);
    this.span = { first: this.ordinals[0] as number, last: this.ordinals[documents - 1] as number };
    this.blocks = new Uint32Array(buffer, byteOffset + layout.blocks, (layout.lengths - layout.blocks) / 4);
    if (noLengths.length < documents) noLengths = new Uint16Array(documents);
    const measured = Array.from({ length: MEASURED_FIELDS }, (_, field) => {
      return new Uint16Array(buffer, byteOffset + layout.lengths + 2 * documents * field, documents);
    });
    this.fieldLengths = [...measured, noLengths];
    this.dictionaryStart = layout.dictionary;
    this.postingsStart = layout.postings;
    this.fieldLengths.forEach((lengths, field) => {
      let sum = 0;
      for (let id = 0; id < documents; id += 1) sum += lengths[id] as number;
      this.lengthSums[field] = sum;
    });
  }

  /** Documents that are not removed. */
  get size(): number {
    return this.documents - this.#deadCount;
  }

  /** What its bytes will about be once the removed are gone. */
  get liveBytes(): number {
    return (this.bytes.length * this.size) / this.documents;
  }

  get memoryBytes(): number {
    return this.bytes.length + (this.dead?.byteLength ?? 0);
  }

  /** Whether it holds a document that is not removed. */
  has(ordinal: number): boolean {
    return this.placeOf(ordinal) >= 0;
  }

  /** The id of a document that is not removed; −1 where there is none of this ordinal. */
  placeOf(ordinal: number): number {
    if (ordinal < this.span.first || ordinal > this.span.last) return -1;
    const id = this.#idOf(ordinal);
    return id >= 0 && this.isDead(id) ? -1 : id;
  }

  /** Whether the document with this id is removed. */
  isDead(id: number): boolean {
    return this.dead !== undefined && isSet(this.dead, id);
  }

  /** Removes a document; false where it holds none of this ordinal. */
  remove(ordinal: number): boolean {
    const id = this.placeOf(ordinal);
    if (id < 0) return false;
    this.dead ??= new Uint32Array((this.documents + 31) >>> 5);
    this.dead[id >>> 5] = (this.dead[id >>> 5] as number) | (1 << (id & 31));
    this.#deadCount += 1;
    this.fieldLengths.forEach((lengths, field) => {
      this.lengthSums[field] = (this.lengthSums[field] as number) - (lengths[id] as number);
    });
    return true;
  }

  /** Finds a term; false where no document of it, removed or not, has it. */
  find(term: Uint8Array, entry: TermEntry): boolean {
    return findTerm(this, term, entry);
  }

  /** Reads the postings of a field at a place; returns where they end. */
  read(field: number, at: number, count: number, list: PostingList): number {
    list.reserve(count);
    const decode = field === TIME_FIELD ? decodeRuns : decodePostings;
    return decode(this.bytes, at, count, this.documents, list);
  }

  /** Of each document the bits of those of its marks, in the order of {@link MARKS}; read when they are first asked for. */
  get marks(): Uint8Array {
    this.#marks ??= this.#readMarks();
    return this.#marks;
  }

  #readMarks(): Uint8Array {
    const marks = new Uint8Array(this.documents);
    const list = new PostingList();
    const entry = emptyEntry();
    for (const [bit, term] of MARKS.entries()) {
      const count = this.find(new TextEncoder().encode(term), entry) ? (entry.counts[TIME_FIELD] ?? 0) : 0;
      if (count > 0) this.read(TIME_FIELD, entry.postings, count, list);
      for (let i = 0; i < count; i += 1) {
        const id = list.ids[i] as number;
        marks[id] = (marks[id] as number) | (1 << bit);
      }
    }
    return marks;
  }

  /** How many of the first `count` postings of a list are of documents not removed. */
  countLive(list: PostingList, count: number): number {
    const { dead } = this;
    if (dead === undefined) return count;
    let live = 0;
    for (let i = 0; i < count; i += 1) if (!isSet(dead, list.ids[i] as number)) live += 1;
    return live;
  }

  /** Ordinals of the documents that are not removed, ascending. */
  *liveOrdinals(): IterableIterator<number> {
    for (let id = 0; id < this.documents; id += 1) if (!this.isDead(id)) yield this.ordinals[id] as number;
  }

  #idOf(ordinal: number): number {
    const place = lowerBound(this.ordinals, ordinal);
    return this.ordinals[place] === ordinal ? place : -1;
  }
}

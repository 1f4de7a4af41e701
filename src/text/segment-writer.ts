/** Writes a segment: documents first, then each term with its postings, in the order of the terms. */

import crc32 from 'crc-32';
import { ByteWriter } from './bytes.ts';
import { emptyEntry, writeEntry } from './dictionary.ts';
import { encodePostings, encodeRuns } from './postings.ts';
import {
  BLOCK_TERMS,
  FIELD_COUNT,
  HEADER_BYTES,
  layoutOf,
  MAX_COUNT,
  MEASURED_FIELDS,
  SEGMENT_MAGIC,
  SEGMENT_VERSION,
  TIME_FIELD,
} from './segment-format.ts';
import { TEXT_VERSION } from './terms.ts';

export class SegmentWriter {
  readonly #kind: number;
  readonly #ordinals: Uint32Array;
  readonly #lengths: Uint16Array;
  readonly #dictionary: ByteWriter;
  readonly #postings: ByteWriter;
  readonly #blocks: number[] = [];
  readonly #entry = emptyEntry();
  #terms = 0;
  #last = new Uint8Array(64);
  #lastLength = 0;
  #postingsStart = 0;

  /**
   * @param kind of the analyser.
   * @param ordinals of the documents, ascending.
   * @param lengths different words of each document, by measured field: all of the first field, then all of the second …
   * @param expectedBytes of the segment, for room to begin with.
   */
  constructor(kind: number, ordinals: Uint32Array, lengths: Uint16Array, expectedBytes: number) {
    this.#dictionary = new ByteWriter(expectedBytes >>> 2);
    this.#postings = new ByteWriter(expectedBytes);
    this.#kind = kind;
    this.#ordinals = ordinals;
    this.#lengths = lengths;
  }

  /** Postings of the term that {@link addTerm} will name: the documents' places in the segment, ascending. */
  addPostings(field: number, ids: Uint32Array, frequencies: Uint16Array, from: number, to: number): void {
    this.#entry.counts[field] = to - from;
    if (field === TIME_FIELD) encodeRuns(this.#postings, ids, from, to);
    else encodePostings(this.#postings, ids, frequencies, from, to);
  }

  /** Names the term whose postings were added, by field; terms come in ascending order. */
  addTerm(bytes: Uint8Array, start: number, length: number): void {
    let shared = 0;
    if (this.#terms % BLOCK_TERMS === 0) this.#blocks.push(this.#dictionary.length, this.#postingsStart);
    else {
      const most = Math.min(length, this.#lastLength);
      while (shared < most && bytes[start + shared] === this.#last[shared]) shared += 1;
    }
    this.#dictionary.varint(shared);
    this.#dictionary.varint(length - shared);
    this.#dictionary.copy(bytes, start + shared, start + length);
    this.#entry.postingsBytes = this.#postings.length - this.#postingsStart;
    writeEntry(this.#dictionary, this.#entry);
    for (let field = 0; field < FIELD_COUNT; field += 1) this.#entry.counts[field] = 0;
    this.#postingsStart = this.#postings.length;
    this.#terms += 1;
    this.#remember(bytes, start, length);
  }

  finish(): Uint8Array {
    const documents = this.#ordinals.length;
    const shape = {
      documents,
      terms: this.#terms,
      dictionaryBytes: this.#dictionary.length,
      postingsBytes: this.#postings.length,
    };
    const layout = layoutOf(shape);
    const bytes = new Uint8Array(layout.total);
    const { buffer } = bytes;
    new Uint32Array(buffer, 0, HEADER_BYTES / 4).set([
      SEGMENT_MAGIC,
      SEGMENT_VERSION + TEXT_VERSION * 0x10000,
      this.#kind,
      layout.total,
      documents,
      shape.terms,
      shape.dictionaryBytes,
      shape.postingsBytes,
    ]);
    new Uint32Array(buffer, layout.ordinals, documents).set(this.#ordinals);
    new Uint32Array(buffer, layout.blocks, this.#blocks.length).set(this.#blocks);
    new Uint16Array(buffer, layout.lengths, MEASURED_FIELDS * documents).set(this.#lengths);
    bytes.set(this.#dictionary.written, layout.dictionary);
    bytes.set(this.#postings.written, layout.postings);
    new DataView(buffer).setInt32(layout.crc, crc32.buf(bytes.subarray(0, layout.crc)), true);
    return bytes;
  }

  #remember(bytes: Uint8Array, start: number, length: number): void {
    if (length > this.#last.length) this.#last = new Uint8Array(length * 2);
    for (let i = 0; i < length; i += 1) this.#last[i] = bytes[start + i] as number;
    this.#lastLength = length;
  }
}

/** A count as it is stored: the largest stands for all above. */
export function cappedCount(count: number): number {
  return Math.min(count, MAX_COUNT);
}

/** The sorted terms of a segment: found by binary search over blocks, read one after the other in a cursor. */

import { partitionPoint } from '../partition-point.ts';
import { type ByteWriter, VarintReader } from './bytes.ts';
import { BLOCK_TERMS, FIELD_COUNT } from './segment-format.ts';

/** The dictionary of one segment, in place in its bytes. */
export interface Dictionary {
  readonly bytes: Uint8Array;
  readonly terms: number;
  /** Of each block, where its terms and where its postings begin, in bytes of the segment's two parts. */
  readonly blocks: Uint32Array;
  /** Where the two parts begin. */
  readonly dictionaryStart: number;
  readonly postingsStart: number;
}

/** Where a term's postings lie: the lists of the fields follow one another. */
export interface TermEntry {
  /** Documents with the term, by field, removed ones included. */
  readonly counts: Uint32Array;
  postings: number;
  postingsBytes: number;
}

export function emptyEntry(): TermEntry {
  return { counts: new Uint32Array(FIELD_COUNT), postings: 0, postingsBytes: 0 };
}

/** Walks over all terms in order. */
export class TermCursor {
  readonly entry = emptyEntry();
  /** The present term is the first `length` of these bytes. */
  term = new Uint8Array(64);
  length = 0;
  /** Bytes it shares with the one before, as stored. */
  shared = 0;
  /** Whether it has gone past the last term. */
  isAtEnd = false;
  readonly #dictionary: Dictionary;
  readonly #reader: VarintReader;
  #index: number;

  /** @param block before whose first term it stands. Default: the first. */
  constructor(dictionary: Dictionary, block = 0) {
    const { bytes, blocks, dictionaryStart, postingsStart } = dictionary;
    this.#dictionary = dictionary;
    this.#reader = new VarintReader(bytes);
    this.#reader.at = dictionaryStart + (blocks[2 * block] ?? 0);
    this.entry.postings = postingsStart + (blocks[2 * block + 1] ?? 0);
    this.#index = block * BLOCK_TERMS - 1;
  }

  /** Where the cursor stands in the bytes: behind the present term's entry. */
  get at(): number {
    return this.#reader.at;
  }

  /** Goes to the next term; false behind the last. */
  next(): boolean {
    const { bytes, terms } = this.#dictionary;
    this.#index += 1;
    if (this.#index >= terms) {
      this.isAtEnd = true;
      return false;
    }
    this.shared = this.#reader.next();
    const length = this.#reader.next();
    this.length = this.shared + length;
    // Damaged bytes must not make it ask for gigabytes: whoever checks them sees the position behind the end.
    if (this.length > bytes.length) this.length = this.shared = 0;
    this.#reserve();
    for (let i = this.shared, from = this.#reader.at; i < this.length; i += 1)
      this.term[i] = bytes[from++] as number;
    this.#reader.at += length;
    this.entry.postings += this.entry.postingsBytes;
    readEntry(this.#reader, this.entry);
    return true;
  }

  #reserve(): void {
    if (this.length <= this.term.length) return;
    const grown = new Uint8Array(Math.max(this.length, this.term.length * 2));
    grown.set(this.term);
    this.term = grown;
  }
}

/** The block that has a term, or the terms that come after it; −1 where all come after it. */
export function blockOf({ bytes, blocks, dictionaryStart }: Dictionary, term: Uint8Array): number {
  const reader = new VarintReader(bytes);
  const next = partitionPoint(blocks.length / 2, (block) => {
    reader.at = dictionaryStart + (blocks[2 * block] as number) + 1;
    const length = reader.next();
    return compareTerms(bytes, reader.at, length, term, 0, term.length) <= 0;
  });
  return next - 1;
}

/** Finds a term and fills in its entry; false where the dictionary has no such term. */
export function findTerm(dictionary: Dictionary, term: Uint8Array, entry: TermEntry): boolean {
  const { bytes, terms, blocks, dictionaryStart, postingsStart } = dictionary;
  const block = blockOf(dictionary, term);
  if (block < 0) return false;
  const reader = new VarintReader(bytes);
  reader.at = dictionaryStart + (blocks[2 * block] as number);
  entry.postings = postingsStart + (blocks[2 * block + 1] as number);
  return findInBlock(reader, bytes, term, Math.min(BLOCK_TERMS, terms - block * BLOCK_TERMS), entry);
}

/** Looks through a block, comparing only what a term does not share with the one before. */
function findInBlock(
  reader: VarintReader,
  bytes: Uint8Array,
  term: Uint8Array,
  count: number,
  entry: TermEntry,
): boolean {
  // How much of the term looked for the last one, which is smaller, begins with.
  let common = 0;
  for (let i = 0; i < count; i += 1) {
    const shared = reader.next();
    const length = reader.next();
    const suffix = reader.at;
    reader.at += length;
    readEntry(reader, entry);
    if (shared < common) return false;
    if (shared === common) {
      let same = 0;
      while (same < length && common + same < term.length && bytes[suffix + same] === term[common + same])
        same += 1;
      common += same;
      if (common === term.length) return same === length;
      if (same < length && (bytes[suffix + same] as number) > (term[common] as number)) return false;
    }
    entry.postings += entry.postingsBytes;
  }
  return false;
}

/** Reads what follows a term: most terms are in the content only, which takes one number. */
function readEntry(reader: VarintReader, entry: TermEntry): void {
  const { counts } = entry;
  const head = reader.next();
  const isElsewhere = (head & 1) === 1;
  counts[0] = head >>> 1;
  for (let field = 1; field < FIELD_COUNT; field += 1) counts[field] = isElsewhere ? reader.next() : 0;
  entry.postingsBytes = reader.next();
}

/** Writes what {@link readEntry} reads. */
export function writeEntry(writer: ByteWriter, { counts, postingsBytes }: TermEntry): void {
  let elsewhere = 0;
  for (let field = 1; field < FIELD_COUNT; field += 1) elsewhere += counts[field] as number;
  writer.varint((counts[0] as number) * 2 + (elsewhere > 0 ? 1 : 0));
  if (elsewhere > 0)
    for (let field = 1; field < FIELD_COUNT; field += 1) writer.varint(counts[field] as number);
  writer.varint(postingsBytes);
}

/** The order of terms: by their bytes, which is the order of their code points; a beginning comes before the whole. */
export function compareTerms(
  a: Uint8Array,
  aStart: number,
  aLength: number,
  b: Uint8Array,
  bStart: number,
  bLength: number,
): number {
  const shorter = Math.min(aLength, bLength);
  for (let i = 0; i < shorter; i += 1) {
    const difference = (a[aStart + i] as number) - (b[bStart + i] as number);
    if (difference !== 0) return difference;
  }
  return aLength - bLength;
}

/** How a segment's bytes are laid out: docs/text-index.md has the table. */

import { LociError } from '../errors.ts';

/** The fields of a document, in the order in which their postings lie and their scores are added. */
export const FIELDS = ['content', 'speaker', 'tags', 'time'] as const;
export const FIELD_COUNT = FIELDS.length;
/** The words of a memory's time: every memory has as many, so that their number is not kept. */
export const TIME_FIELD = 3;
/** The fields before it, of which each document's different words are counted. */
export const MEASURED_FIELDS = TIME_FIELD;

/** "LWRD", read as a little-endian number: a machine of the other byte order takes it for no segment. */
export const SEGMENT_MAGIC = 0x4452574c;
/**
 * 1: sorted terms in blocks, postings by field.
 * 2: the kind of the analyser in the header; the field of time, whose postings are runs.
 */
export const SEGMENT_VERSION = 2;
export const HEADER_BYTES = 32;
export const CRC_BYTES = 4;
/** Terms of a block of the dictionary: the first is written whole, the others by what they share with the one before. */
export const BLOCK_TERMS = 16;
/** Largest number of a field's words, and of a term's occurrences in it, that is told from a larger one. */
export const MAX_COUNT = 0xffff;

/** The counts that decide a segment's layout. */
export interface SegmentShape {
  readonly documents: number;
  readonly terms: number;
  readonly dictionaryBytes: number;
  readonly postingsBytes: number;
}

/** Where the parts of a segment begin, bytes. */
export interface SegmentLayout {
  readonly ordinals: number;
  readonly blocks: number;
  readonly lengths: number;
  readonly dictionary: number;
  readonly postings: number;
  readonly crc: number;
  readonly total: number;
}

export function layoutOf({ documents, terms, dictionaryBytes, postingsBytes }: SegmentShape): SegmentLayout {
  const ordinals = HEADER_BYTES;
  const blocks = ordinals + 4 * documents;
  const lengths = blocks + 8 * Math.ceil(terms / BLOCK_TERMS);
  const dictionary = lengths + 2 * MEASURED_FIELDS * documents;
  const postings = dictionary + dictionaryBytes;
  const crc = postings + postingsBytes;
  return { ordinals, blocks, lengths, dictionary, postings, crc, total: crc + CRC_BYTES };
}

/** The error for a segment that cannot be used, which names the part. */
export function corruptSegment(part: string, facts: Readonly<Record<string, unknown>> = {}): LociError {
  return new LociError('STORAGE_CORRUPT', `A segment of the word index is unusable: wrong ${part}`, {
    hint: 'Index the contents of these memories anew: the segment holds nothing that they do not.',
    details: { part, ...facts },
  });
}

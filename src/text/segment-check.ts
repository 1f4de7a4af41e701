/** Opens a stored segment: checks its bytes, its tables and its terms. */

import crc32 from 'crc-32';
import { LociError } from '../errors.ts';
import { compareTerms, TermCursor } from './dictionary.ts';
import { Segment } from './segment.ts';
import {
  BLOCK_TERMS,
  CRC_BYTES,
  corruptSegment,
  HEADER_BYTES,
  layoutOf,
  SEGMENT_MAGIC,
  SEGMENT_VERSION,
  TIME_FIELD,
} from './segment-format.ts';
import { TEXT_VERSION } from './terms.ts';

/**
 * The segment of stored bytes, which it keeps unless they are a part of a larger buffer.
 *
 * @param kind of the analyser whose terms are looked for.
 * @param isKnown whether the bytes are known by a checksum to be what was written: only their versions are looked at.
 *
 * @throws LociError `STORAGE_CORRUPT` with the part in `details.part`, of which 'version', 'text version' and
 * 'language' say that the words were made otherwise than they are now; `NEWER_FORMAT`.
 */
export function openSegment(stored: Uint8Array, kind: number, isKnown = false): Segment {
  const bytes = stored.byteLength === stored.buffer.byteLength ? stored : new Uint8Array(stored);
  checkEnvelope(bytes, kind, isKnown);
  const segment = new Segment(bytes);
  if (isKnown) return segment;
  checkOrdinals(segment);
  checkTerms(segment);
  return segment;
}

/** The checksum comes before the versions: a flipped version is damage, not a newer format. */
function checkEnvelope(bytes: Uint8Array, kind: number, isKnown: boolean): void {
  const sizeBytes = bytes.length;
  if (sizeBytes < HEADER_BYTES + CRC_BYTES) throw corruptSegment('length', { sizeBytes });
  const header = new Uint32Array(bytes.buffer, bytes.byteOffset, HEADER_BYTES / 4);
  const [magic = 0, versions = 0, found = 0, total] = header;
  const [, , , , documents = 0, terms = 0, dictionaryBytes = 0, postingsBytes = 0] = header;
  if (magic !== SEGMENT_MAGIC) throw corruptSegment('magic number', { found: magic });
  // Of a version before, which has the length elsewhere, only the checksum tells that it is whole.
  const isThisVersion = (versions & 0xffff) === SEGMENT_VERSION;
  if (isThisVersion && total !== sizeBytes)
    throw corruptSegment('length', { expectedBytes: total, sizeBytes });
  if (!isKnown) checkChecksum(bytes);
  checkVersions(versions & 0xffff, versions >>> 16);
  if (found !== kind) throw corruptSegment('language', { kind: found, expected: kind });
  const expectedBytes = layoutOf({ documents, terms, dictionaryBytes, postingsBytes }).total;
  if (expectedBytes !== sizeBytes || documents === 0)
    throw corruptSegment('tables', { expectedBytes, sizeBytes, documents });
}

function checkChecksum(bytes: Uint8Array): void {
  const sizeBytes = bytes.length;
  const crc = sizeBytes - CRC_BYTES;
  const stored = new DataView(bytes.buffer, bytes.byteOffset).getInt32(crc, true);
  const computed = crc32.buf(bytes.subarray(0, crc));
  if (stored !== computed) throw corruptSegment('checksum', { stored, computed, sizeBytes });
}

function checkVersions(version: number, textVersion: number): void {
  if (version > SEGMENT_VERSION)
    throw new LociError('NEWER_FORMAT', `The segment has version ${version}, newer than ${SEGMENT_VERSION}`, {
      hint: 'A newer version of this application wrote it: update this one.',
      details: { version, newest: SEGMENT_VERSION },
    });
  if (version !== SEGMENT_VERSION) throw corruptSegment('version', { version });
  if (textVersion !== TEXT_VERSION)
    throw corruptSegment('text version', { version: textVersion, expected: TEXT_VERSION });
}

function checkOrdinals({ ordinals }: Segment): void {
  for (let id = 1; id < ordinals.length; id += 1)
    if ((ordinals[id] as number) <= (ordinals[id - 1] as number)) throw corruptSegment('ordinals', { id });
}

/**
 * Reads all terms: in order, within their part, with postings that follow one another and with nothing left
 * over. The postings themselves are read where they are searched, and then within these bounds.
 */
function checkTerms(segment: Segment): void {
  const { blocks, dictionaryStart, postingsStart } = segment;
  const cursor = new TermCursor(segment);
  const previous = { bytes: new Uint8Array(64), length: 0 };
  let postings = postingsStart;
  for (let index = 0; index < segment.terms; index += 1) {
    const at = cursor.at;
    const block = Math.floor(index / BLOCK_TERMS);
    const isHead = index % BLOCK_TERMS === 0;
    if (
      isHead &&
      (blocks[2 * block] !== at - dictionaryStart || blocks[2 * block + 1] !== postings - postingsStart)
    )
      throw corruptSegment('tables', { block });
    cursor.next();
    if (cursor.at > postingsStart || !isAfter(cursor, previous, isHead))
      throw corruptSegment('tables', { term: index });
    postings = checkPostings(segment, cursor);
    remember(previous, cursor);
  }
  if (cursor.at !== postingsStart || postings !== segment.bytes.length - CRC_BYTES)
    throw corruptSegment('tables', { terms: segment.terms });
}

interface Term {
  bytes: Uint8Array;
  length: number;
}

/** Whether the cursor's term comes after the previous one, and shares with it what it says. */
function isAfter({ term, length, shared }: TermCursor, previous: Term, isHead: boolean): boolean {
  if (isHead) return shared === 0 && compareTerms(previous.bytes, 0, previous.length, term, 0, length) < 0;
  if (shared > previous.length || length === shared) return false;
  return shared === previous.length || (term[shared] as number) > (previous.bytes[shared] as number);
}

function remember(previous: Term, { term, length, shared }: TermCursor): void {
  if (length > previous.bytes.length) {
    const grown = new Uint8Array(length * 2);
    grown.set(previous.bytes.subarray(0, shared));
    previous.bytes = grown;
  }
  for (let i = shared; i < length; i += 1) previous.bytes[i] = term[i] as number;
  previous.length = length;
}

/** Where the term's postings end: at least a byte each but those of a time, of no more documents than there are. */
function checkPostings({ documents }: Segment, { entry }: TermCursor): number {
  let total = 0;
  entry.counts.forEach((count, field) => {
    if (count > documents) throw corruptSegment('postings', { count });
    // Of a time a byte at least is of all.
    total += field === TIME_FIELD ? Math.min(count, 1) : count;
  });
  if (total === 0 || total > entry.postingsBytes) throw corruptSegment('postings', { total });
  return entry.postings + entry.postingsBytes;
}

/** Postings: which documents of a segment have a term in a field, and how often. */

import { type ByteWriter, MAX_VARINT_BYTES, VarintReader } from './bytes.ts';
import { corruptSegment } from './segment-format.ts';

/** Room for the postings of one list, filled by {@link decodePostings} and taken again for the next. */
export class PostingList {
  ids = new Uint32Array(256);
  frequencies = new Uint16Array(256);

  /** Makes room for so many; what was in it is lost. */
  reserve(count: number): void {
    if (count <= this.ids.length) return;
    const capacity = Math.max(count, this.ids.length * 2);
    this.ids = new Uint32Array(capacity);
    this.frequencies = new Uint16Array(capacity);
  }

  get byteLength(): number {
    return this.ids.byteLength + this.frequencies.byteLength;
  }
}

/**
 * Writes documents in ascending order: each as twice the number of documents skipped since the last, plus
 * one where the term occurs more than once; then that frequency less two.
 */
export function encodePostings(
  writer: ByteWriter,
  ids: Uint32Array,
  frequencies: Uint16Array,
  from: number,
  to: number,
): void {
  writer.reserve((to - from) * 2 * MAX_VARINT_BYTES);
  const { bytes } = writer;
  let at = writer.length;
  let last = -1;
  for (let i = from; i < to; i += 1) {
    const id = ids[i] as number;
    const frequency = frequencies[i] as number;
    let code = (id - last - 1) * 2 + (frequency > 1 ? 1 : 0);
    last = id;
    while (code > 127) {
      bytes[at++] = (code & 127) | 128;
      code >>>= 7;
    }
    bytes[at++] = code;
    if (frequency < 2) continue;
    let more = frequency - 2;
    while (more > 127) {
      bytes[at++] = (more & 127) | 128;
      more >>>= 7;
    }
    bytes[at++] = more;
  }
  writer.length = at;
}

/**
 * Reads `count` postings into a list that has room for them; returns where they end.
 *
 * @throws LociError `STORAGE_CORRUPT` if they are of more documents than there are.
 */
export function decodePostings(
  bytes: Uint8Array,
  start: number,
  count: number,
  documents: number,
  list: PostingList,
): number {
  const { ids, frequencies } = list;
  let at = start;
  let id = -1;
  for (let i = 0; i < count; i += 1) {
    let code = bytes[at++] as number;
    if (code > 127) {
      let shift = 7;
      let byte = code;
      code &= 127;
      do {
        byte = bytes[at++] as number;
        code |= (byte & 127) << shift;
        shift += 7;
      } while (byte > 127 && shift < 35);
      code >>>= 0;
    }
    id += (code >>> 1) + 1;
    ids[i] = id;
    let frequency = 1;
    if ((code & 1) === 1) {
      frequency = bytes[at++] as number;
      if (frequency > 127) {
        let shift = 7;
        let byte = frequency;
        frequency &= 127;
        do {
          byte = bytes[at++] as number;
          frequency |= (byte & 127) << shift;
          shift += 7;
        } while (byte > 127 && shift < 35);
      }
      frequency += 2;
    }
    frequencies[i] = frequency;
  }
  // They ascend: all are of documents that there are if the last is.
  if (id >= documents) throw corruptSegment('postings', { at: start });
  return at;
}

/**
 * Writes documents in ascending order as runs of neighbours, where frequencies tell nothing: each run as twice the
 * number of documents skipped since the last, plus one where it is of more than one; then its length less two.
 */
export function encodeRuns(writer: ByteWriter, ids: Uint32Array, from: number, to: number): void {
  let last = -1;
  for (let i = from; i < to; ) {
    const first = ids[i] as number;
    let length = 1;
    while (i + length < to && ids[i + length] === first + length) length += 1;
    writer.varint((first - last - 1) * 2 + (length > 1 ? 1 : 0));
    if (length > 1) writer.varint(length - 2);
    last = first + length - 1;
    i += length;
  }
}

/**
 * Reads the runs of `count` documents into a list that has room for them; returns where they end.
 *
 * @throws LociError `STORAGE_CORRUPT` if they are of more documents than there are, or of others than `count`.
 */
export function decodeRuns(
  bytes: Uint8Array,
  start: number,
  count: number,
  documents: number,
  list: PostingList,
): number {
  const { ids, frequencies } = list;
  const reader = new VarintReader(bytes);
  reader.at = start;
  let next = 0;
  for (let i = 0; i < count; ) {
    const code = reader.next();
    next += code >>> 1;
    const length = (code & 1) === 1 ? reader.next() + 2 : 1;
    if (i + length > count || next + length > documents) throw corruptSegment('postings', { at: start });
    for (const end = i + length; i < end; i += 1) ids[i] = next++;
  }
  frequencies.fill(1, 0, count);
  return reader.at;
}

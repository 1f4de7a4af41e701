/** Postings: which documents of a segment have a term in a field, and how often. */

import type { ByteWriter } from './bytes.ts';

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
  let last = -1;
  for (let i = from; i < to; i += 1) {
    const id = ids[i] as number;
    const frequency = frequencies[i] as number;
    const isRepeated = frequency > 1;
    writer.varint((id - last - 1) * 2 + (isRepeated ? 1 : 0));
    if (isRepeated) writer.varint(frequency - 2);
    last = id;
  }
}

/** Reads `count` postings into a list that has room for them; returns where they end. */
export function decodePostings(bytes: Uint8Array, start: number, count: number, list: PostingList): number {
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
  return at;
}

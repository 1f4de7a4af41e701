/** Turns documents with their terms into a segment, in which terms have their documents. */

import { FIELD_COUNT, MEASURED_FIELDS } from './segment-format.ts';
import { SegmentWriter } from './segment-writer.ts';
import { sortTerms } from './sort-terms.ts';

/** Bits of a posting's key that name the field; those above name the term. */
export const FIELD_BITS = 2;
const KEYS_PER_TERM = 1 << FIELD_BITS;
export const FIELD_MASK = KEYS_PER_TERM - 1;

/** What a posting takes with its share of the tables and terms, bytes; roughly, in small segments. */
const POSTING_BYTES = 4;

/** A document as the buffer has it. */
export interface BufferedDocument {
  readonly ordinal: number;
  /** Different words, by field. */
  readonly lengths: readonly number[];
  /** Key (term and field) and frequency in turns. */
  readonly postings: Uint32Array;
}

/**
 * The segment's bytes of documents in ascending order of their ordinals, with the terms that they have.
 *
 * @param kind of the analyser that made the terms.
 */
export function invert(
  kind: number,
  documents: readonly BufferedDocument[],
  terms: readonly string[],
): Uint8Array {
  const count = documents.length;
  const lengths = new Uint16Array(MEASURED_FIELDS * count);
  documents.forEach((document, id) => {
    for (let field = 0; field < MEASURED_FIELDS; field += 1)
      lengths[field * count + id] = document.lengths[field] as number;
  });
  const { ids, frequencies, ends } = gather(documents, terms.length);
  const ordinals = Uint32Array.from(documents, ({ ordinal }) => ordinal);
  const writer = new SegmentWriter(kind, ordinals, lengths, ids.length * POSTING_BYTES);
  const { bytes, starts, lengths: termBytes, order } = sortTerms(terms);
  for (const number of order) {
    let total = 0;
    for (let field = 0; field < FIELD_COUNT; field += 1) {
      const key = number * KEYS_PER_TERM + field;
      const from = key === 0 ? 0 : (ends[key - 1] as number);
      const to = ends[key] as number;
      if (from < to) writer.addPostings(field, ids, frequencies, from, to);
      total += to - from;
    }
    if (total > 0) writer.addTerm(bytes, starts[number] as number, termBytes[number] as number);
  }
  return writer.finish();
}

/** All postings in the order of their keys (a counting sort); `ends` says where each key's end. */
function gather(documents: readonly BufferedDocument[], terms: number) {
  const places = new Uint32Array(terms * KEYS_PER_TERM + 1);
  for (const { postings } of documents) {
    for (let i = 0; i < postings.length; i += 2) {
      const next = (postings[i] as number) + 1;
      places[next] = (places[next] as number) + 1;
    }
  }
  for (let key = 1; key < places.length; key += 1)
    places[key] = (places[key] as number) + (places[key - 1] as number);
  const total = places[places.length - 1] as number;
  const ids = new Uint32Array(total);
  const frequencies = new Uint16Array(total);
  documents.forEach(({ postings }, id) => {
    for (let i = 0; i < postings.length; i += 2) {
      const key = postings[i] as number;
      const place = places[key] as number;
      places[key] = place + 1;
      ids[place] = id;
      frequencies[place] = postings[i + 1] as number;
    }
  });
  // Each key's beginning has moved to its end.
  return { ids, frequencies, ends: places };
}

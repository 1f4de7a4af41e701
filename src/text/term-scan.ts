/** Walks over a part of a dictionary as fast as its bytes can be read, passing over terms that begin as others did. */

import type { Dictionary } from './dictionary.ts';
import { BLOCK_TERMS, FIELD_COUNT } from './segment-format.ts';

/**
 * Looks at a term, which is the first `length` bytes, and the documents that have it in the content.
 *
 * @returns how many first bytes a term must share with this one to be passed over, 0 for the end of the walk.
 */
export type LookAt = (term: Uint8Array, length: number, documents: number) => number;

/** @param block where the walk begins. */
export function scanTerms(
  { bytes, terms, blocks, dictionaryStart }: Dictionary,
  block: number,
  look: LookAt,
): void {
  let at = dictionaryStart + (blocks[2 * block] ?? 0);
  let term = new Uint8Array(64);
  let passed = Number.POSITIVE_INFINITY;
  const varint = (): number => {
    let byte = bytes[at++] as number;
    if (!(byte > 127)) return byte | 0;
    let value = byte & 127;
    for (let shift = 7; byte > 127 && shift < 35; shift += 7) {
      byte = bytes[at++] as number;
      value |= (byte & 127) << shift;
    }
    return value >>> 0;
  };
  for (let index = block * BLOCK_TERMS; index < terms; index += 1) {
    const shared = varint();
    const suffix = varint();
    const start = at;
    at += suffix;
    const head = varint();
    let others = 0;
    // The counts of the other fields, where there are any; then the bytes of the postings.
    if ((head & 1) === 1)
      for (let field = 1; field < FIELD_COUNT; field += 1) others = Math.max(others, varint());
    varint();
    if (shared >= passed) continue;
    const length = shared + suffix;
    if (length > bytes.length) return;
    if (length > term.length) {
      const grown = new Uint8Array(length * 2);
      grown.set(term);
      term = grown;
    }
    for (let i = 0; i < suffix; i += 1) term[shared + i] = bytes[start + i] as number;
    passed = look(term, length, Math.max(head >>> 1, others));
    if (passed === 0) return;
  }
}

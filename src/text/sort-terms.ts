/** Brings terms into the order that segments have them in. */

import { compareTerms } from './dictionary.ts';

/** Terms as UTF-8, one behind the other, and their numbers in the order of their bytes. */
export interface SortedTerms {
  readonly bytes: Uint8Array;
  /** Where each term begins, by its number. */
  readonly starts: Uint32Array;
  readonly lengths: Uint32Array;
  readonly order: Uint32Array;
}

/** No letter or digit, and no byte of one. */
const SEPARATOR = '\n';
const SEPARATOR_BYTE = 10;
/** Most terms, as a power of two: a number and four bytes of a term fit into the 53 bits of a double. */
const MAX_TERMS = 2 ** 20;

/**
 * Sorts by the first four bytes, as numbers with the terms' own numbers behind them, and only terms that agree in
 * these by all bytes.
 *
 * @param terms words of letters and digits, 2²⁰ at most.
 */
export function sortTerms(terms: readonly string[]): SortedTerms {
  const bytes = new TextEncoder().encode(terms.join(SEPARATOR));
  const starts = new Uint32Array(terms.length);
  const lengths = new Uint32Array(terms.length);
  const keys = new Float64Array(terms.length);
  let at = 0;
  for (let number = 0; number < terms.length; number += 1) {
    const start = at;
    while (at < bytes.length && bytes[at] !== SEPARATOR_BYTE) at += 1;
    starts[number] = start;
    lengths[number] = at - start;
    keys[number] = prefixOf(bytes, start, at) * MAX_TERMS + number;
    at += 1;
  }
  keys.sort();
  const order = Uint32Array.from(keys, (key) => key % MAX_TERMS);
  const compare = (a: number, b: number) =>
    compareTerms(
      bytes,
      starts[a] as number,
      lengths[a] as number,
      bytes,
      starts[b] as number,
      lengths[b] as number,
    );
  for (let from = 0; from < order.length; ) {
    const prefix = Math.floor((keys[from] as number) / MAX_TERMS);
    let to = from + 1;
    while (to < order.length && Math.floor((keys[to] as number) / MAX_TERMS) === prefix) to += 1;
    if (to - from > 1) order.subarray(from, to).sort(compare);
    from = to;
  }
  return { bytes, starts, lengths, order };
}

/** The first four bytes as a number, zeros behind a shorter term. */
function prefixOf(bytes: Uint8Array, start: number, end: number): number {
  let prefix = 0;
  for (let i = start; i < start + 4; i += 1) prefix = prefix * 256 + (i < end ? (bytes[i] as number) : 0);
  return prefix;
}

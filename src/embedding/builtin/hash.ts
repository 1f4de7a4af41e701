/** The hash by which words and parts of words are known: the table holds no text. */

/** The state before the first character. */
export const HASH_START = 0x811c9dc5;
/** Between the two words of a pair; no character of a word. */
const PAIR = 0x20;

/** FNV-1a over UTF-16 code units, one at a time. */
export function hashUnit(state: number, unit: number): number {
  return Math.imul(state ^ unit, 0x01000193);
}

/** The hash of a state, 32 bits unsigned: mixed, since the low bits of FNV-1a alone are weak. */
export function finishHash(state: number): number {
  let hash = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** The hash of a part of a text. */
export function hashRange(text: string, from: number, to: number): number {
  let state = HASH_START;
  for (let at = from; at < to; at++) state = hashUnit(state, text.charCodeAt(at));
  return finishHash(state);
}

/** The hash of two words that follow one another, out of their own. */
export function hashPair(first: number, second: number): number {
  let state = hashUnit(HASH_START, PAIR);
  for (const hash of [first, second]) {
    state = hashUnit(state, hash & 0xffff);
    state = hashUnit(state, hash >>> 16);
  }
  return finishHash(state);
}

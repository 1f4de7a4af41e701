/** Parts of an unknown word: its n-grams between marks of its beginning and end, by hash. */

import { finishHash, HASH_START, hashUnit } from './hash.ts';

const SHORTEST = 3;
const LONGEST = 5;
/** Marks of the beginning and end of a word: no characters of one. */
const BEGINNING = 0x3c;
const END = 0x3e;
/** Longer words are judged by their beginning: they are no words. */
const LONGEST_WORD = 40;

/** Calls `visit` with the hash of each n-gram of a part of a folded text. */
export function scanNgrams(text: string, from: number, to: number, visit: (hash: number) => void): void {
  const length = Math.min(to - from, LONGEST_WORD);
  const unitAt = (at: number) => (at < 0 ? BEGINNING : at >= length ? END : text.charCodeAt(from + at));
  for (let first = -1; first <= length + 1 - SHORTEST; first++) {
    let state = HASH_START;
    for (let size = 1; size <= LONGEST && first + size <= length + 1; size++) {
      state = hashUnit(state, unitAt(first + size - 1));
      if (size >= SHORTEST) visit(finishHash(state));
    }
  }
}

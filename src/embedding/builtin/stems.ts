/** The word that an unknown one may be a form of: by its ending, where what is left is a known word. */

import { finishHash, HASH_START, hashUnit } from './hash.ts';

/** Endings that change a word's meaning little, the longer before those that they end in. */
const ENDINGS = ['ness', 'ing', 'est', 'es', 'ed', 'ly', 's'] as const;
const SHORTEST_STEM = 3;
/** Longer words are no words. */
const LONGEST_FORM = 40;
const E = 0x65;
const I = 0x69;
const Y = 0x79;

/**
 * The row of the word that a part of a folded text is a form of, or −1. Behind the ending an `e` may have been
 * dropped, a letter doubled, or a `y` become an `i`.
 *
 * @example
 * rowOfStem('studied', 0, 7, rowOf); // the row of `study`, where it has one
 */
export function rowOfStem(text: string, from: number, to: number, rowOf: (hash: number) => number): number {
  if (to - from > LONGEST_FORM) return -1;
  for (const ending of ENDINGS) {
    const end = to - ending.length;
    if (end - from < SHORTEST_STEM || !text.startsWith(ending, end)) continue;
    const whole = stateOf(text, from, end);
    const last = text.charCodeAt(end - 1);
    const cut = stateOf(text, from, end - 1);
    const isDoubled = last === text.charCodeAt(end - 2) && end - from > SHORTEST_STEM;
    const states = [
      whole,
      hashUnit(whole, E),
      ...(last === I ? [hashUnit(cut, Y)] : []),
      ...(isDoubled ? [cut] : []),
    ];
    for (const state of states) {
      const row = rowOf(finishHash(state));
      if (row !== -1) return row;
    }
  }
  return -1;
}

function stateOf(text: string, from: number, to: number): number {
  let state = HASH_START;
  for (let at = from; at < to; at++) state = hashUnit(state, text.charCodeAt(at));
  return state;
}

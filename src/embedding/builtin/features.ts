/** What of a text is summed up: rows of the table with their weights. Training and encoder share it. */

import { hashPair, hashRange } from './hash.ts';
import { scanNgrams } from './ngrams.ts';
import { rowOfStem } from './stems.ts';
import { apostropheIn, isNumber, scanWords } from './words.ts';

/** Which rows there are. */
export interface FeatureSpace {
  /** The row of a word or a pair of words by its hash, or −1. */
  rowOf(hash: number): number;
  /** The row of the first bucket of n-grams. */
  readonly firstBucket: number;
  readonly buckets: number;
  readonly hasPairs: boolean;
}

/** Weight of a stem beside n-grams, and of these: two parts that count little more than one. */
const SHARE_OF_TWO = Math.SQRT1_2;

type Visit = (row: number, weight: number) => void;

/** Calls `visit` with each row that a folded text is made of, and its weight. */
export function scanFeatures(text: string, space: FeatureSpace, visit: Visit): void {
  let before = -1;
  scanWords(text, (from, to) => {
    const hash = hashRange(text, from, to);
    const row = space.rowOf(hash);
    if (row === -1) scanParts(text, from, to, space, visit);
    else visit(row, 1);
    if (space.hasPairs && before !== -1) {
      const pair = space.rowOf(hashPair(before, hash));
      if (pair !== -1) visit(pair, 1);
    }
    before = hash;
  });
}

/**
 * The rows of an unknown word: of what an apostrophe parts, of the digits of a number, of n-grams and of the word that
 * it is a form of. Weights fall with the root of the number of parts, so that a long word counts little more than a
 * short one.
 */
export function scanParts(text: string, from: number, to: number, space: FeatureSpace, visit: Visit): void {
  const apostrophe = apostropheIn(text, from, to);
  if (apostrophe !== -1) {
    scanWord(text, from, apostrophe, space, visit);
    scanWord(text, apostrophe + 1, to, space, visit);
  } else if (isNumber(text, from, to)) {
    const weight = 1 / Math.sqrt(to - from);
    for (let at = from; at < to; at++) visit(space.rowOf(hashRange(text, at, at + 1)), weight);
  } else {
    const stem = rowOfStem(text, from, to, space.rowOf);
    if (stem !== -1) visit(stem, SHARE_OF_TWO);
    let count = 0;
    scanNgrams(text, from, to, () => count++);
    const weight = (stem === -1 ? 1 : SHARE_OF_TWO) / Math.sqrt(count);
    scanNgrams(text, from, to, (hash) => visit(space.firstBucket + (hash % space.buckets), weight));
  }
}

function scanWord(text: string, from: number, to: number, space: FeatureSpace, visit: Visit): void {
  const row = space.rowOf(hashRange(text, from, to));
  if (row === -1) scanParts(text, from, to, space, visit);
  else visit(row, 1);
}

/** Terms that an unknown word may have been meant for: it is their beginning, or they differ from it by a letter or two. */

import { NEAR_SCAN_TERMS, NEAR_TERMS } from '../limits.ts';
import { blockOf, TermCursor } from './dictionary.ts';
import type { Segment } from './segment.ts';

/** A term and what it counts, 0–1: less than the word itself would. */
export interface NearTerm {
  readonly term: string;
  readonly weight: number;
  /** Documents that have it, about. */
  readonly documents: number;
}

/** What a term counts of which the word is the beginning, and how fast that falls with the letters it has more. */
const PREFIX_WEIGHT = 0.6;
const PREFIX_FALL = 0.3;
/** What a term counts that differs by one letter, and by two. */
const EDIT_WEIGHTS = [0, 0.5, 0.3] as const;
/** Shortest word that is taken for a beginning, letters. */
const MIN_PREFIX = 3;
/** Shortest words that may have one wrong letter, and two: of shorter ones too many others are near. */
const MIN_CHARS_FOR_EDITS = [0, 4, 8] as const;
/** A term that is decoded counts as so many that are not. */
const DECODING_COST = 4;
/** Numbers and names with digits are themselves or others. */
const HAS_DIGIT = /\p{N}/u;

/**
 * The nearest terms, the nearest first and of equally near ones those that more documents have. Their first letter
 * is the word's: only that part of each dictionary is looked at.
 */
export function nearTerms(
  word: string,
  segments: readonly Segment[],
  buffered: readonly string[],
): readonly NearTerm[] {
  const letters = codePoints(word);
  if (letters.length < MIN_PREFIX || HAS_DIGIT.test(word)) return [];
  const found = new Map<string, { term: string; weight: number; documents: number }>();
  const offer = (term: string, weight: number, documents: number) => {
    const known = found.get(term);
    if (known === undefined) found.set(term, { term, weight, documents });
    else known.documents += documents;
  };
  const first = String.fromCodePoint(letters[0] as number);
  for (const term of buffered) {
    if (!term.startsWith(first)) continue;
    const weight = weightOf(letters, codePoints(term));
    if (weight > 0) offer(term, weight, 1);
  }
  scanSegments(segments, letters, first, offer);
  return choose([...found.values()]);
}

/** Those that differ by two letters are left out where others are nearer. */
function choose(found: readonly NearTerm[]): readonly NearTerm[] {
  const most = Math.max(0, ...found.map(({ weight }) => weight));
  return found
    .filter(({ weight }) => weight > EDIT_WEIGHTS[2] || most <= EDIT_WEIGHTS[2])
    .sort((a, b) => b.weight - a.weight || b.documents - a.documents || (a.term < b.term ? -1 : 1))
    .slice(0, NEAR_TERMS);
}

/** Walks over the terms with the first letter. Those of other scripts than ASCII have to be decoded, at some cost. */
function scanSegments(
  segments: readonly Segment[],
  letters: readonly number[],
  first: string,
  offer: (term: string, weight: number, documents: number) => void,
): void {
  const prefix = new TextEncoder().encode(first);
  const decoder = new TextDecoder();
  const isPlain = letters.every((letter) => letter < 0x80);
  let left = isPlain ? NEAR_SCAN_TERMS : NEAR_SCAN_TERMS / DECODING_COST;
  for (const segment of segments) {
    const cursor = new TermCursor(segment, Math.max(0, blockOf(segment, prefix)));
    while (left > 0 && cursor.next()) {
      const order = comparePrefix(cursor, prefix);
      if (order < 0) continue;
      if (order > 0) break;
      left -= 1;
      const text = isPlain ? undefined : decoder.decode(cursor.term.subarray(0, cursor.length));
      const weight =
        text === undefined
          ? weightOf(letters, cursor.term, cursor.length)
          : weightOf(letters, codePoints(text));
      if (weight === 0) continue;
      const term = text ?? decoder.decode(cursor.term.subarray(0, cursor.length));
      offer(term, weight, Math.max(...cursor.entry.counts));
    }
  }
}

/** Below 0 where the cursor's term comes before all with the prefix, above 0 where it comes after them. */
function comparePrefix({ term, length }: TermCursor, prefix: Uint8Array): number {
  for (let i = 0; i < prefix.length; i += 1) {
    if (i >= length) return -1;
    const difference = (term[i] as number) - (prefix[i] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** What a term counts for a word; 0 where it is not near, or the word itself. */
function weightOf(word: readonly number[], term: ArrayLike<number>, length = term.length): number {
  let same = 0;
  while (same < word.length && same < length && word[same] === term[same]) same += 1;
  if (same === word.length) {
    const more = length - word.length;
    return more === 0 ? 0 : (PREFIX_WEIGHT * word.length) / (word.length + PREFIX_FALL * more);
  }
  for (let edits = 1; edits < EDIT_WEIGHTS.length; edits += 1) {
    if (word.length < (MIN_CHARS_FOR_EDITS[edits] as number)) break;
    if (isWithin({ word, term, length }, same, same, edits)) return EDIT_WEIGHTS[edits] as number;
  }
  return 0;
}

/** Whether what follows two places becomes the same by so many letters left out, put in, replaced or swapped. */
function isWithin(
  pair: { word: readonly number[]; term: ArrayLike<number>; length: number },
  i: number,
  j: number,
  edits: number,
): boolean {
  const { word, term, length } = pair;
  const [left, right] = [word.length - i, length - j];
  if (Math.abs(left - right) > edits) return false;
  let at = 0;
  while (at < left && at < right && word[i + at] === term[j + at]) at += 1;
  if (at === left || at === right) return Math.abs(left - right) <= edits;
  if (edits === 0) return false;
  const [a, b] = [i + at, j + at];
  const isSwapped = word[a] === term[b + 1] && word[a + 1] === term[b];
  return (
    isWithin(pair, a + 1, b + 1, edits - 1) ||
    isWithin(pair, a + 1, b, edits - 1) ||
    isWithin(pair, a, b + 1, edits - 1) ||
    (isSwapped && isWithin(pair, a + 2, b + 2, edits - 1))
  );
}

function codePoints(text: string): readonly number[] {
  return Array.from(text, (letter) => letter.codePointAt(0) as number);
}

/** Terms that an unknown word may have been meant for: it is their beginning, or they differ from it by a letter or two. */

import { NEAR_CHECKED, NEAR_SCAN_TERMS, NEAR_TERMS } from '../limits.ts';
import { blockOf } from './dictionary.ts';
import type { Segment } from './segment.ts';
import { scanTerms } from './term-scan.ts';

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
 *
 * @param live keeps those that a document has which is not removed. Default: all of them.
 */
export function nearTerms(
  word: string,
  segments: readonly Segment[],
  buffered: readonly string[],
  live: (terms: readonly NearTerm[]) => readonly NearTerm[] = (terms) => terms,
): readonly NearTerm[] {
  const letters = codePoints(word);
  if (letters.length < MIN_PREFIX || HAS_DIGIT.test(word)) return [];
  const found = new Map<string, { term: string; weight: number; documents: number }>();
  const offer = (term: string, weight: number, documents: number) => {
    const known = found.get(term);
    if (known === undefined) found.set(term, { term, weight, documents });
    else known.documents += documents;
  };
  const nearness = new Nearness(letters);
  const first = String.fromCodePoint(letters[0] as number);
  for (const term of buffered) {
    if (!term.startsWith(first)) continue;
    const weight = nearness.weightOf(codePoints(term));
    if (weight > 0) offer(term, weight, 1);
  }
  scanSegments(segments, nearness, first, offer);
  return choose(live([...found.values()].sort(compare).slice(0, NEAR_CHECKED)));
}

function compare(a: NearTerm, b: NearTerm): number {
  return b.weight - a.weight || b.documents - a.documents || (a.term < b.term ? -1 : 1);
}

/** Those that differ by two letters are left out where others are nearer. */
function choose(sorted: readonly NearTerm[]): readonly NearTerm[] {
  const most = sorted[0]?.weight ?? 0;
  return sorted
    .filter(({ weight }) => weight > EDIT_WEIGHTS[2] || most <= EDIT_WEIGHTS[2])
    .slice(0, NEAR_TERMS);
}

/** Walks over the terms with the first letter. Those of other scripts than ASCII have to be decoded, at some cost. */
function scanSegments(
  segments: readonly Segment[],
  nearness: Nearness,
  first: string,
  offer: (term: string, weight: number, documents: number) => void,
): void {
  const prefix = new TextEncoder().encode(first);
  const decoder = new TextDecoder();
  let left = nearness.isPlain ? NEAR_SCAN_TERMS : NEAR_SCAN_TERMS / DECODING_COST;
  for (const segment of segments)
    scanTerms(segment, Math.max(0, blockOf(segment, prefix)), (bytes, length, documents) => {
      const order = comparePrefix(bytes, length, prefix);
      if (order > 0 || left <= 0) return 0;
      if (order < 0) return Number.POSITIVE_INFINITY;
      left -= 1;
      const text = nearness.isPlain ? undefined : decoder.decode(bytes.subarray(0, length));
      const weight = nearness.weightOf(
        text === undefined ? bytes : codePoints(text),
        text ? undefined : length,
      );
      if (weight > 0) offer(text ?? decoder.decode(bytes.subarray(0, length)), weight, documents);
      return nearness.isPlain ? nearness.seen : Number.POSITIVE_INFINITY;
    });
}

/** Below 0 where a term comes before all with the prefix, above 0 where it comes after them. */
function comparePrefix(term: Uint8Array, length: number, prefix: Uint8Array): number {
  for (let i = 0; i < prefix.length; i += 1) {
    if (i >= length) return -1;
    const difference = (term[i] as number) - (prefix[i] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** How near terms are to a word. */
class Nearness {
  readonly #word: readonly number[];
  readonly #edits: number;
  #term: ArrayLike<number> = [];
  #length = 0;
  /** Whether letters and bytes are the same. */
  readonly isPlain: boolean;
  /** How many letters of the last term decided what it counts: what shares them, and is not near, is not near either. */
  seen = 0;

  constructor(word: readonly number[]) {
    this.#word = word;
    this.#edits = MIN_CHARS_FOR_EDITS.findLastIndex((least) => word.length >= least);
    this.isPlain = word.every((letter) => letter < 0x80);
  }

  /** What a term counts for the word; 0 where it is not near, or the word itself. */
  weightOf(term: ArrayLike<number>, length = term.length): number {
    const word = this.#word;
    this.#term = term;
    this.#length = length;
    let same = 0;
    while (same < word.length && same < length && word[same] === term[same]) same += 1;
    if (same === word.length || same === length) {
      // What begins as the word does has to be looked at, whatever it shares.
      this.seen = Number.POSITIVE_INFINITY;
      const more = length - word.length;
      if (more > 0) return (PREFIX_WEIGHT * word.length) / (word.length + PREFIX_FALL * more);
    } else this.seen = same + 1;
    // Two wrong letters come behind the second: without that, far more terms would have to be looked at.
    const edits = same < 2 ? Math.min(this.#edits, 1) : this.#edits;
    if (edits === 0 || !this.#isWithin(same, same, edits)) return 0;
    const isNearer = edits > 1 && this.#isWithin(same, same, edits - 1);
    const weight = length === same && same === word.length ? 0 : EDIT_WEIGHTS[isNearer ? edits - 1 : edits];
    if (weight !== 0) this.seen = Number.POSITIVE_INFINITY;
    return weight as number;
  }

  /** Whether what follows two places becomes the same by so many letters left out, put in, replaced or swapped. */
  #isWithin(i: number, j: number, edits: number): boolean {
    const word = this.#word;
    const term = this.#term;
    let [a, b] = [i, j];
    while (a < word.length && b < this.#length && word[a] === term[b]) {
      a += 1;
      b += 1;
    }
    if (a === word.length) {
      if (this.#length - b <= edits) return true;
      this.#see(b + edits + 1);
      return false;
    }
    this.#see(b + 1);
    if (b === this.#length) return word.length - a <= edits;
    if (edits === 0) return false;
    this.#see(b + 2);
    const isSwapped = b + 1 < this.#length && word[a] === term[b + 1] && word[a + 1] === term[b];
    return (
      this.#isWithin(a + 1, b + 1, edits - 1) ||
      this.#isWithin(a + 1, b, edits - 1) ||
      this.#isWithin(a, b + 1, edits - 1) ||
      (isSwapped && this.#isWithin(a + 2, b + 2, edits - 1))
    );
  }

  #see(letters: number): void {
    if (letters > this.seen) this.seen = letters;
  }
}

function codePoints(text: string): readonly number[] {
  return Array.from(text, (letter) => letter.codePointAt(0) as number);
}

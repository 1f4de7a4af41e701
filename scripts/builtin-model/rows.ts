/** Which words and pairs of words get a row of their own, and what all other words are made of. */

import { type FeatureSpace, scanParts } from '../../src/embedding/builtin/features.ts';
import { hashPair, hashRange } from '../../src/embedding/builtin/hash.ts';
import { rowOfStem } from '../../src/embedding/builtin/stems.ts';
import type { Corpus } from './corpus.ts';

/** Rank of a vocabulary's word at which it weighs as much as this many sightings among the sentences. */
const VOCABULARY_WEIGHT = 60_000;
const VOCABULARY_RANK = 1_000;
/** What a sighting counts that is written with a capital: it is mostly of a name, which says little. */
const CAPITAL_SHARE = 0.25;
/** Sightings, all with a capital, from which on a word of the vocabulary is taken for a name. */
const NAME_SIGHTINGS = 2;
/** What a sighting counts of a word with a digit in it: its digits say as much of it. */
const DIGITS_SHARE = 0.1;
/** What a form keeps of its score where the word it is a form of may have a row, and what that gets of it. */
const FORM_SHARE = 0.4;
const STEM_SHARE = 0.5;
const DIGITS = '0123456789';

export interface RowCounts {
  readonly words: number;
  readonly pairs: number;
  readonly buckets: number;
}

/** The rows that a word stands for. */
export interface Parts {
  readonly rows: readonly number[];
  readonly weights: readonly number[];
}

export interface Rows extends FeatureSpace {
  readonly count: number;
  /** Hashes of the rows that have one, in their order, which is ascending. */
  readonly hashes: Uint32Array;
  /** Of every word of the corpus: its hash, its row or −1, and the rows of its parts. */
  readonly wordHashes: Uint32Array;
  readonly wordRows: Int32Array;
  readonly parts: readonly Parts[];
}

export function hashWord(word: string): number {
  return hashRange(word, 0, word.length);
}

/**
 * Gives rows to the words seen most often among the first `sentences` texts, those of the vocabulary counting as if
 * seen more often the further ahead they stand in it, names, numbers and forms of other words less; and to the pairs
 * of them seen most often.
 */
export function chooseRows(
  corpus: Corpus,
  sentences: number,
  vocabulary: readonly string[],
  counts: RowCounts,
): Rows {
  const wordHashes = Uint32Array.from(corpus.words, hashWord);
  const chosen = chooseWords(corpus, sentences, vocabulary, counts.words);
  const known = new Set(chosen.map((word) => wordHashes[word] ?? 0));
  for (const digit of DIGITS) known.add(hashWord(digit));
  const pairs = choosePairs(corpus, sentences, wordHashes, new Set(chosen), counts.pairs);
  const hashes = Uint32Array.from(new Set([...known, ...pairs])).sort();
  const rows = new Map([...hashes].map((hash, row) => [hash, row]));
  const space: FeatureSpace = {
    rowOf: (hash) => rows.get(hash) ?? -1,
    firstBucket: hashes.length,
    buckets: counts.buckets,
    hasPairs: counts.pairs > 0,
  };
  return {
    ...space,
    count: hashes.length + counts.buckets,
    hashes,
    wordHashes,
    wordRows: Int32Array.from(wordHashes, (hash) => space.rowOf(hash)),
    parts: corpus.words.map((word) => partsOf(word, space)),
  };
}

function chooseWords(
  corpus: Corpus,
  sentences: number,
  vocabulary: readonly string[],
  count: number,
): readonly number[] {
  const scores = scoreWords(corpus, sentences, vocabulary);
  const order = [...corpus.words.keys()].sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b);
  return order.slice(0, count);
}

/** How much each word is worth a row. */
function scoreWords(corpus: Corpus, sentences: number, vocabulary: readonly string[]): Float64Array {
  const seen = new Float64Array(corpus.words.length);
  const names = new Float64Array(corpus.words.length);
  for (let at = 0; at < (corpus.starts[sentences] ?? 0); at++) {
    const counts = corpus.capitals[at] === 1 ? names : seen;
    const word = corpus.tokens[at] as number;
    counts[word] = (counts[word] ?? 0) + 1;
  }
  const ranks = new Map(vocabulary.map((word, rank) => [word, rank]));
  const base = Float64Array.from(corpus.words, (word, number) => {
    const [plain, capital] = [seen[number] ?? 0, names[number] ?? 0];
    const rank = ranks.get(word);
    const prior = rank === undefined ? 0 : VOCABULARY_WEIGHT / (rank + VOCABULARY_RANK);
    const isName = plain === 0 && capital >= NAME_SIGHTINGS;
    const sightings = plain + CAPITAL_SHARE * capital + (isName ? CAPITAL_SHARE : 1) * prior;
    return /[0-9]/.test(word) ? DIGITS_SHARE * sightings : sightings;
  });
  return joinForms(corpus.words, base);
}

/** The scores of words and their forms, a part of which goes from these to those. */
function joinForms(words: readonly string[], base: Float64Array): Float64Array {
  const numbers = new Map(words.map((word, number) => [hashWord(word), number]));
  const scores = base.slice();
  for (const [number, word] of words.entries()) {
    const stem = rowOfStem(word, 0, word.length, (hash) => numbers.get(hash) ?? -1);
    // A stem that is hardly seen is none: a misspelling, or a name.
    if (stem === -1 || (base[stem] ?? 0) < FORM_SHARE * (base[number] ?? 0)) continue;
    scores[stem] = (scores[stem] ?? 0) + STEM_SHARE * (base[number] ?? 0);
    scores[number] = (scores[number] ?? 0) - (1 - FORM_SHARE) * (base[number] ?? 0);
  }
  return scores;
}

function choosePairs(
  corpus: Corpus,
  sentences: number,
  hashes: Uint32Array,
  known: ReadonlySet<number>,
  count: number,
): readonly number[] {
  if (count === 0) return [];
  const seen = new Map<number, number>();
  for (let text = 0; text < sentences; text++)
    for (let at = (corpus.starts[text] ?? 0) + 1; at < (corpus.starts[text + 1] ?? 0); at++) {
      const [first, second] = [corpus.tokens[at - 1] as number, corpus.tokens[at] as number];
      if (!known.has(first) || !known.has(second)) continue;
      const pair = hashPair(hashes[first] as number, hashes[second] as number);
      seen.set(pair, (seen.get(pair) ?? 0) + 1);
    }
  return [...seen]
    .sort(([a, x], [b, y]) => y - x || a - b)
    .slice(0, count)
    .map(([pair]) => pair);
}

function partsOf(word: string, space: FeatureSpace): Parts {
  const rows: number[] = [];
  const weights: number[] = [];
  scanParts(word, 0, word.length, space, (row, weight) => {
    rows.push(row);
    weights.push(weight);
  });
  return { rows, weights };
}

/**
 * The built-in embedder: feature hashing of words and their character n-grams. It needs no network
 * and no model, and it is no model: texts are near when they share words or parts of words.
 *
 * Source: Weinberger et al., "Feature Hashing for Large Scale Multitask Learning" (2009).
 */

import { tokenize } from '../text/tokenize.ts';
import type { Embedder } from './embedder.ts';
import { FUNCTION_WORDS } from './function-words.ts';

const DIMENSIONS = 384;
/** Raised with every change of its numbers: vectors of another version are of another space. */
const ID = 'hashing-384-v1';
const SHORTEST_NGRAM = 3;
const LONGEST_NGRAM = 5;
/** Share of a word's weight that its n-grams have together: they bring forms of one word together. */
const NGRAM_SHARE = 0.5;
/** Weight of a word that is only grammar, beside 1 for any other. */
const FUNCTION_WORD_WEIGHT = 0.15;

/** Makes the embedder; every one answers the same. */
export function createHashingEmbedder(): Embedder {
  return {
    id: ID,
    space: ID,
    dimensions: DIMENSIONS,
    embed: async (texts) => texts.map(embedText),
    close: async () => undefined,
  };
}

function embedText(text: string): Float32Array {
  const counts = new Map<string, number>();
  for (const word of tokenize(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
  const vector = new Float32Array(DIMENSIONS);
  for (const [word, count] of counts) {
    // Sub-linear: a word said ten times is not ten times as telling.
    const weight = (1 + Math.log(count)) * (FUNCTION_WORDS.has(word) ? FUNCTION_WORD_WEIGHT : 1);
    addFeature(vector, word, weight);
    const ngrams = ngramsOf(word);
    for (const ngram of ngrams) addFeature(vector, ngram, (weight * NGRAM_SHARE) / Math.sqrt(ngrams.length));
  }
  return toUnitLength(vector);
}

/** The n-grams of a word between marks of its beginning and end. */
function ngramsOf(word: string): readonly string[] {
  const marked = [...`<${word}>`];
  const ngrams: string[] = [];
  for (let length = SHORTEST_NGRAM; length <= LONGEST_NGRAM; length++)
    for (let at = 0; at + length <= marked.length; at++) ngrams.push(marked.slice(at, at + length).join(''));
  return ngrams;
}

/** Adds a feature at the place and with the sign that its hash says. */
function addFeature(vector: Float32Array, feature: string, weight: number): void {
  const hash = fnv1a(feature);
  const place = (hash >>> 1) % DIMENSIONS;
  vector[place] = (vector[place] ?? 0) + (hash & 1 ? weight : -weight);
}

/** FNV-1a, 32 bits, over UTF-16 code units, with a final mix: its low bits alone are weak. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function toUnitLength(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector);
  // A text without a word has a direction of its own, near to nothing but its like.
  if (length === 0) vector[0] = 1;
  return length === 0 ? vector : vector.map((value) => value / length);
}

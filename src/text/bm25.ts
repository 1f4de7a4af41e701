/**
 * BM25+ over fields, with the parameters of MiniSearch 7: each field counts by itself, its length is the number
 * of its different words, and the sum is multiplied by the number of query terms found.
 * Lv, Zhai: Lower-bounding term frequency normalization (2011).
 */

import type { FIELDS } from './segment-format.ts';

/** How soon more occurrences count for little. */
const K1 = 1.2;
/** How much a text longer than the mean is held back, 0–1. */
const B = 0.7;
/** What one occurrence is worth in however long a text. */
const DELTA = 0.5;
/** Lengths whose norms are computed beforehand: nearly all texts are shorter. */
const TABLE_LENGTH = 512;

/** What a match in each field is worth. */
export const FIELD_WEIGHTS = {
  content: 1,
  speaker: 1,
  tags: 1,
  /** A time is shared by all that happened then: it is to lift what is found by words, and to find where none are. */
  time: 0.5,
} as const satisfies Record<(typeof FIELDS)[number], number>;

/** How rare a term is: `documents` is how many there are, `matching` how many of them have it in the field. */
export function inverseDocumentFrequency(documents: number, matching: number): number {
  return Math.log(1 + (documents - matching + 0.5) / (matching + 0.5));
}

/** What the occurrences of a term in a field are worth, before its rarity. */
export class Impacts {
  /** By length, what one occurrence is worth. */
  readonly ofOne = new Float64Array(TABLE_LENGTH);
  #meanLength = Number.NaN;

  /** @param meanLength of the field, over all documents. */
  setMeanLength(meanLength: number): void {
    if (meanLength === this.#meanLength) return;
    this.#meanLength = meanLength;
    for (let length = 0; length < TABLE_LENGTH; length += 1) this.ofOne[length] = this.of(1, length);
  }

  of(frequency: number, length: number): number {
    const relative = this.#meanLength > 0 ? length / this.#meanLength : 0;
    const norm = K1 * (1 - B + B * relative);
    return DELTA + (frequency * (K1 + 1)) / (frequency + norm);
  }
}

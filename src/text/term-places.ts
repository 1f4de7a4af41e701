/** Where the terms of the latest queries stand in the segments: finding one means to look through all dictionaries. */

import { LRUCache } from 'lru-cache';
import { TERMS_KEPT } from '../limits.ts';
import { emptyEntry } from './dictionary.ts';
import type { QueryTerm } from './query.ts';
import type { Segment } from './segment.ts';
import { FIELD_COUNT } from './segment-format.ts';

/** Numbers of a segment: where the postings begin, then documents by field, removed ones included. */
export const PLACE_NUMBERS = 1 + FIELD_COUNT;

/** Segments are immutable: what is kept holds for as long as there are the same. */
export class TermPlaces {
  readonly #places = new LRUCache<string, Uint32Array>({ max: TERMS_KEPT });
  readonly #entry = emptyEntry();
  #segments: readonly Segment[] = [];

  /** {@link PLACE_NUMBERS} for each segment, one after the other; zeros for one that has not the term. */
  find({ term, bytes }: Pick<QueryTerm, 'term' | 'bytes'>, segments: readonly Segment[]): Uint32Array {
    this.#forgetOther(segments);
    const known = this.#places.get(term);
    if (known !== undefined) return known;
    const places = new Uint32Array(segments.length * PLACE_NUMBERS);
    segments.forEach((segment, i) => {
      if (!segment.find(bytes, this.#entry)) return;
      places[i * PLACE_NUMBERS] = this.#entry.postings;
      places.set(this.#entry.counts, i * PLACE_NUMBERS + 1);
    });
    this.#places.set(term, places);
    return places;
  }

  #forgetOther(segments: readonly Segment[]): void {
    const before = this.#segments;
    if (before.length === segments.length && before.every((segment, i) => segment === segments[i])) return;
    this.#places.clear();
    this.#segments = segments;
  }
}

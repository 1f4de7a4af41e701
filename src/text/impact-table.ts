/** What each word of a query adds to the score of each of a few memories, as a table of numbers. */

import type { ScoredTerm } from './accumulator.ts';
import type { PostingList } from './postings.ts';
import { type Span, within } from './span.ts';

/** How the words of a query stand in given memories. */
export interface TermImpacts {
  /** The query's different words, those that are only grammar left out. */
  readonly terms: readonly string[];
  /** How rare each is among all memories, 0 or more: counted in the field in which most have it. */
  readonly idf: Float32Array;
  /**
   * What each adds to the BM25+ sum of each memory, its rarity and the field's weight included, 0 where the memory has it not:
   * `impacts[i * terms.length + t]` for the i-th ordinal and the t-th word. A search's score is the sum of a
   * memory's row times how many of them are above 0.
   */
  readonly impacts: Float32Array;
  /** Different words in the content of each memory; 0 for an ordinal that the index does not hold. */
  readonly lengths: Uint16Array;
}

/** Documents in which the table's memories are looked for. */
export interface TableSource {
  readonly fieldLengths: readonly Uint16Array[];
  /** The least and the greatest ordinal that it may hold. */
  readonly span: Span;
  /** The place of a document that is not removed; −1 where there is none. */
  placeOf(ordinal: number): number;
}

/** Collects the table from one source of documents after the other. */
export class ImpactTable {
  readonly impacts: Float32Array;
  readonly lengths: Uint16Array;
  readonly #ordinals: Uint32Array;
  readonly #terms: number;
  /** Of each document of the present source its row, plus one; zeros for the others. */
  readonly #rows: Uint32Array;
  /** Places of the present source that have a row. */
  #places: number[] = [];
  #source: TableSource | undefined;

  /** @param rows zeros, as many as the longest source has documents; they are zeros again after {@link leave}. */
  constructor(ordinals: Uint32Array, terms: number, rows: Uint32Array) {
    this.#ordinals = ordinals;
    this.#terms = terms;
    this.#rows = rows;
    this.impacts = new Float32Array(ordinals.length * terms);
    this.lengths = new Uint16Array(ordinals.length);
  }

  /** Turns to a source; false where it has none of the memories. */
  enter(source: TableSource): boolean {
    this.leave();
    this.#source = source;
    const { from, to } = within(this.#ordinals, source.span);
    for (let row = from; row < to; row += 1) {
      const place = source.placeOf(this.#ordinals[row] as number);
      if (place < 0) continue;
      this.#places.push(place);
      this.#rows[place] = row + 1;
      this.lengths[row] = source.fieldLengths[0]?.[place] as number;
    }
    return this.#places.length > 0;
  }

  /** Ends with the present source. */
  leave(): void {
    for (const place of this.#places) this.#rows[place] = 0;
    this.#places = [];
  }

  /** Adds a term's worth to the memories of a list of the present source. */
  add({ ids, frequencies }: PostingList, count: number, { field, term, weight, impacts }: ScoredTerm): void {
    const lengths = this.#source?.fieldLengths[field] as Uint16Array;
    for (let i = 0; i < count; i += 1) {
      const id = ids[i] as number;
      const row = this.#rows[id] as number;
      if (row === 0) continue;
      const cell = (row - 1) * this.#terms + term;
      const impact = weight * impacts.of(frequencies[i] as number, lengths[id] as number);
      this.impacts[cell] = (this.impacts[cell] as number) + impact;
    }
  }
}

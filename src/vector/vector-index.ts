/** The VectorIndex port: nearest neighbours by cosine, and what an implementation must promise. */

import type { SearchEffort } from '../types.ts';
import type { Filter } from './filter.ts';

/** A row found, with its cosine to the query. */
export interface Neighbour {
  readonly ordinal: number;
  /** Cosine, −1 to 1; or the product, where an index was made for that. */
  readonly score: number;
}

export interface NearestOptions {
  /** Only members are found. Default: all. */
  readonly filter?: Filter | undefined;
  /** Width of a graph search, larger finds more and takes longer; under a filter an index may widen it. Ignored by exact indexes. */
  readonly ef?: number | undefined;
  /**
   * Of how many of the nearest that share is meant, at most `k`: those behind them are found as they come.
   * Default: all.
   */
  readonly recallAt?: number | undefined;
  /** Share of the true nearest to find on average, 1 for all; the index chooses what it takes. Ignored beside `ef`. */
  readonly recall?: number | undefined;
}

/**
 * An index of vectors by ordinal.
 *
 * What an implementation promises:
 * - `add` of an ordinal that is there replaces its vector; `remove` of one that is not answers false.
 * - A removed ordinal never comes back, and a replaced vector is never found under its old value.
 * - Under a filter no non-member ever appears, and recall stays ≥ .995 (exact below 20 % of the rows).
 * - Neighbours come best first, equal scores by ascending ordinal; equal input and equal plan give equal output.
 * - A vector with the wrong number of dimensions, NaN, infinity or length zero is refused with `INVALID_VECTOR` and changes nothing.
 */
export interface VectorIndex {
  /** Name for `status()` and `explain`. */
  readonly kind: string;
  readonly dimensions: number;
  /** Rows that can be found. */
  readonly size: number;
  /** Bytes held for the rows. */
  readonly memoryBytes: number;
  add(ordinal: number, vector: Float32Array): void;
  remove(ordinal: number): boolean;
  /** The `k` rows of largest cosine. */
  search(query: Float32Array, k: number, options?: NearestOptions): readonly Neighbour[];
  /** A row's vector again, a copy at unit length (as near as the index keeps it), where the implementation can; undefined where it has no such row. */
  vectorOf?(ordinal: number): Float32Array | undefined;
  /** The index as bytes, where the implementation can. */
  serialize?(): Uint8Array;
  /** Replaces all rows by serialised ones, where the implementation can. */
  load?(bytes: Uint8Array): void;
  /**
   * Takes over rows as they are stored (see `packed-vector.ts`), one after another, none of which it has; false
   * where it cannot, or not all of them: then they are to be added one by one.
   */
  takeRows?(rows: Uint8Array, count: number): boolean;
  /** What was built over the rows to search them faster, as bytes; undefined where there is nothing. */
  serializeGraph?(): Uint8Array | undefined;
  /** Takes over what `serializeGraph` gave of these rows or nearly these; says how that went. */
  loadGraph?(bytes: Uint8Array): 'loaded' | 'missing' | 'stale' | 'broken';
  /** How the last search was done, where the implementation tells. */
  readonly lastEffort?: SearchEffort | undefined;
  /**
   * Does background work for about so many milliseconds, such as building a graph; true while work is left.
   * Searches are right without it, and faster after it.
   */
  maintain?(budgetMs: number): boolean;
  /** Lets go of its memory; no call may follow. */
  close(): void;
}

/** Makes an empty index for vectors of so many dimensions. */
export type VectorIndexFactory = (dimensions: number) => Promise<VectorIndex>;

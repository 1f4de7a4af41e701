/** One vector index for each space: vectors of different spaces are never compared. */

import { isLociError, LociError } from '../errors.ts';
import { GRAPH_PIECE_BYTES, GRAPH_STORE_SHARE } from '../limits.ts';
import type { VectorMatch } from '../retrieval/meaning.ts';
import type { EmbeddingInfo, SearchEffort } from '../types.ts';
import { Bitset } from '../vector/bitset.ts';
import type { NearestOptions, VectorIndex, VectorIndexFactory } from '../vector/vector-index.ts';

export class VectorSpaces {
  readonly #create: VectorIndexFactory;
  readonly #indexes = new Map<string, VectorIndex>();
  readonly #unindexed = new Set<number>();
  /** Rows that have come or gone since a space's graph was stored. */
  readonly #changes = new Map<string, number>();
  readonly #preparing = new Map<string, Promise<VectorIndex>>();

  constructor(create: VectorIndexFactory) {
    this.#create = create;
  }

  get memoryBytes(): number {
    return [...this.#indexes.values()].reduce((sum, index) => sum + index.memoryBytes, 0);
  }

  /** The spaces that have vectors. */
  get names(): readonly string[] {
    return [...this.#indexes].filter(([, index]) => index.size > 0).map(([space]) => space);
  }

  /**
   * Makes the index of a space ready, so that `set` can be called without waiting. A space without vectors may
   * begin anew with another number of dimensions.
   *
   * @throws LociError `INVALID_VECTOR` where the space has another number of dimensions.
   */
  async prepare(space: string, dimensions: number): Promise<void> {
    this.#dropUnfit(space, dimensions);
    const index = this.#indexes.get(space) ?? (await this.#createOnce(space, dimensions));
    assertDimensions(space, index.dimensions, dimensions);
  }

  /**
   * Makes the indexes of all that will be set together ready.
   *
   * @throws LociError `INVALID_VECTOR` where a space has another number of dimensions, or would have two.
   */
  async prepareAll(wanted: readonly Pick<EmbeddingInfo, 'space' | 'dimensions'>[]): Promise<void> {
    const bySpace = new Map<string, number>();
    for (const { space, dimensions } of wanted) {
      assertDimensions(space, bySpace.get(space) ?? dimensions, dimensions);
      bySpace.set(space, dimensions);
    }
    for (const [space, dimensions] of bySpace) await this.prepare(space, dimensions);
  }

  /** Makes the index of a space ready; false where it has another number of dimensions. */
  async canPrepare(space: string, dimensions: number): Promise<boolean> {
    this.#dropUnfit(space, dimensions);
    const index = this.#indexes.get(space);
    if (index !== undefined) return index.dimensions === dimensions;
    await this.prepare(space, dimensions);
    return true;
  }

  set(ordinal: number, space: string, vector: Float32Array): void {
    const index = this.#indexes.get(space);
    if (index === undefined) throw new LociError('INTERNAL', `the index of ${space} was not prepared`);
    this.#unindexed.delete(ordinal);
    this.#noteChange(space);
    try {
      index.add(ordinal, vector);
    } catch (error) {
      // The memory is stored already: it is kept, found by its words, and counted.
      if (!isLociError(error) || error.code !== 'INDEX_FULL') throw error;
      index.remove(ordinal);
      this.#unindexed.add(ordinal);
    }
  }

  /** Takes over rows as they are stored; false where they are to be set one by one. */
  takeRows(space: string, rows: Uint8Array, count: number): boolean {
    try {
      return this.#indexes.get(space)?.takeRows?.(rows, count) === true;
    } catch (error) {
      if (!isLociError(error) || error.code !== 'INDEX_FULL') throw error;
      return false;
    }
  }

  /** A space's graph in pieces; none where there is no graph. */
  graphOf(space: string): readonly Uint8Array[] {
    const graph = this.#indexes.get(space)?.serializeGraph?.() ?? new Uint8Array();
    const count = Math.ceil(graph.byteLength / GRAPH_PIECE_BYTES);
    return Array.from({ length: count }, (_, i) =>
      graph.slice(i * GRAPH_PIECE_BYTES, (i + 1) * GRAPH_PIECE_BYTES),
    );
  }

  /** Takes over a stored graph; where it is of no use, another is built. */
  takeGraph(space: string, pieces: readonly Uint8Array[]): 'loaded' | 'missing' | 'stale' | 'broken' {
    const graph = new Uint8Array(pieces.reduce((sum, { byteLength }) => sum + byteLength, 0));
    let at = 0;
    for (const piece of pieces) {
      graph.set(piece, at);
      at += piece.byteLength;
    }
    // An index without graphs misses nothing.
    const state = this.#indexes.get(space)?.loadGraph?.(graph) ?? 'loaded';
    if (state !== 'loaded') this.setGraphDue(space);
    return state;
  }

  remove(ordinal: number, space: string): void {
    this.#unindexed.delete(ordinal);
    this.#noteChange(space);
    this.#indexes.get(space)?.remove(ordinal);
  }

  /** The spaces whose graph differs so much from the stored one that it is worth storing. */
  get graphsDue(): readonly string[] {
    return [...this.#indexes]
      .filter(([space, { size }]) => (this.#changes.get(space) ?? 0) > size * GRAPH_STORE_SHARE)
      .map(([space]) => space);
  }

  /** The graph of a space is stored as it is. */
  setGraphStored(space: string): void {
    this.#changes.set(space, 0);
  }

  /** The graph of a space could not be stored. */
  setGraphDue(space: string): void {
    this.#changes.set(space, Number.POSITIVE_INFINITY);
  }

  #noteChange(space: string): void {
    this.#changes.set(space, (this.#changes.get(space) ?? 0) + 1);
  }

  /** Memories whose vectors had no room in an index. */
  get unindexed(): number {
    return this.#unindexed.size;
  }

  /** @throws LociError `INVALID_VECTOR` where the query has another number of dimensions. */
  search(
    space: string,
    query: Float32Array,
    count: number,
    options: NearestOptions = {},
  ): readonly VectorMatch[] {
    const index = this.#indexes.get(space);
    if (index === undefined) return [];
    assertDimensions(space, index.dimensions, query.length);
    // Not spread: a search for a thousand looks at ten thousand of them.
    return index.search(query, count, options).map(({ ordinal, score }) => ({ ordinal, score, space }));
  }

  /** The cosines of rows that another arm found, those of them that are in the space. */
  scores(space: string, query: Float32Array, ordinals: readonly number[]): readonly VectorMatch[] {
    return ordinals.length === 0
      ? []
      : this.search(space, query, ordinals.length, { filter: Bitset.of(ordinals) });
  }

  /** A memory's vector as its index has it; undefined where the index cannot tell, or has none. */
  vectorOf(ordinal: number, space: string): Float32Array | undefined {
    return this.#indexes.get(space)?.vectorOf?.(ordinal);
  }

  /** How the last search in a space was done, where its index tells. */
  effort(space: string): SearchEffort | undefined {
    return this.#indexes.get(space)?.lastEffort;
  }

  /** Does background work of the indexes for about so many ms; true while work is left. */
  maintain(budgetMs: number): boolean {
    return [...this.#indexes.values()].some((index) => index.maintain?.(budgetMs) === true);
  }

  /** Frees the indexes that have no rows left: those of a model that was replaced. Not between `prepare` and `set`. */
  dropEmpty(): void {
    for (const [space, index] of this.#indexes) if (this.#isEmpty(index)) this.#drop(space, index);
  }

  /** Takes away the index of a space that is empty and was made for other vectors. */
  #dropUnfit(space: string, dimensions: number): void {
    const index = this.#indexes.get(space);
    if (index !== undefined && index.dimensions !== dimensions && this.#isEmpty(index))
      this.#drop(space, index);
  }

  /** An index that had no room for vectors may be empty and have some. */
  #isEmpty(index: VectorIndex): boolean {
    return index.size === 0 && this.#unindexed.size === 0;
  }

  #drop(space: string, index: VectorIndex): void {
    index.close();
    this.#indexes.delete(space);
    this.#changes.delete(space);
  }

  close(): void {
    for (const index of this.#indexes.values()) index.close();
    this.#indexes.clear();
  }

  async #createOnce(space: string, dimensions: number): Promise<VectorIndex> {
    const creating = this.#preparing.get(space) ?? this.#create(dimensions);
    this.#preparing.set(space, creating);
    try {
      const index = await creating;
      this.#indexes.set(space, index);
      return index;
    } finally {
      this.#preparing.delete(space);
    }
  }
}

function assertDimensions(space: string, expected: number, found: number): void {
  if (expected === found) return;
  throw new LociError('INVALID_VECTOR', `a vector of ${found} dimensions, where ${space} has ${expected}`, {
    hint: 'Give vectors of the same model, or name another space.',
  });
}

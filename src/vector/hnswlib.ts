/**
 * hnswlib-wasm behind the port: an HNSW graph for browsers. Its filter callback costs 30 ms at 1 %
 * and it cannot write but into its own file system, so filters are answered by an exact scan beside
 * it, and nothing is serialised.
 */

import type { HierarchicalNSW, HnswlibModule } from 'hnswlib-wasm';
import { LociError } from '../errors.ts';
import { createExactIndex } from './exact.ts';
import type { NearestOptions, Neighbour, VectorIndex } from './vector-index.ts';
import { normalize } from './vectors.ts';

/** Neighbours of a node; the field's usual value. */
const M = 16;
const EF_CONSTRUCTION = 200;
/** Width of a search that names none: recall ≥ .98 on real sentences at 100,000. */
const EF_SEARCH = 128;
const SEED = 100;
const FIRST_CAPACITY = 1_024;
/** Share of dead nodes at which the graph is built anew: they are walked and never found. */
const MAX_DEAD_SHARE = 0.5;

/** @throws LociError `INDEX_UNAVAILABLE` where the package is missing or cannot run (Node, the edge). */
export async function createHnswlibIndex(dimensions: number): Promise<VectorIndex> {
  try {
    const { loadHnswlib } = await import('hnswlib-wasm');
    return new HnswlibIndex(await loadHnswlib(), dimensions);
  } catch (cause) {
    throw new LociError('INDEX_UNAVAILABLE', 'hnswlib-wasm cannot be loaded here', {
      hint: 'Install hnswlib-wasm, and use it in a browser whose policy allows eval; or choose index: "exact".',
      cause,
    });
  }
}

class HnswlibIndex implements VectorIndex {
  readonly kind = 'hnswlib';
  readonly dimensions: number;
  readonly #module: HnswlibModule;
  /** Every vector, for filters and for building anew. */
  readonly #exact: VectorIndex;
  readonly #vectors = new Map<number, Float32Array>();
  #graph: HierarchicalNSW;
  #capacity = FIRST_CAPACITY;
  /** A label is used once, so that a replaced vector cannot come back under its old value. */
  #ordinalOfLabel: number[] = [];
  readonly #labelOfOrdinal = new Map<number, number>();

  constructor(module: HnswlibModule, dimensions: number) {
    this.#module = module;
    this.dimensions = dimensions;
    this.#exact = createExactIndex(dimensions);
    this.#graph = this.#newGraph();
  }

  get size(): number {
    return this.#exact.size;
  }

  get memoryBytes(): number {
    const node = 4 * this.dimensions + 4 * (2 * M + 2);
    return this.#exact.memoryBytes + this.size * 4 * this.dimensions + this.#capacity * node;
  }

  add(ordinal: number, vector: Float32Array): void {
    const unit = normalize(vector, this.dimensions);
    this.remove(ordinal);
    this.#exact.add(ordinal, unit);
    this.#vectors.set(ordinal, unit);
    this.#makeRoom();
    this.#insert(ordinal, unit);
  }

  remove(ordinal: number): boolean {
    const label = this.#labelOfOrdinal.get(ordinal);
    if (label === undefined) return false;
    this.#graph.markDelete(label);
    this.#labelOfOrdinal.delete(ordinal);
    this.#vectors.delete(ordinal);
    return this.#exact.remove(ordinal);
  }

  search(query: Float32Array, k: number, options: NearestOptions = {}): readonly Neighbour[] {
    const unit = normalize(query, this.dimensions);
    if (options.filter !== undefined) return this.#exact.search(unit, k, options);
    const count = Math.min(k, this.size);
    if (count === 0) return [];
    this.#graph.setEfSearch(Math.max(options.ef ?? EF_SEARCH, count));
    const { neighbors, distances } = this.#graph.searchKnn(unit, count, undefined);
    return neighbors
      .map((label, i) => ({ ordinal: this.#ordinalOfLabel[label] ?? -1, score: 1 - (distances[i] ?? 0) }))
      .filter(({ ordinal }) => this.#labelOfOrdinal.has(ordinal))
      .sort((a, b) => b.score - a.score || a.ordinal - b.ordinal);
  }

  close(): void {
    this.#exact.close();
    this.#vectors.clear();
    dispose(this.#graph);
  }

  #insert(ordinal: number, unit: Float32Array): void {
    const label = this.#ordinalOfLabel.push(ordinal) - 1;
    this.#labelOfOrdinal.set(ordinal, label);
    // Not `replaceDeleted`: it throws when the graph is full.
    this.#graph.addPoint(unit, label, false);
  }

  /** Room for one more, by a larger graph, or by a new one without the dead nodes. */
  #makeRoom(): void {
    if (this.#ordinalOfLabel.length < this.#capacity) return;
    const dead = this.#ordinalOfLabel.length - this.#labelOfOrdinal.size;
    if (dead > this.#capacity * MAX_DEAD_SHARE) {
      this.#rebuild();
      return;
    }
    this.#capacity *= 2;
    this.#graph.resizeIndex(this.#capacity);
  }

  #rebuild(): void {
    dispose(this.#graph);
    this.#graph = this.#newGraph();
    const living = [...this.#labelOfOrdinal.keys()];
    this.#ordinalOfLabel = [];
    this.#labelOfOrdinal.clear();
    for (const ordinal of living) {
      const vector = this.#vectors.get(ordinal);
      if (vector !== undefined) this.#insert(ordinal, vector);
    }
  }

  #newGraph(): HierarchicalNSW {
    // No file name: it would save itself into its file system.
    const graph = new this.#module.HierarchicalNSW('ip', this.dimensions, '');
    graph.initIndex(this.#capacity, M, EF_CONSTRUCTION, SEED);
    return graph;
  }
}

/** Embind objects live until they are told to go; the types do not say so. */
function dispose(graph: HierarchicalNSW): void {
  (graph as HierarchicalNSW & { delete?: () => void }).delete?.();
}

/**
 * hnswlib-wasm behind the port: an HNSW graph for browsers. It cannot write but into a file system of
 * its own, so nothing is serialised; its filter callback costs 30 ms at 1 %, so a filtered search asks
 * for more neighbours, or compares the members one by one where they are few.
 */

import type { HierarchicalNSW, HnswlibModule } from 'hnswlib-wasm';
import { LociError } from '../errors.ts';
import { Bitset } from './bitset.ts';
import { ExactIndex } from './exact.ts';
import { type Filter, isMember } from './filter.ts';
import type { NearestOptions, Neighbour, VectorIndex } from './vector-index.ts';
import { normalize } from './vectors.ts';

/** Neighbours of a node; the field's usual value. */
const M = 16;
const EF_CONSTRUCTION = 200;
/** Width of a search that names none: recall ≥ .98 on real sentences at 100,000. */
const EF_SEARCH = 128;
/** Width of a filtered search that names none: it must find beyond the nearest, and the port asks for more recall. */
const EF_FILTERED = 384;
const SEED = 100;
const FIRST_CAPACITY = 1_024;
/** Share of dead nodes at which a full graph is built anew: they are walked and never found. */
const MAX_DEAD_SHARE = 0.5;
/** Share of members below which a filtered search compares each: the port promises exactness there. */
const MIN_GRAPH_SHARE = 0.2;
/** Members below which comparing each is faster: 10,000 of 384 dimensions take as long as a filtered walk, 2.4 ms. */
const MIN_GRAPH_MEMBERS = 10_000;
/** Share of all rows from which on asking the graph for so many neighbours costs more than comparing all. */
const MAX_WIDTH_SHARE = 0.25;

/** @throws LociError `INDEX_UNAVAILABLE` where the package is missing or cannot run (Node, the edge). */
export async function createHnswlibIndex(dimensions: number): Promise<VectorIndex> {
  try {
    loading ??= loadModule();
    return new HnswlibIndex(await loading, dimensions);
  } catch (cause) {
    loading = undefined;
    throw new LociError('INDEX_UNAVAILABLE', 'hnswlib-wasm cannot be loaded here', {
      hint: 'Install hnswlib-wasm, and use it in a browser whose policy allows eval; or choose index: "exact".',
      cause,
    });
  }
}

let loading: Promise<HnswlibModule> | undefined;

/** Not by the package's `loadHnswlib`: that opens an IndexedDB database, and fails where there is none. */
async function loadModule(): Promise<HnswlibModule> {
  // @ts-expect-error: the package types its own loader only
  const module: { default: () => Promise<HnswlibModule> } = await import('hnswlib-wasm/lib/hnswlib.mjs');
  return module.default();
}

class HnswlibIndex implements VectorIndex {
  readonly kind = 'hnswlib';
  readonly dimensions: number;
  readonly #module: HnswlibModule;
  /** Every vector, for filters and for building anew. */
  readonly #exact: ExactIndex;
  readonly #members = new Bitset();
  #graph: HierarchicalNSW;
  #capacity = FIRST_CAPACITY;
  /** A label is used once, so that a replaced vector cannot come back under its old value. */
  #ordinalOfLabel: number[] = [];
  readonly #labelOfOrdinal = new Map<number, number>();

  constructor(module: HnswlibModule, dimensions: number) {
    this.#module = module;
    this.dimensions = dimensions;
    this.#exact = new ExactIndex(dimensions);
    this.#graph = this.#newGraph();
  }

  get size(): number {
    return this.#exact.size;
  }

  get memoryBytes(): number {
    const node = 4 * this.dimensions + 4 * (2 * M + 2);
    return this.#exact.memoryBytes + this.#capacity * node;
  }

  add(ordinal: number, vector: Float32Array): void {
    const unit = normalize(vector, this.dimensions);
    this.#makeRoom();
    this.remove(ordinal);
    this.#exact.add(ordinal, unit);
    this.#members.add(ordinal);
    this.#insert(ordinal, unit);
  }

  remove(ordinal: number): boolean {
    const label = this.#labelOfOrdinal.get(ordinal);
    if (label === undefined) return false;
    this.#graph.markDelete(label);
    this.#labelOfOrdinal.delete(ordinal);
    this.#members.delete(ordinal);
    return this.#exact.remove(ordinal);
  }

  vectorOf(ordinal: number): Float32Array | undefined {
    return this.#exact.vectorOf(ordinal);
  }

  search(query: Float32Array, k: number, options: NearestOptions = {}): readonly Neighbour[] {
    const unit = normalize(query, this.dimensions);
    const { filter, ef } = options;
    if (filter === undefined) {
      const found = this.#searchGraph(unit, Math.min(k, this.size), ef ?? EF_SEARCH);
      return found ?? this.#exact.search(unit, k);
    }
    const members = this.#membersOf(filter);
    return (
      this.#searchMembers(unit, k, members, ef ?? EF_FILTERED) ?? this.#exact.search(unit, k, { filter })
    );
  }

  close(): void {
    this.#exact.close();
    dispose(this.#graph);
  }

  /** A filter as one set. */
  #membersOf(filter: Filter): Bitset {
    if (filter instanceof Bitset) return filter;
    return Bitset.of([...this.#labelOfOrdinal.keys()].filter((ordinal) => isMember(filter, ordinal)));
  }

  /** Best first, or undefined where the graph does not bring as many as were asked for. */
  #searchGraph(unit: Float32Array, count: number, ef: number): readonly Neighbour[] | undefined {
    if (count <= 0) return [];
    this.#graph.setEfSearch(Math.max(ef, count));
    const { neighbors, distances } = this.#graph.searchKnn(unit, count, undefined);
    if (neighbors.length < count) return undefined;
    return neighbors
      .map((label, i) => ({ ordinal: this.#ordinalOfLabel[label] ?? -1, score: 1 - (distances[i] ?? 0) }))
      .sort((a, b) => b.score - a.score || a.ordinal - b.ordinal);
  }

  /** Widens the search until it has brought `k` members; undefined where comparing each is better. */
  #searchMembers(
    unit: Float32Array,
    k: number,
    filter: Bitset,
    ef: number,
  ): readonly Neighbour[] | undefined {
    const members = countCommon(filter, this.#members);
    const share = members / this.size;
    if (members < MIN_GRAPH_MEMBERS || share < MIN_GRAPH_SHARE) return undefined;
    for (let width = Math.ceil(k / share); width <= this.size * MAX_WIDTH_SHARE; width *= 2) {
      const found = this.#searchGraph(unit, width, Math.max(ef, 2 * width));
      const kept = found?.filter(({ ordinal }) => filter.has(ordinal));
      if (kept === undefined || kept.length >= k) return kept?.slice(0, k);
    }
    return undefined;
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
    this.#graph.resizeIndex(this.#capacity * 2);
    this.#capacity *= 2;
  }

  #rebuild(): void {
    dispose(this.#graph);
    this.#graph = this.#newGraph();
    const living = [...this.#labelOfOrdinal.keys()];
    this.#ordinalOfLabel = [];
    this.#labelOfOrdinal.clear();
    for (const ordinal of living) {
      const unit = this.#exact.vectorOf(ordinal);
      if (unit !== undefined) this.#insert(ordinal, unit);
    }
  }

  #newGraph(): HierarchicalNSW {
    // No file name: it would save itself into its file system.
    const graph = new this.#module.HierarchicalNSW('ip', this.dimensions, '');
    graph.initIndex(this.#capacity, M, EF_CONSTRUCTION, SEED);
    return graph;
  }
}

/** How many ordinals are in both. */
function countCommon(a: Bitset, b: Bitset): number {
  let count = 0;
  const words = Math.min(a.words.length, b.words.length);
  for (let word = 0; word < words; word++) count += bitsOf((a.words[word] ?? 0) & (b.words[word] ?? 0));
  return count;
}

/** The bits set in 32, counted side by side (Warren, "Hacker's Delight", 5–1). */
function bitsOf(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** Embind objects live until they are told to go; the types do not say so. */
function dispose(graph: HierarchicalNSW): void {
  (graph as HierarchicalNSW & { delete?: () => void }).delete?.();
}

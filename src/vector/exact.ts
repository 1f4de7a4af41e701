/** The exact index: every row is compared. The oracle of the tests, and right up to tens of thousands of rows. */

import { LociError } from '../errors.ts';
import { isMember } from './filter.ts';
import { NearestRows } from './nearest-rows.ts';
import type { NearestOptions, Neighbour, VectorIndex } from './vector-index.ts';
import { dot, normalize } from './vectors.ts';

/** Rows made room for at first; doubled when full. */
const FIRST_CAPACITY = 64;

/** @param dimensions of every vector. */
export function createExactIndex(dimensions: number): VectorIndex {
  return new ExactIndex(dimensions);
}

/** What {@link createExactIndex} makes; other indexes keep their vectors in one. */
export class ExactIndex implements VectorIndex {
  readonly kind = 'exact';
  readonly dimensions: number;
  /** Row after row without gaps: the last one takes the place of one removed. */
  #rows: Float32Array;
  #ordinals: number[] = [];
  #slots = new Map<number, number>();

  constructor(dimensions: number) {
    this.dimensions = dimensions;
    this.#rows = new Float32Array(FIRST_CAPACITY * dimensions);
  }

  get size(): number {
    return this.#ordinals.length;
  }

  get memoryBytes(): number {
    return this.#rows.byteLength;
  }

  add(ordinal: number, vector: Float32Array): void {
    const unit = normalize(vector, this.dimensions);
    const slot = this.#slots.get(ordinal) ?? this.#ordinals.length;
    if (slot === this.#ordinals.length) {
      this.#reserve(slot + 1);
      this.#ordinals.push(ordinal);
      this.#slots.set(ordinal, slot);
    }
    this.#rows.set(unit, slot * this.dimensions);
  }

  remove(ordinal: number): boolean {
    const slot = this.#slots.get(ordinal);
    const last = this.#ordinals.pop();
    if (slot === undefined || last === undefined) {
      if (last !== undefined) this.#ordinals.push(last);
      return false;
    }
    this.#slots.delete(ordinal);
    if (last !== ordinal) {
      const { dimensions } = this;
      const from = this.#ordinals.length * dimensions;
      this.#rows.copyWithin(slot * dimensions, from, from + dimensions);
      this.#ordinals[slot] = last;
      this.#slots.set(last, slot);
    }
    return true;
  }

  search(query: Float32Array, k: number, { filter }: NearestOptions = {}): readonly Neighbour[] {
    const unit = normalize(query, this.dimensions);
    const nearest = new NearestRows(k);
    for (let slot = 0; slot < this.#ordinals.length; slot++) {
      const ordinal = this.#ordinals[slot] ?? 0;
      if (filter === undefined || isMember(filter, ordinal))
        nearest.offer(ordinal, dot(unit, this.#rows, slot * this.dimensions));
    }
    return nearest.sorted();
  }

  /** The vector of a row at unit length, a copy. */
  vectorOf(ordinal: number): Float32Array | undefined {
    const slot = this.#slots.get(ordinal);
    return slot === undefined
      ? undefined
      : this.#rows.slice(slot * this.dimensions, (slot + 1) * this.dimensions);
  }

  /** Layout: dimensions and count as u32, the ordinals as u32, then the rows as f32, all little-endian on every platform that runs this. */
  serialize(): Uint8Array {
    const count = this.size;
    const rows = this.#rows.subarray(0, count * this.dimensions);
    const bytes = new Uint8Array(4 * (2 + count) + rows.byteLength);
    const header = new Uint32Array(bytes.buffer, 0, 2 + count);
    header.set([this.dimensions, count]);
    header.set(this.#ordinals, 2);
    new Float32Array(bytes.buffer, header.byteLength).set(rows);
    return bytes;
  }

  load(bytes: Uint8Array): void {
    const copy = bytes.slice();
    const header = copy.byteLength >= 8 ? new Uint32Array(copy.buffer, 0, 2) : undefined;
    const [dimensions = 0, count = 0] = header ?? [];
    if (dimensions !== this.dimensions || copy.byteLength !== 8 + count * (4 + 4 * dimensions))
      throw corrupt('are no index of these dimensions');
    const ordinals = [...new Uint32Array(copy.buffer, 8, count)];
    const slots = new Map(ordinals.map((ordinal, slot) => [ordinal, slot]));
    const rows = new Float32Array(copy.buffer.slice(8 + 4 * count));
    if (slots.size !== count) throw corrupt('name an ordinal twice');
    if (!rows.every(Number.isFinite)) throw corrupt('hold NaN or an infinite number');
    this.#ordinals = ordinals;
    this.#slots = slots;
    this.#rows = rows;
  }

  close(): void {
    this.#rows = new Float32Array(0);
    this.#ordinals = [];
    this.#slots.clear();
  }

  #reserve(count: number): void {
    const needed = count * this.dimensions;
    if (needed <= this.#rows.length) return;
    const grown = new Float32Array(Math.max(needed, this.#rows.length * 2));
    grown.set(this.#rows);
    this.#rows = grown;
  }
}

function corrupt(problem: string): LociError {
  return new LociError('STORAGE_CORRUPT', `the bytes ${problem}`, {
    hint: 'Build the index from its vectors.',
  });
}

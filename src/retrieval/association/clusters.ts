/** Groups of near vectors: spherical k-means, the same for the same input, in pieces that can be spread over time. */

import { dot } from '../../vector/vectors.ts';
import {
  CONCEPT_COHERENCE,
  CONCEPT_MERGE,
  CONCEPT_MIN_SIZE,
  CONCEPT_ROUNDS,
  MAX_CONCEPTS,
} from './weights.ts';

/** A group. */
export interface Cluster {
  /** The mean of its vectors, at unit length. */
  readonly centre: Float32Array;
  /** How many of the vectors are nearest to it. */
  readonly size: number;
  /** Mean cosine between two of them. */
  readonly coherence: number;
}

/** Vectors compared with all centres between two pauses. */
const VECTORS_PER_PIECE = 8;
/** Fraction of the golden ratio: its multiples are spread evenly over 0–1. */
const GOLDEN = 0.618_033_988_749_894_9;

/** How many groups are looked for among so many memories. */
export function clusterCount(memories: number): number {
  return Math.min(MAX_CONCEPTS, Math.ceil(Math.sqrt(memories)));
}

/**
 * Groups unit vectors (Dhillon & Modha 2001). First centres are chosen as k-means++ does, each far from those before,
 * by evenly spread numbers in place of chance. Groups that are too small or hold together too little are left out, and
 * those whose centres nearly coincide are joined.
 *
 * @param count groups looked for.
 * @returns a generator that can be left and resumed between its pieces; it ends with the groups, largest first.
 */
export function* cluster(
  vectors: readonly Float32Array[],
  count: number,
): Generator<undefined, readonly Cluster[]> {
  const dimensions = vectors[0]?.length ?? 0;
  if (vectors.length < CONCEPT_MIN_SIZE || count < 1) return [];
  let centres = yield* firstCentres(vectors, Math.min(count, vectors.length));
  const groups = new Int32Array(vectors.length).fill(-1);
  for (let round = 0; round < CONCEPT_ROUNDS; round++) {
    const moved = yield* assign(vectors, centres, groups);
    if (moved === 0) break;
    centres = sumsOf(vectors, groups, centres.length, dimensions).map((sum, i) =>
      normalized(sum, centres[i] as Float32Array),
    );
  }
  const sums = sumsOf(vectors, groups, centres.length, dimensions);
  const sizes = sums.map((_, group) => groups.reduce((size, each) => size + (each === group ? 1 : 0), 0));
  return joined(sums.map((sum, i) => ({ sum, size: sizes[i] ?? 0 })))
    .map(({ sum, size }) => toCluster(sum, size))
    .filter(({ size, coherence }) => size >= CONCEPT_MIN_SIZE && coherence >= CONCEPT_COHERENCE);
}

function* firstCentres(
  vectors: readonly Float32Array[],
  count: number,
): Generator<undefined, readonly Float32Array[]> {
  const mean = new Float32Array(vectors[0]?.length ?? 0);
  for (const vector of vectors) add(mean, vector);
  let chosen = indexOfMost(vectors.map((vector) => dot(vector, mean)));
  const centres = [vectors[chosen] as Float32Array];
  /** How far each vector is from the nearest centre. */
  const distances = new Float64Array(vectors.length).fill(2);
  while (centres.length < count) {
    const last = centres.at(-1) as Float32Array;
    let total = 0;
    for (let i = 0; i < vectors.length; i++) {
      if (i % (VECTORS_PER_PIECE * MAX_CONCEPTS) === 0) yield;
      const distance = Math.max(0, 1 - dot(vectors[i] as Float32Array, last));
      distances[i] = Math.min(distances[i] as number, distance);
      total += distances[i] as number;
    }
    // All that is left coincides with a centre.
    if (total < 1e-6) break;
    let rest = ((centres.length * GOLDEN) % 1) * total;
    chosen = distances.findIndex((distance) => {
      rest -= distance;
      return rest <= 0 && distance > 0;
    });
    if (chosen < 0) break;
    centres.push(vectors[chosen] as Float32Array);
  }
  return centres;
}

/** Gives each vector to its nearest centre; answers how many went to another than before. */
function* assign(
  vectors: readonly Float32Array[],
  centres: readonly Float32Array[],
  groups: Int32Array,
): Generator<undefined, number> {
  let moved = 0;
  for (let i = 0; i < vectors.length; i++) {
    if (i % VECTORS_PER_PIECE === 0) yield;
    const vector = vectors[i] as Float32Array;
    let best = 0;
    let most = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < centres.length; c++) {
      const cosine = dot(vector, centres[c] as Float32Array);
      if (cosine > most) [best, most] = [c, cosine];
    }
    if (groups[i] !== best) moved += 1;
    groups[i] = best;
  }
  return moved;
}

function sumsOf(
  vectors: readonly Float32Array[],
  groups: Int32Array,
  count: number,
  dimensions: number,
): Float32Array[] {
  const sums = Array.from({ length: count }, () => new Float32Array(dimensions));
  vectors.forEach((vector, i) => {
    add(sums[groups[i] as number] as Float32Array, vector);
  });
  return sums;
}

interface Group {
  readonly sum: Float32Array;
  readonly size: number;
}

/** Joins groups whose centres nearly coincide, into the larger ones. */
function joined(groups: readonly Group[]): readonly Group[] {
  const kept: Group[] = [];
  const inOrder = groups.filter(({ size }) => size > 0).sort((a, b) => b.size - a.size);
  for (const group of inOrder) {
    const centre = normalized(group.sum, group.sum);
    const near = kept.findIndex(({ sum }) => dot(normalized(sum, sum), centre) >= CONCEPT_MERGE);
    const other = kept[near];
    if (other === undefined) {
      kept.push(group);
      continue;
    }
    const sum = other.sum.slice();
    add(sum, group.sum);
    kept[near] = { sum, size: other.size + group.size };
  }
  return kept.sort((a, b) => b.size - a.size);
}

/** ‖Σ v‖² = n + the cosines of all pairs, each counted twice. */
function toCluster(sum: Float32Array, size: number): Cluster {
  const pairs = size * (size - 1);
  const coherence = pairs === 0 ? 1 : (dot(sum, sum) - size) / pairs;
  return { centre: normalized(sum, sum), size, coherence };
}

function normalized(vector: Float32Array, fallback: Float32Array): Float32Array {
  const length = Math.sqrt(dot(vector, vector));
  return length < 1e-6 ? fallback : vector.map((value) => value / length);
}

function add(sum: Float32Array, vector: Float32Array): void {
  for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (vector[i] as number);
}

function indexOfMost(values: readonly number[]): number {
  return values.reduce((best, value, i) => (value > (values[best] as number) ? i : best), 0);
}

/** The memories that are stored: any number, each a function of seed and place alone, so that none is kept. */

import { createRandom } from '../../src/testing/environment.ts';
import { gaussians } from '../vector/mixture.ts';
import { makeText } from './texts.ts';

export interface BenchMemory {
  /** UUIDv7. */
  readonly id: string;
  readonly content: string;
  /** ms since the epoch. */
  readonly createdAt: number;
  /** Of unit length. */
  readonly vector: Float32Array;
}

export interface BenchQuery {
  /** A few words of the memory's. */
  readonly text: string;
  readonly vector: Float32Array;
  /** The memory nearest to it by construction. */
  readonly wanted: string;
}

export const DIMENSIONS = 384;
/** Memories of a cluster, on average; the mixture is that of the vector benchmark. */
const CLUSTER_SIZE = 100;
/** Spread of a vector around its cluster's middle, per dimension, where middles spread by 1. */
const SPREAD = 0.6;
/** Spread of a query around the memory it asks for. */
const QUERY_SPREAD = 0.2;
const QUERY_WORDS = 8;
const FIRST_CREATED_AT = 1_700_000_000_000;

export class Dataset {
  readonly #seed: number;
  readonly #clusters: number;
  readonly #middles = new Map<number, Float32Array>();

  /** @param total memories that share the clusters. */
  constructor(seed: number, total: number) {
    this.#seed = seed;
    this.#clusters = Math.max(1, Math.ceil(total / CLUSTER_SIZE));
  }

  memory(place: number): BenchMemory {
    const random = createRandom(mix(this.#seed, 1, place));
    return {
      id: idOf(place, random),
      content: makeText(random),
      createdAt: FIRST_CREATED_AT + place * 1_000,
      vector: this.#vector(place),
    };
  }

  /** So many, from a place on. */
  memories(from: number, count: number): BenchMemory[] {
    return Array.from({ length: count }, (_, i) => this.memory(from + i));
  }

  /** A question for the memory of a place. */
  query(place: number): BenchQuery {
    const { id, content, vector } = this.memory(place);
    const gaussian = gaussians(createRandom(mix(this.#seed, 2, place)));
    const scale = QUERY_SPREAD / Math.sqrt(DIMENSIONS);
    return {
      text: content.split(' ').slice(0, QUERY_WORDS).join(' '),
      vector: normalized(vector.map((value) => value + scale * gaussian())),
      wanted: id,
    };
  }

  #vector(place: number): Float32Array {
    const random = createRandom(mix(this.#seed, 3, place));
    const middle = this.#middle(Math.floor(random() * this.#clusters));
    const gaussian = gaussians(random);
    return normalized(middle.map((value) => value + SPREAD * gaussian()));
  }

  #middle(cluster: number): Float32Array {
    const known = this.#middles.get(cluster);
    if (known !== undefined) return known;
    const made = Float32Array.from(
      { length: DIMENSIONS },
      gaussians(createRandom(mix(this.#seed, 4, cluster))),
    );
    this.#middles.set(cluster, made);
    return made;
  }
}

/** A UUIDv7 whose time ascends with the place. */
function idOf(place: number, random: () => number): string {
  const time = (FIRST_CREATED_AT + place).toString(16).padStart(12, '0');
  const digits = (count: number) =>
    Array.from({ length: count }, () => Math.floor(random() * 16).toString(16)).join('');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${digits(3)}-8${digits(3)}-${digits(12)}`;
}

/** One seed of several numbers: their bits well mixed, so that neighbours have nothing in common. */
function mix(...parts: readonly number[]): number {
  return parts.reduce((hash, part) => {
    const mixed = Math.imul(hash ^ part, 0x9e3779b1);
    return Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b) >>> 0;
  }, 0x2545f491);
}

function normalized(vector: Float32Array): Float32Array {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return vector.map((value) => value / length);
}

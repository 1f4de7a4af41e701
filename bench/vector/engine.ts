/** What every measured index looks like to the benchmark: one adapter a rival, in `engines/`. */

import type { Bitset } from '../../src/vector/bitset.ts';
import type { Matrix } from './matrix.ts';

/** Width of a search; below 1 a recall asked for, where the engine chooses how; null where there is none to choose. */
export type Ef = number | null;

/** A value, now or later: some rivals only answer by promises. */
export type Maybe<T> = T | Promise<T>;

/** What differs between Node and a browser's worker. */
export interface Platform {
  readonly runtime: 'node' | 'chromium';
  /** Imports a module of a rival by name; fails where it is not installed. */
  importRival(name: string): Promise<unknown>;
  /** Compiles a rival's WASM file, `package/path.wasm`. */
  compileRival(path: string): Promise<WebAssembly.Module>;
  /** The trial's source compiled, where there is one. */
  compileTrial(): Promise<WebAssembly.Module>;
  /** Bytes this process's heap holds after a collection, or null where they cannot be asked for. */
  heapBytes(): number | null;
  /** A file of its own to write to, for rivals that only save to files; null where there are none. */
  readonly files: Files | null;
}

export interface Files {
  /** A fresh path. */
  path(): string;
  sizeOf(path: string): number;
  remove(path: string): void;
}

/** Bytes that an index can be read back from, and how. */
export interface Saved {
  readonly bytes: number;
  /** Reads it into a fresh index: what is timed as loading. */
  load(): Maybe<Engine>;
  /** Removes what was written. */
  discard?(): void;
}

/**
 * An index under measurement, rows named by ordinals from 0.
 *
 * `Query` is the form a rival wants its queries in and `Found` what it answers with; making the one and
 * reading the other are not timed.
 */
export interface Engine<Query = unknown, Found = unknown> {
  /** Puts in all rows, row i as ordinal i, and does all work that makes searches fast. */
  build(rows: Matrix): Maybe<void>;
  prepare(query: Float32Array): Query;
  search(query: Query, k: number, ef: Ef): Maybe<Found>;
  ordinalsOf(found: Found): ArrayLike<number>;
  /** Searches members only, in the form `prepareFilter` gave. */
  filteredSearch?(query: Query, k: number, ef: Ef, filter: Bitset): Maybe<Found>;
  /** Removes a row. */
  delete?(ordinal: number): Maybe<void>;
  /** Adds a row that is not there. */
  add?(ordinal: number, vector: Float32Array): Maybe<void>;
  /** Puts another vector in a row's place. */
  update?(ordinal: number, vector: Float32Array): Maybe<void>;
  /** Does what changes have left to do, all of it. */
  maintain?(): Maybe<void>;
  save?(): Maybe<Saved>;
  /** Bytes held for the rows with all that its best recall needs; null where it cannot be told. */
  memoryBytes(): number | null;
  close?(): void;
}

export interface EngineSpec {
  readonly name: string;
  /** Where it can run. */
  readonly runtimes: readonly Platform['runtime'][];
  /** Rows it can do in minutes. */
  readonly maxRows: number;
  /** The widths it is measured at. */
  readonly ladder: readonly Ef[];
  /** Parameters, kind and how memory is counted, in one line. */
  readonly about: string;
  create(platform: Platform, dimensions: number, capacity: number): Promise<Engine>;
}

/** An engine's adapter, checked with its own types, as the benchmark takes it. */
export function asEngine<Query, Found>(engine: Engine<Query, Found>): Engine {
  // The benchmark gives back to an engine only what it got of the same one.
  return engine as Engine;
}

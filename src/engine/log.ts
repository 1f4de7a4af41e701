/** The log as it is in storage: operations that no block has yet, by the rows that hold them, and what of them was lost. */

import { FOLD_BATCH, FOLD_BYTES } from '../limits.ts';
import type { Operation } from '../memory/operation.ts';

/** Operations of one commit, in one row of the log. */
export interface Batch {
  readonly key: string;
  readonly operations: readonly Operation[];
  readonly bytes: number;
}

/** Operations that were acknowledged and are not in the log any more, or damaged in it. */
export interface LostOperations {
  /** The number of the first of them. */
  readonly seq: number;
  readonly count: number;
  /** The row that holds what is left of them. */
  readonly key?: string;
}

/** What the log held when it was opened. */
export interface LoadedLog {
  readonly batches: readonly Batch[];
  /** What it has lost and no fold has passed over yet. */
  readonly lostOperations: readonly LostOperations[];
}

export class Log {
  readonly #batches: Batch[];
  #lost: readonly LostOperations[];
  #operations: number;
  #bytes: number;

  constructor({ batches, lostOperations }: LoadedLog) {
    this.#batches = [...batches];
    this.#lost = lostOperations;
    this.#operations = countOf(batches);
    this.#bytes = bytesOf(batches);
  }

  get isEmpty(): boolean {
    return this.#batches.length === 0;
  }

  /** Operations in it. */
  get operations(): number {
    return this.#operations;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The number of the oldest operation; undefined where there is none. */
  get firstSeq(): number | undefined {
    return this.#batches[0]?.operations[0]?.seq;
  }

  /** Whether operations were lost that have not been written down as such. */
  get hasLost(): boolean {
    return this.#lost.length > 0;
  }

  operationsOf(id: string): readonly Operation[] {
    return this.#batches.flatMap(({ operations }) => operations.filter((operation) => operation.id === id));
  }

  add(batches: readonly Batch[]): void {
    this.#batches.push(...batches);
    this.#operations += countOf(batches);
    this.#bytes += bytesOf(batches);
  }

  /** The oldest batches, as many as one fold takes: at least one, where there are any. */
  oldest(): readonly Batch[] {
    let operations = 0;
    let bytes = 0;
    const isBeyond = (batch: Batch, at: number) => {
      operations += batch.operations.length;
      bytes += batch.bytes;
      return at > 0 && (operations > FOLD_BATCH || bytes > FOLD_BYTES);
    };
    const count = this.#batches.findIndex(isBeyond);
    return count === -1 ? [...this.#batches] : this.#batches.slice(0, count);
  }

  /** The oldest batches are in blocks, and in the log no more. */
  drop(oldest: readonly Batch[]): void {
    this.#batches.splice(0, oldest.length);
    this.#operations -= countOf(oldest);
    this.#bytes -= bytesOf(oldest);
  }

  /** How many operations up to a number were lost, and the rows that hold what is left of them. */
  lostUpTo(seq: number): { readonly count: number; readonly keys: readonly string[] } {
    const passed = this.#lost.filter((each) => each.seq <= seq);
    return {
      count: passed.reduce((sum, { count }) => sum + count, 0),
      keys: passed.flatMap(({ key }) => key ?? []),
    };
  }

  /** What was lost up to a number is written down. */
  forgetLostUpTo(seq: number): void {
    this.#lost = this.#lost.filter((each) => each.seq > seq);
  }
}

function bytesOf(batches: readonly Batch[]): number {
  return batches.reduce((sum, { bytes }) => sum + bytes, 0);
}

function countOf(batches: readonly Batch[]): number {
  return batches.reduce((sum, { operations }) => sum + operations.length, 0);
}

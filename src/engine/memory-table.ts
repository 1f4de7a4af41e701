/** The memories of a namespace in memory, by id and by ordinal, without their contents once these are folded. */

import { apply, type MemoryState, type Operation, sizeOf } from '../memory/operation.ts';
import type { Memory } from '../types.ts';
import type { AccessLog } from './access-log.ts';

/** What an operation changed. */
export interface Change {
  readonly before: MemoryState | undefined;
  readonly after: MemoryState | undefined;
}

export class MemoryTable {
  readonly #byId = new Map<string, MemoryState>();
  readonly #byOrdinal: (MemoryState | undefined)[] = [];

  get size(): number {
    return this.#byId.size;
  }

  /** The first ordinal that no memory ever had. */
  get nextOrdinal(): number {
    return this.#byOrdinal.length;
  }

  /** Keeps ordinals below this one from being given again: their memories may be gone. */
  reserveOrdinals(nextOrdinal: number): void {
    if (nextOrdinal > this.#byOrdinal.length) this.#byOrdinal.length = nextOrdinal;
  }

  get(id: string): MemoryState | undefined {
    return this.#byId.get(id);
  }

  at(ordinal: number): MemoryState | undefined {
    return this.#byOrdinal[ordinal];
  }

  /** Puts a state in place as it is: loading, and after a fold. */
  set(state: MemoryState): void {
    this.#byId.set(state.record.id, state);
    this.#byOrdinal[state.ordinal] = state;
  }

  apply(operation: Operation): Change {
    const before = this.#byId.get(operation.id);
    const after = apply(before, operation);
    if (after !== undefined) this.set(after);
    else if (before !== undefined) {
      this.#byId.delete(operation.id);
      this.#byOrdinal[before.ordinal] = undefined;
    }
    return { before, after };
  }

  /** Memories by ordinal, ascending. */
  *ascending(from = 0): IterableIterator<MemoryState> {
    for (let ordinal = from; ordinal < this.#byOrdinal.length; ordinal++) {
      const state = this.#byOrdinal[ordinal];
      if (state !== undefined) yield state;
    }
  }

  /** Memories by ordinal, descending. */
  *descending(from = this.#byOrdinal.length - 1): IterableIterator<MemoryState> {
    for (let ordinal = Math.min(from, this.#byOrdinal.length - 1); ordinal >= 0; ordinal--) {
      const state = this.#byOrdinal[ordinal];
      if (state !== undefined) yield state;
    }
  }
}

/** Where a memory lives. */
export interface Scope {
  readonly tenant: string;
  readonly namespace: string;
}

/** A memory as it is read. */
export function toMemory(
  state: MemoryState,
  content: string,
  scope: Scope,
  access: AccessLog,
  vector?: Float32Array,
): Memory {
  return {
    ...state.record,
    ...scope,
    content,
    accessCount: access.count(state.ordinal),
    lastAccessedAt: access.lastAccessedAt(state.ordinal),
    sizeBytes: sizeOf(state),
    ...(vector === undefined ? {} : { vector }),
  };
}

/** The value of a field for a filter. */
export function fieldReader(access: AccessLog): (state: MemoryState, field: string) => unknown {
  return (state, field) => {
    if (field === 'accessCount') return access.count(state.ordinal);
    if (field === 'lastAccessedAt') return access.lastAccessedAt(state.ordinal);
    if (field === 'sizeBytes') return sizeOf(state);
    return (state.record as unknown as Readonly<Record<string, unknown>>)[field];
  };
}

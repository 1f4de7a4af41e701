/**
 * In which order memories are embedded anew: those of use lately and often first, the oldest and least used last.
 *
 * The key is the part of a memory's value for eviction that its use makes (`lifecycle/eviction.ts`): recency, which
 * halves in 30 days since it was last read, changed or added, and how often it was read. Of equal ones the memory
 * added last comes first.
 */

import { usageValue } from '../lifecycle/eviction.ts';
import type { EngineState } from './state.ts';

/** Steps that keys are rounded to: a step of recency is some four seconds for what is new. */
const STEPS = 2 ** 20;
/** Ordinals are below it: key and ordinal make one number without a fraction, which sorts as both. */
const ORDINALS = 2 ** 32;

export class ReembedOrder {
  readonly #state: Pick<EngineState, 'table' | 'access'>;
  readonly #now: number;
  #keys = new Float64Array(1_024);
  #length = 0;

  /** @param now ms since the epoch. */
  constructor(state: Pick<EngineState, 'table' | 'access'>, now: number) {
    this.#state = state;
    this.#now = now;
  }

  get length(): number {
    return this.#length;
  }

  offer(ordinal: number): void {
    if (this.#length === this.#keys.length) {
      const keys = new Float64Array(this.#length * 2);
      keys.set(this.#keys);
      this.#keys = keys;
    }
    this.#keys[this.#length++] = Math.round(this.#valueOf(ordinal) * STEPS) * ORDINALS + ordinal;
  }

  /** The ordinals offered, the first to be embedded first; 100,000 take some 10 ms. */
  sorted(): Uint32Array {
    const keys = this.#keys.subarray(0, this.#length).sort().reverse();
    return Uint32Array.from(keys, (key) => key % ORDINALS);
  }

  #valueOf(ordinal: number): number {
    const { table, access } = this.#state;
    return usageValue(
      {
        accessCount: access.count(ordinal),
        lastUsedAt: Math.max(
          access.lastAccessedAt(ordinal) ?? 0,
          Number(table.field(ordinal, 'updatedAt') ?? 0),
        ),
      },
      this.#now,
    );
  }
}

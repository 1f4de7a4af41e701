/**
 * Which memories go first when there is no room: a plain least-valuable-first rule.
 *
 *     value = Σ weight · share, each share 0–1
 *
 *     priority    low 0, medium ½, high 1
 *     importance  as the host gave it
 *     recency     2^(−t / 30 days), t since the memory was last read, changed or added
 *     use         log₂(1 + times read) / log₂(1 + 63), at most 1
 *
 * What another memory superseded or contradicts has half of that: were what took its place to go first, it would
 * count as current again.
 *
 * Equal values go by ordinal, the memory added first before the others. Memories of priority `critical` and
 * those on legal hold have no value: they are never evicted.
 */

import type { MemoryFields } from '../types.ts';

/** What each share counts; the sum is 1. */
const WEIGHTS = {
  /** The host's own word on how much depends on a memory: two ranks outweigh all that is known of its use. */
  priority: 0.4,
  /** The host's finer word, within a rank. */
  importance: 0.3,
  /** Nothing was said of most memories: then what was of no use lately goes. */
  recency: 0.2,
  /** Counts are kept loosely, and a memory read often is mostly one read lately: the smallest part. */
  use: 0.1,
} as const;

const PRIORITY_SHARES = { low: 0, medium: 0.5, high: 1, critical: 1 } as const;
/** Time in which recency halves, ms: 30 days, so that a week's pause costs little and a season's nearly all. */
const HALF_LIFE_MS = 30 * 24 * 60 * 60 * 1_000;
/** Reads from which on more of them count no more. */
const MANY_READS = 63;

/** How often and when a memory was of use. */
export interface Usage {
  readonly accessCount: number;
  /** When it was last read, changed or added, ms since the epoch. */
  readonly lastUsedAt: number;
}

/** What a memory's value is made of. */
export interface Worth extends Pick<MemoryFields, 'priority' | 'importance'>, Usage {
  /** Whether another memory superseded or contradicts it. Default false. */
  readonly isReplaced?: boolean | undefined;
}

/** Share of its value that a memory keeps that was replaced: about what a rank of priority and all its use are worth. */
const REPLACED_SHARE = 0.5;

/** The part of a memory's value that its use makes: recency and use. */
export function usageValue({ accessCount, lastUsedAt }: Usage, now: number): number {
  const recency = 2 ** (-Math.max(0, now - lastUsedAt) / HALF_LIFE_MS);
  const use = Math.min(1, Math.log2(1 + accessCount) / Math.log2(1 + MANY_READS));
  return WEIGHTS.recency * recency + WEIGHTS.use * use;
}

/** The value of a memory at a time (ms since the epoch), 0–1: the lower, the earlier it is evicted. */
export function memoryValue({ priority, importance, isReplaced, ...usage }: Worth, now: number): number {
  const value =
    WEIGHTS.priority * PRIORITY_SHARES[priority] + WEIGHTS.importance * importance + usageValue(usage, now);
  return isReplaced === true ? REPLACED_SHARE * value : value;
}

/** Whether a memory is never evicted. */
export function isProtected({ priority, legalHold }: Pick<MemoryFields, 'priority' | 'legalHold'>): boolean {
  return legalHold || priority === 'critical';
}

/** How much is to go; of both at least. */
export interface Need {
  readonly memories: number;
  readonly bytes: number;
}

export interface Victims {
  /** Ascending. */
  readonly ordinals: readonly number[];
  /** The highest value among them. */
  readonly maxValue: number;
}

/** Steps that values are counted by: with 100,000 candidates some 25 lie in the one that is sorted. */
const STEPS = 4_096;

/**
 * Candidates, of which the least valuable are chosen in time that grows with their number alone: they are
 * counted by value, and only those at the border are sorted.
 *
 * @example
 * const candidates = new Candidates(2);
 * candidates.offer(0, 0.7, 500);
 * candidates.offer(1, 0.2, 300);
 * candidates.choose({ memories: 0, bytes: 100 }); // { ordinals: [1], maxValue: 0.2 }
 */
export class Candidates {
  readonly #ordinals: Uint32Array;
  readonly #values: Float64Array;
  readonly #bytes: Float64Array;
  readonly #counts = new Uint32Array(STEPS + 1);
  readonly #sums = new Float64Array(STEPS + 1);
  #length = 0;

  /** @param most candidates that may be offered. */
  constructor(most: number) {
    this.#ordinals = new Uint32Array(most);
    this.#values = new Float64Array(most);
    this.#bytes = new Float64Array(most);
  }

  /** Takes in a candidate; ordinals must ascend. */
  offer(ordinal: number, value: number, bytes: number): void {
    const place = this.#length++;
    this.#ordinals[place] = ordinal;
    this.#values[place] = value;
    this.#bytes[place] = bytes;
    const step = stepOf(value);
    this.#counts[step] = (this.#counts[step] ?? 0) + 1;
    this.#sums[step] = (this.#sums[step] ?? 0) + bytes;
  }

  /** The fewest of the least valuable that meet a need; undefined where all of them together do not. */
  choose(need: Need): Victims | undefined {
    if (need.memories <= 0 && need.bytes <= 0) return { ordinals: [], maxValue: Number.NEGATIVE_INFINITY };
    let memories = 0;
    let bytes = 0;
    for (let border = 0; border <= STEPS; border++) {
      const count = memories + (this.#counts[border] ?? 0);
      const sum = bytes + (this.#sums[border] ?? 0);
      if (count >= need.memories && sum >= need.bytes)
        return this.#upTo(border, { memories: need.memories - memories, bytes: need.bytes - bytes });
      memories = count;
      bytes = sum;
    }
    return undefined;
  }

  /** All below a step, and of the step itself the least valuable until the rest of the need is met. */
  #upTo(border: number, rest: Need): Victims {
    const chosen: number[] = [];
    const atBorder: number[] = [];
    let maxValue = Number.NEGATIVE_INFINITY;
    for (let place = 0; place < this.#length; place++) {
      const value = this.#values[place] ?? 0;
      const step = stepOf(value);
      if (step === border) atBorder.push(place);
      if (step >= border) continue;
      chosen.push(this.#ordinals[place] ?? 0);
      maxValue = Math.max(maxValue, value);
    }
    atBorder.sort((a, b) => (this.#values[a] ?? 0) - (this.#values[b] ?? 0) || a - b);
    let { memories, bytes } = rest;
    for (const place of atBorder) {
      if (memories <= 0 && bytes <= 0) break;
      memories -= 1;
      bytes -= this.#bytes[place] ?? 0;
      chosen.push(this.#ordinals[place] ?? 0);
      maxValue = Math.max(maxValue, this.#values[place] ?? 0);
    }
    return { ordinals: chosen.sort((a, b) => a - b), maxValue };
  }
}

function stepOf(value: number): number {
  return Math.floor(Math.min(1, Math.max(0, value)) * STEPS);
}

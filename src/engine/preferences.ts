/**
 * What feedback on memories tells of others: of their kind, source, speaker, agent, session and tags. An
 * aggregate in memory, made of the records when it is first asked for and kept up by each operation; nothing of
 * it is stored.
 *
 *     preference = tanh(Σ (r − p))          the sum over a memory's traits; of several tags their mean
 *     r          = (u + 8p) / (u + n + 8)   how often what has the trait was useful
 *     p          = (U + 5) / (U + N + 10)   how often anything was
 *
 * with u useful and n useless verdicts on memories of the trait, U and N on all. Rates are m-estimates (B. Cestnik,
 * Estimating probabilities, ECAI 1990): of a trait of which little is known, the rate of all. Their differences
 * are summed and not their log-odds, as naive Bayes would: where everything is praised the odds of each trait
 * grow without end, and one verdict more or less outweighs all else.
 */

import { MAX_PREFERENCE_TRAITS, PREFERENCES_KEPT_MS } from '../limits.ts';
import { boundedFeedback, fadingFactor, usefulnessAt } from '../memory/feedback.ts';
import type { MemoryState } from '../memory/operation.ts';
import type { Feedback } from '../types.ts';
import type { MemoryTable } from './table/memory-table.ts';

/** Verdicts that are taken for given of each trait, useful as often as all: with eight of its own it counts half. */
const TRAIT_PRIOR = 8;
/** Verdicts of each kind that are taken for given in all. */
const BASE_PRIOR = 5;

/** The fields whose values are traits; `tags` has several. */
const TRAIT_FIELDS = ['kind', 'source', 'speaker', 'agentId', 'sessionId', 'tags'] as const;
type TraitField = (typeof TRAIT_FIELDS)[number];

/** Verdicts, as they counted at the time that all are kept for. */
interface Sums {
  useful: number;
  useless: number;
  /** How many memories have verdicts in it. */
  memories: number;
}

type FieldReader = (field: TraitField | 'feedback') => unknown;

export class Preferences {
  readonly #table: MemoryTable;
  #isMade = false;
  /** The time that all sums are kept for, ms since the epoch: they fade together. It lies a little ahead. */
  #at = 0;
  #all: Sums = { useful: 0, useless: 0, memories: 0 };
  #traits = new Map<TraitField, Map<string, Sums>>();
  #count = 0;
  /** Whether a trait found no place: then what is taken away may never have been counted. */
  #isCut = false;

  constructor(table: MemoryTable) {
    this.#table = table;
  }

  /** How useful the memory itself was found, −1 to 1; 0 without feedback. See {@link usefulnessAt}. */
  usefulnessOf(ordinal: number, now: number): number {
    if (this.#table.reach('feedback') === 0) return 0;
    return usefulnessAt(this.#table.field(ordinal, 'feedback') as Feedback | undefined, now);
  }

  /** How useful memories like it were found, −1 to 1; 0 where nothing is known. In time of the number of its tags. */
  preferenceOf(ordinal: number, now: number): number {
    if (this.#table.reach('feedback') === 0) return 0;
    // Not only once it is past: a clock may have been set back.
    const isNear = now <= this.#at && now >= this.#at - 2 * PREFERENCES_KEPT_MS;
    if (!this.#isMade || !isNear) this.#make(now + PREFERENCES_KEPT_MS);
    if (this.#all.memories === 0) return 0;
    const factor = 1 / fadingFactor(now, this.#at);
    const useful = this.#all.useful * factor + BASE_PRIOR;
    const base = useful / (useful + this.#all.useless * factor + BASE_PRIOR);
    let sum = 0;
    for (const [field, values] of this.#traits) sum += this.#gainOf(ordinal, field, values, base, factor);
    return Math.tanh(sum);
  }

  /** Traits known. */
  get size(): number {
    return this.#count;
  }

  /** To be told of every change. */
  changed(before: MemoryState | undefined, after: MemoryState | undefined): void {
    const [was, is] = [before?.record, after?.record];
    if (!this.#isMade || (was?.feedback === undefined && is?.feedback === undefined)) return;
    const isSame =
      was?.feedback === is?.feedback && TRAIT_FIELDS.every((field) => was?.[field] === is?.[field]);
    if (isSame) return;
    if (was?.feedback !== undefined && this.#isCut) {
      this.#isMade = false;
      return;
    }
    if (was !== undefined) this.#tally((field) => was[field], -1);
    if (is !== undefined) this.#tally((field) => is[field], 1);
  }

  #make(at: number): void {
    this.#isMade = true;
    this.#at = at;
    this.#all = { useful: 0, useless: 0, memories: 0 };
    this.#traits = new Map();
    this.#count = 0;
    this.#isCut = false;
    // The latest first: where there is no place for all traits, old ones stay away.
    for (let ordinal = this.#table.reach('feedback') - 1; ordinal >= 0; ordinal--)
      this.#tally((field) => this.#table.field(ordinal, field), 1);
  }

  #gainOf(
    ordinal: number,
    field: TraitField,
    values: ReadonlyMap<string, Sums>,
    base: number,
    factor: number,
  ): number {
    const value = this.#table.field(ordinal, field);
    if (!Array.isArray(value)) return gain(values.get(value as string), base, factor);
    const sum = value.reduce<number>((total, tag) => total + gain(values.get(tag), base, factor), 0);
    return value.length === 0 ? 0 : sum / value.length;
  }

  /** Counts a memory's verdicts in, or out again. */
  #tally(read: FieldReader, sign: 1 | -1): void {
    const told = read('feedback') as Feedback | undefined;
    if (told === undefined) return;
    const feedback = boundedFeedback(told);
    const factor = sign * fadingFactor(feedback.at, this.#at);
    addTo(this.#all, feedback, factor, sign);
    for (const field of TRAIT_FIELDS) {
      const value = read(field) as string | readonly string[] | undefined;
      for (const each of typeof value === 'string' ? [value] : (value ?? []))
        this.#countTrait(field, each, feedback, factor, sign);
    }
  }

  #countTrait(field: TraitField, value: string, feedback: Feedback, factor: number, sign: 1 | -1): void {
    const values = this.#traits.get(field) ?? new Map<string, Sums>();
    this.#traits.set(field, values);
    let sums = values.get(value);
    if (sums === undefined) {
      if (sign < 0) return;
      if (this.#count >= MAX_PREFERENCE_TRAITS) {
        this.#isCut = true;
        return;
      }
      sums = { useful: 0, useless: 0, memories: 0 };
      values.set(value, sums);
      this.#count += 1;
    }
    addTo(sums, feedback, factor, sign);
    // Of the last memory that goes not even a rounding error stays.
    if (sums.memories > 0) return;
    values.delete(value);
    this.#count -= 1;
  }
}

function addTo(sums: Sums, { useful, useless }: Feedback, factor: number, sign: 1 | -1): void {
  sums.useful = Math.max(0, sums.useful + useful * factor);
  sums.useless = Math.max(0, sums.useless + useless * factor);
  sums.memories += sign;
}

/** By how much more often than anything else what has a trait was useful, −1 to 1. */
function gain(sums: Sums | undefined, base: number, factor: number): number {
  if (sums === undefined) return 0;
  const useful = sums.useful * factor;
  const told = useful + sums.useless * factor;
  return (useful + TRAIT_PRIOR * base) / (told + TRAIT_PRIOR) - base;
}

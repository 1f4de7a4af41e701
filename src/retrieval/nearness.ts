/** How near the memories of a pool are to the question by their vectors, over all spaces that were asked. */

import type { LexicalMatch, TermImpacts } from '../text/lexical-index.ts';
import {
  type Background,
  backgroundOf,
  cosineOf,
  floorOf,
  leastSpread,
  trustOf,
  type VectorMatch,
} from './meaning.ts';
import type { Pool } from './pool.ts';
import type { RecallQuestion, SpaceArm } from './question.ts';
import { TELLING_SHARE } from './signals.ts';

/** Matches of a pool by place; undefined for what has no vector in the space. */
type Matches = readonly (VectorMatch | undefined)[];

/** What the words found and are worth in the pool, to judge by it a model of which nothing is known. */
interface Words {
  readonly found: readonly LexicalMatch[];
  readonly impacts: TermImpacts;
}

/** What a memory's meaning rests on. */
export interface MeaningReason extends VectorMatch {
  /** The meaning, −2 to 1. */
  readonly value: number;
  /** How far the model is trusted that gave it, 0–1. */
  readonly trust: number;
}

/** Meanings of a pool, by place: a memory in several spaces has that of the one in which it is nearest. */
export class Nearness {
  /** −2 to 1; 0 for what has no vector. */
  readonly values: Float64Array;
  /** 1 for what has a vector in a space that was asked. */
  readonly hasVector: Uint8Array;
  readonly #matches: (VectorMatch | undefined)[];
  readonly #trusts: Float64Array;
  #trust = 0;

  /** @param size of the pool. */
  constructor(size: number) {
    this.values = new Float64Array(size);
    this.hasVector = new Uint8Array(size);
    this.#matches = new Array<VectorMatch | undefined>(size);
    this.#trusts = new Float64Array(size);
  }

  /** How far the model that is trusted most is, 0–1. */
  get trust(): number {
    return this.#trust;
  }

  /** Takes in what one space says, whose model is trusted so far. */
  add(matches: Matches, meaningOf: (match: VectorMatch) => number, trust: number): void {
    this.#trust = Math.max(this.#trust, trust);
    for (let place = 0; place < this.values.length; place += 1) {
      const match = matches[place];
      if (match === undefined) continue;
      const value = meaningOf(match);
      if (this.hasVector[place] === 1 && value <= (this.values[place] as number)) continue;
      this.values[place] = value;
      this.hasVector[place] = 1;
      this.#matches[place] = match;
      this.#trusts[place] = trust;
    }
  }

  reasonOf(place: number): MeaningReason | undefined {
    const match = this.#matches[place];
    return match && { ...match, value: this.values[place] as number, trust: this.#trusts[place] as number };
  }
}

/**
 * @param impacts of the question's words in the pool; undefined where they are not asked.
 * @returns undefined where no space is asked.
 */
export function nearnessOf(
  { spaces, sample }: Pick<RecallQuestion, 'spaces' | 'sample'>,
  pool: Pool,
  found: readonly LexicalMatch[],
  impacts: TermImpacts | undefined,
): Nearness | undefined {
  if (spaces.length === 0) return undefined;
  const nearness = new Nearness(pool.size);
  for (const space of spaces) {
    const { matches, drawn } = similaritiesIn(space, pool, sample);
    const background = backgroundOf(drawn);
    const isTrusted = space.isKnown || impacts === undefined;
    const trust = isTrusted ? 1 : trustIn(matches, pool, { found, impacts }, background);
    nearness.add(matches, scaleOf(matches, background, drawn.length, trust), trust);
  }
  return nearness;
}

/** Cosines of a pool by place, and of memories drawn at random: asked for together, since each asking costs as much. */
function similaritiesIn(
  space: SpaceArm,
  pool: Pool,
  sample: readonly number[],
): { readonly matches: Matches; readonly drawn: readonly number[] } {
  const isDrawn = new Set(sample);
  const drawn: number[] = [];
  const matches = new Array<VectorMatch | undefined>(pool.size);
  for (const match of space.similarities([...new Set([...pool.ordinals, ...sample])])) {
    const place = pool.placeOf(match.ordinal);
    if (place >= 0) matches[place] = match;
    if (isDrawn.has(match.ordinal)) drawn.push(cosineOf(match));
  }
  return { matches, drawn };
}

/** Cosines brought to a scale of which 0 is the floor, and the best of the pool is how far the model is trusted. */
function scaleOf(
  matches: Matches,
  background: Background,
  sample: number,
  trust: number,
): (match: VectorMatch) => number {
  const floor = floorOf(background, sample);
  let best = floor + leastSpread(background, sample);
  for (const match of matches) if (match !== undefined) best = Math.max(best, cosineOf(match));
  const spread = best - floor;
  return spread > 0 ? (match) => trust * bounded((cosineOf(match) - floor) / spread) : () => 0;
}

/** Above −2 and in its order: where the best is hardly above the floor, what lies below it is not to outweigh all else. */
function bounded(value: number): number {
  return value < -1 ? -2 - 1 / value : value;
}

function trustIn(matches: Matches, pool: Pool, words: Words, background: Background): number {
  const telling = tellingFinds(pool, words).flatMap((ordinal) => matches[pool.placeOf(ordinal)] ?? []);
  return trustOf(telling.map(cosineOf), background);
}

/** What words found by half of the question's weight at least: a model that knows anything has them near. */
function tellingFinds(pool: Pool, { found, impacts: { terms, idf, impacts } }: Words): readonly number[] {
  const whole = idf.reduce((sum, each) => sum + each, 0);
  return found.flatMap(({ ordinal }) => {
    const row = pool.placeOf(ordinal) * terms.length;
    const weight = idf.reduce((sum, each, term) => sum + ((impacts[row + term] as number) > 0 ? each : 0), 0);
    return weight >= TELLING_SHARE * whole ? [ordinal] : [];
  });
}

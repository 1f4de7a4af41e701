/** Recall: the union of what the arms find and what stands beside it, each judged by all signals, best first. */

import type { LexicalMatch, TermImpacts } from '../text/lexical-index.ts';
import type { SearchArm, SignalName } from '../types.ts';
import { type Activation, FULL_ACTIVATION, type Seed } from './association/index.ts';
import { type Evidence, evidenceOf } from './evidence.ts';
import {
  type Background,
  backgroundOf,
  cosineOf,
  floorOf,
  leastSpread,
  trustOf,
  type VectorMatch,
} from './meaning.ts';
import { Pool, type Sessions } from './pool.ts';
import { ASSOCIATION_SEEDS, SIGNAL_NAMES, TELLING_SHARE, type Weights } from './signals.ts';

/** What of the memories is looked at. All of it is in memory: nothing is read. */
export interface Memories extends Sessions {
  speaker(ordinal: number): string | undefined;
  contentBytes(ordinal: number): number;
  /** Signals that are told by a memory’s own fields alone. */
  readonly signals: ReadonlyMap<SignalName, Measure>;
  /** Whether a text asks something anywhere, and whether it ends with a question; by the ordinals given. */
  questions(ordinals: Uint32Array): { readonly asks: Uint8Array; readonly ends: Uint8Array };
}

/** The question's words. */
export interface WordArm {
  search(count: number): readonly LexicalMatch[];
  impacts(ordinals: Uint32Array): TermImpacts;
}

/** The question as a vector of one space. */
export interface SpaceArm {
  /** Whether the model's quality is known: one that is not is trusted as far as it agrees with the words. */
  readonly isKnown: boolean;
  nearest(count: number): readonly VectorMatch[];
  /** Of those ordinals that have a vector in the space. */
  similarities(ordinals: readonly number[]): readonly VectorMatch[];
}

/** A question, as the arms were asked it. */
export interface RecallQuestion {
  /** Undefined where words are not asked. */
  readonly words: WordArm | undefined;
  readonly spaces: readonly SpaceArm[];
  /** What is reached from the surest finds of the other arms; undefined where it is not asked. */
  readonly associations: ((seeds: readonly Seed[]) => ReadonlyMap<number, Activation>) | undefined;
  /** Who is named as a speaker. */
  readonly speakers: ReadonlySet<string>;
  /** Candidates of each arm. */
  readonly count: number;
  /** How many of those found are judged by all signals, the surest, with what stands beside them. */
  readonly keep: number;
  /** Whether the filter lets a memory through. */
  readonly isAllowed: (ordinal: number) => boolean;
  /** Ordinals drawn at random, to compare cosines with. */
  readonly sample: readonly number[];
  readonly weights: Weights;
}

/** Which arms found a memory; `neighbour`: none, it stands beside one that was found. */
export type Finder = SearchArm | 'neighbour';

/** A signal's values for memories. */
export type Measure = (ordinals: Uint32Array) => ArrayLike<number>;

/** One signal's part in a score. */
export interface SignalPart {
  readonly signal: SignalName;
  readonly value: number;
  /** Points for a value of 1. */
  readonly weight: number;
}

export interface Ranked {
  readonly ordinal: number;
  /** Nats of log-odds, see `signals.ts`. */
  readonly points: number;
}

/** Why a memory stands where it does. */
export interface Reasons {
  readonly foundBy: readonly Finder[];
  /** The signals that are not silent. */
  readonly parts: readonly SignalPart[];
  readonly vector: (VectorMatch & { readonly value: number; readonly trust: number }) | undefined;
  readonly lexical:
    | { readonly raw: number; readonly value: number; readonly terms: readonly string[] }
    | undefined;
}

export interface Recalled {
  /** Best first; equal ones by ascending ordinal. */
  readonly ranked: readonly Ranked[];
  /** The most points that any memory could have had. */
  readonly mostPoints: number;
  readonly weights: Weights;
  /** Of one of those ranked. */
  reasonsOf(ordinal: number): Reasons;
}

const NOTHING_REACHED: ReadonlyMap<number, Activation> = new Map();

/** Finds candidates and ranks them. */
export function recall(question: RecallQuestion, memories: Memories): Recalled {
  const byWords = question.words?.search(question.count) ?? [];
  const nearest = question.spaces.map((space) => space.nearest(question.count));
  const lexical = new Set(byWords.map(({ ordinal }) => ordinal));
  const vector = new Set(nearest.flat().map(({ ordinal }) => ordinal));
  const found = surest(byWords, nearest, question.weights);
  const reached = question.associations?.(found.slice(0, ASSOCIATION_SEEDS)) ?? NOTHING_REACHED;
  const kept = found.slice(0, question.keep).map(({ ordinal }) => ordinal);
  const pool = new Pool(new Set([...kept, ...reached.keys()]), memories, question.isAllowed);
  const words = question.words?.impacts(pool.ordinals);
  const near = question.spaces.length === 0 ? undefined : nearOf(question, pool, byWords, words);
  const { asks, ends } = memories.questions(pool.ordinals);
  const evidence = new Map(
    evidenceOf(pool, {
      words,
      meaning: near?.values,
      hasVector: near?.hasVector ?? new Uint8Array(pool.size),
      trust: near?.trust ?? 0,
      isMeasured: question.spaces.some(({ isKnown }) => isKnown),
      asks,
      endsAsking: ends,
      contentBytes: pool.eachCandidate((place) => memories.contentBytes(pool.ordinals[place] as number)),
      isSpoken: pool.eachCandidate((place) =>
        memories.speaker(pool.ordinals[place] as number) === undefined ? 0 : 1,
      ),
      isNamed: pool.eachCandidate((place) => isNamed(question, memories, pool.ordinals[place] as number)),
    }),
  );
  evidence.set(
    'association',
    pool.eachCandidate((place) => associationOf(reached.get(pool.ordinals[place] as number))),
  );
  measureOwn(pool, memories.signals, evidence);
  dropUnmeasurable(evidence);
  const points = pointsOf(pool, evidence, question.weights);
  return {
    ranked: rank(pool, points),
    mostPoints: mostPointsOf(evidence, question.weights),
    weights: question.weights,
    reasonsOf: (ordinal) => {
      const place = pool.placeOf(ordinal);
      const value = (signal: SignalName) => evidence.get(signal)?.[place] ?? 0;
      return {
        foundBy: findersOf(ordinal, { vector, lexical, association: reached }),
        parts: partsOf(evidence, question.weights, place),
        vector: near?.reasonOf(place),
        lexical: words && lexicalOf(words, place, value('words')),
      };
    },
  };
}

/** The signals that candidates' own fields tell. */
function measureOwn(
  pool: Pool,
  signals: ReadonlyMap<SignalName, Measure>,
  evidence: Map<SignalName, Float64Array>,
): void {
  const { candidates } = pool;
  const ordinals = candidates.map((place) => pool.ordinals[place] as number);
  for (const [signal, measure] of signals) {
    const own = measure(ordinals);
    const values = new Float64Array(pool.size);
    for (let i = 0; i < candidates.length; i += 1) values[candidates[i] as number] = own[i] ?? 0;
    evidence.set(signal, values);
  }
}

/** A value that is no number counts 0: else it would make all points of its candidate, and their order, none. */
function dropUnmeasurable(evidence: Evidence): void {
  for (const values of evidence.values())
    for (let place = 0; place < values.length; place += 1)
      if (!Number.isFinite(values[place])) values[place] = 0;
}

function isNamed({ speakers }: RecallQuestion, memories: Memories, ordinal: number): number {
  return speakers.size > 0 && speakers.has(memories.speaker(ordinal) ?? '') ? 1 : 0;
}

/** Meanings of a pool by place, with what they rest on. */
interface Near {
  readonly values: Float64Array;
  readonly hasVector: Uint8Array;
  /** How far the model that is trusted most is. */
  readonly trust: number;
  reasonOf(place: number): Reasons['vector'];
}

/** A memory in several spaces has the meaning of the one in which it is nearest. */
function nearOf(
  question: RecallQuestion,
  pool: Pool,
  byWords: readonly LexicalMatch[],
  words: TermImpacts | undefined,
): Near {
  const values = new Float64Array(pool.size);
  const reasons: (VectorMatch | undefined)[] = [];
  const trusts = new Float64Array(pool.size);
  let mostTrusted = 0;
  for (const space of question.spaces) {
    const { matches, sample } = similaritiesIn(space, pool, question.sample);
    const background = backgroundOf(sample);
    const trust =
      space.isKnown || words === undefined ? 1 : trustIn(matches, pool, byWords, words, background);
    mostTrusted = Math.max(mostTrusted, trust);
    const floor = floorOf(background, sample.length);
    let best = floor + leastSpread(background, sample.length);
    for (const match of matches) if (match !== undefined) best = Math.max(best, cosineOf(match));
    for (let place = 0; place < pool.size; place += 1) {
      const match = matches[place];
      if (match === undefined) continue;
      const value = best > floor ? trust * bounded((cosineOf(match) - floor) / (best - floor)) : 0;
      if (reasons[place] !== undefined && value <= (values[place] as number)) continue;
      values[place] = value;
      reasons[place] = match;
      trusts[place] = trust;
    }
  }
  return {
    values,
    trust: mostTrusted,
    hasVector: Uint8Array.from(values, (_, place) => Number(reasons[place] !== undefined)),
    reasonOf: (place) => {
      const match = reasons[place];
      return match && { ...match, value: values[place] as number, trust: trusts[place] as number };
    },
  };
}

/** Above −2 and in its order: where the best is hardly above the floor, what lies below it is not to outweigh all else. */
function bounded(value: number): number {
  return value < -1 ? -2 - 1 / value : value;
}

/** Cosines of a pool by place, and of memories drawn at random: asked for together, since each asking costs as much. */
function similaritiesIn(space: SpaceArm, pool: Pool, sample: readonly number[]) {
  const drawn = new Set(sample);
  const cosines: number[] = [];
  const matches = new Array<VectorMatch | undefined>(pool.size);
  for (const match of space.similarities([...new Set([...pool.ordinals, ...sample])])) {
    const place = pool.placeOf(match.ordinal);
    if (place >= 0) matches[place] = match;
    if (drawn.has(match.ordinal)) cosines.push(cosineOf(match));
  }
  return { matches, sample: cosines };
}

/** What words found by half of the question's weight at least: a model that knows anything has them near. */
function tellingMatches(
  byWords: readonly LexicalMatch[],
  pool: Pool,
  { terms, idf, impacts }: TermImpacts,
): readonly number[] {
  const whole = idf.reduce((sum, each) => sum + each, 0);
  return byWords
    .filter(({ ordinal }) => {
      const row = pool.placeOf(ordinal) * terms.length;
      const found = idf.reduce(
        (sum, each, term) => sum + ((impacts[row + term] as number) > 0 ? each : 0),
        0,
      );
      return found >= TELLING_SHARE * whole;
    })
    .map(({ ordinal }) => ordinal);
}

function trustIn(
  matches: readonly (VectorMatch | undefined)[],
  pool: Pool,
  byWords: readonly LexicalMatch[],
  words: TermImpacts,
  background: Background,
): number {
  const telling = tellingMatches(byWords, pool, words).flatMap(
    (ordinal) => matches[pool.placeOf(ordinal)] ?? [],
  );
  return trustOf(telling.map(cosineOf), background);
}

function pointsOf(pool: Pool, evidence: Evidence, weights: Weights): Float64Array {
  const points = new Float64Array(pool.size);
  for (const [signal, values] of evidence) {
    const weight = weights[signal];
    if (weight !== 0)
      for (let place = 0; place < pool.size; place += 1)
        points[place] = (points[place] as number) + weight * (values[place] as number);
  }
  return points;
}

/** Those for which nothing speaks at all are left out. */
function rank(pool: Pool, points: Float64Array): readonly Ranked[] {
  const ranked: Ranked[] = [];
  for (let place = 0; place < pool.size; place += 1) {
    const own = points[place] as number;
    if (pool.isCandidate[place] === 1 && own !== 0)
      ranked.push({ ordinal: pool.ordinals[place] as number, points: own });
  }
  return ranked.sort(byPoints);
}

/** What a memory would have that is the best of all candidates in every signal. */
function mostPointsOf(evidence: Evidence, weights: Weights): number {
  let most = 0;
  for (const [signal, values] of evidence) {
    const weight = weights[signal];
    let largest = 0;
    for (let place = 0; place < values.length; place += 1)
      largest = Math.max(largest, (values[place] as number) * weight);
    most += largest;
  }
  return most;
}

/** Best first. */
export function byPoints(a: Ranked, b: Ranked): number {
  return b.points - a.points || a.ordinal - b.ordinal;
}

/** Points as a share of the most, 0–1. */
export function scoreOf({ points }: Ranked, recalled: Recalled | undefined): number {
  const most = recalled?.mostPoints ?? 0;
  return most > 0 ? Math.min(1, Math.max(0, points / most)) : 0;
}

function partsOf(evidence: Evidence, weights: Weights, place: number): readonly SignalPart[] {
  return SIGNAL_NAMES.flatMap((signal) => {
    const value = evidence.get(signal)?.[place] ?? 0;
    return value === 0 ? [] : [{ signal, value, weight: weights[signal] }];
  });
}

function lexicalOf({ terms, impacts }: TermImpacts, place: number, value: number): Reasons['lexical'] {
  const row = impacts.subarray(place * terms.length, (place + 1) * terms.length);
  const found = terms.filter((_, term) => (row[term] as number) > 0);
  if (found.length === 0) return undefined;
  return { raw: row.reduce((sum, each) => sum + each, 0) * found.length, value, terms: found };
}

function findersOf(
  ordinal: number,
  found: Readonly<Record<SearchArm, { has(ordinal: number): boolean }>>,
): readonly Finder[] {
  const arms = (Object.keys(found) as SearchArm[]).filter((arm) => found[arm].has(ordinal));
  return arms.length === 0 ? ['neighbour'] : arms;
}

function associationOf(reached: Activation | undefined): number {
  return Math.min(1, (reached?.activation ?? 0) / FULL_ACTIVATION);
}

/** What was found, the surest first: by its shares of the best of each arm, as these weigh. Activation is the share of the surest. */
function surest(
  byWords: readonly LexicalMatch[],
  nearest: readonly (readonly VectorMatch[])[],
  { passage, meaning }: Weights,
): readonly Seed[] {
  const sums = new Map<number, number>();
  const add = (
    matches: readonly { ordinal: number }[],
    scoreAt: (place: number) => number,
    weight: number,
  ) => {
    const best = matches.length > 0 ? scoreAt(0) : 0;
    for (let i = 0; i < matches.length && best > 0; i += 1) {
      const { ordinal } = matches[i] as { ordinal: number };
      sums.set(ordinal, (sums.get(ordinal) ?? 0) + (weight * Math.max(0, scoreAt(i))) / best);
    }
  };
  // A weight of 0 leaves out a signal, not what its arm found.
  add(byWords, (place) => byWords[place]?.score ?? 0, Math.max(0, passage) || 1);
  for (const matches of nearest)
    add(
      matches,
      (place) => (matches[place] === undefined ? 0 : cosineOf(matches[place])),
      Math.max(0, meaning) || 1,
    );
  const sorted = [...sums].sort(([a, first], [b, second]) => second - first || a - b);
  const most = sorted[0]?.[1] ?? 0;
  return sorted.map(([ordinal, sum]) => ({ ordinal, activation: most > 0 ? sum / most : 0 }));
}

/** Recall: the union of what the arms find and what stands beside it, each judged by all signals, best first. */

import type { LexicalMatch, TermImpacts } from '../text/lexical-index.ts';
import type { SearchArm, SignalName } from '../types.ts';
import type { Activation, Seed } from './association/index.ts';
import { type Evidence, evidenceOf } from './evidence.ts';
import { type Background, backgroundOf, cosineOf, floorOf, trustOf, type VectorMatch } from './meaning.ts';
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
  const reached = question.associations?.(seedsOf(byWords, nearest)) ?? NOTHING_REACHED;
  const pool = new Pool(new Set([...lexical, ...vector, ...reached.keys()]), memories, question.isAllowed);
  const words = question.words?.impacts(pool.ordinals);
  const near = question.spaces.length === 0 ? undefined : nearOf(question, pool, byWords, words);
  const { asks, ends } = memories.questions(pool.ordinals);
  const evidence = new Map(
    evidenceOf(pool, {
      words,
      meaning: near?.values,
      trust: near?.trust ?? 0,
      asks,
      endsAsking: ends,
      contentBytes: Float64Array.from(pool.ordinals, (ordinal) => memories.contentBytes(ordinal)),
      isNamed: Uint8Array.from(pool.ordinals, (ordinal) =>
        question.speakers.size > 0 && question.speakers.has(memories.speaker(ordinal) ?? '') ? 1 : 0,
      ),
    }),
  );
  evidence.set(
    'association',
    pool.eachCandidate((place) => reached.get(pool.ordinals[place] as number)?.activation ?? 0),
  );
  for (const [signal, measure] of memories.signals) {
    const values = measure(pool.ordinals);
    evidence.set(
      signal,
      pool.eachCandidate((place) => values[place] ?? 0),
    );
  }
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

/** Meanings of a pool by place, with what they rest on. */
interface Near {
  readonly values: Float64Array;
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
  const reasons = new Map<number, NonNullable<Reasons['vector']>>();
  let mostTrusted = 0;
  const telling = words === undefined ? [] : tellingMatches(byWords, pool, words);
  for (const space of question.spaces) {
    const matches = space.similarities(Array.from(pool.ordinals));
    const sample = space.similarities(question.sample).map(cosineOf);
    const background = backgroundOf(sample);
    const trust = space.isKnown ? 1 : trustIn(matches, telling, background);
    mostTrusted = Math.max(mostTrusted, trust);
    const floor = floorOf(background, sample.length);
    const best = matches.reduce((most, match) => Math.max(most, cosineOf(match)), floor);
    for (const match of matches) {
      const place = pool.placeOf(match.ordinal);
      const value = best > floor ? (trust * (cosineOf(match) - floor)) / (best - floor) : 0;
      if (reasons.has(place) && value <= (values[place] as number)) continue;
      values[place] = value;
      reasons.set(place, { ...match, value, trust });
    }
  }
  return { values, trust: mostTrusted, reasonOf: (place) => reasons.get(place) };
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
  matches: readonly VectorMatch[],
  telling: readonly number[],
  background: Background,
): number {
  const cosines = new Map(matches.map((match) => [match.ordinal, cosineOf(match)]));
  return trustOf(
    telling.flatMap((ordinal) => cosines.get(ordinal) ?? []),
    background,
  );
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
  for (const [signal, values] of evidence)
    most += values.reduce((max, value) => Math.max(max, value * weights[signal]), 0);
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

/** The best of each arm, by their share of its best. */
function seedsOf(
  byWords: readonly LexicalMatch[],
  nearest: readonly (readonly VectorMatch[])[],
): readonly Seed[] {
  const seeds = new Map<number, number>();
  const lists = [
    byWords,
    ...nearest.map((matches) => matches.map((match) => ({ ...match, score: cosineOf(match) }))),
  ];
  for (const list of lists) {
    const best = list[0]?.score ?? 0;
    for (const { ordinal, score } of list.slice(0, ASSOCIATION_SEEDS))
      if (best > 0 && score > 0) seeds.set(ordinal, Math.max(seeds.get(ordinal) ?? 0, score / best));
  }
  return Array.from(seeds, ([ordinal, activation]) => ({ ordinal, activation }));
}

/** What speaks for each candidate of a search: the values of the signals that are told by words, vectors and surroundings. */

import type { TermImpacts } from '../text/lexical-index.ts';
import type { SignalName } from '../types.ts';
import type { Pool } from './pool.ts';
import {
  ANSWER_FROM,
  BYTES_PER_WORD,
  FULL_LENGTH_WORDS,
  FULL_WORDS_SHARE,
  MAX_LENGTH_VALUE,
  PASSAGE_DECAY,
  SESSION_BEST,
} from './signals.ts';

/** What is known of the memories of a pool, by place. */
export interface PoolFacts {
  /** What the question's words are worth in each; undefined where words were not asked. */
  readonly words: TermImpacts | undefined;
  /** Meaning, 0–1; undefined where no vector was asked. */
  readonly meaning: Float64Array | undefined;
  /** 1 for those that have a vector in a space that was asked. */
  readonly hasVector: Uint8Array;
  /** How far the meanings are trusted, 0–1; 0 where there are none. */
  readonly trust: number;
  /** Whether a model of known quality asks. The trust of any other is itself told by the words. */
  readonly isMeasured: boolean;
  /** 1 where a text asks something anywhere, */
  readonly asks: Uint8Array;
  /** and where it ends with a question. */
  readonly endsAsking: Uint8Array;
  /** UTF-8 bytes of the candidates' contents. */
  readonly contentBytes: Float64Array;
  /** 1 for candidates of which the question names who said it. */
  readonly isNamed: Float64Array;
  /** 1 for candidates of which it is known who said it. */
  readonly isSpoken: Float64Array;
}

/** Values of one signal, by place in the pool; only those of candidates count. */
export type Evidence = ReadonlyMap<SignalName, Float64Array>;

export function evidenceOf(pool: Pool, facts: PoolFacts): Evidence {
  const none = new Float64Array(pool.size);
  const words = facts.words === undefined ? none : wordsOf(pool, facts.words, facts.isMeasured, [0]);
  const told = facts.meaning && withGuesses(facts.meaning, facts.hasVector, words);
  // What lies farther away than a random memory tells nothing of those beside it.
  const meaning = told?.map((value) => Math.max(0, value)) ?? none;
  const evidence: [SignalName, Float64Array][] = [
    ['words', words],
    [
      'passage',
      facts.words === undefined ? none : wordsOf(pool, facts.words, facts.isMeasured, [-2, -1, 0, 1, 2]),
    ],
    ['meaning', told ?? none],
    ['session', mixed(sessionsOf(pool, meaning), sessionsOf(pool, words), facts.trust)],
    ['echo', pool.eachCandidate((place) => echo(pool, facts, meaning, place))],
    ['answer', pool.eachCandidate((place) => answer(pool, facts, words, meaning, place))],
    ['speaker', facts.isNamed],
    ['statement', pool.eachCandidate((place) => 1 - at(facts.endsAsking, place))],
    ['length', pool.eachCandidate((place) => lengthValue(at(facts.contentBytes, place)))],
  ];
  return new Map(evidence);
}

/**
 * BM25 of each candidate together with its neighbours at these offsets, by the best: of each term the most that it
 * is worth in any of them, less for one farther away; their sum times how many terms there are. All of it times how
 * far words are trusted, by how much of the question the best of them has; in full where no model asks that was measured.
 */
function wordsOf(
  pool: Pool,
  { terms, idf, impacts }: TermImpacts,
  isMeasured: boolean,
  offsets: readonly number[],
): Float64Array {
  const width = terms.length;
  const scores = new Float64Array(pool.size);
  const passage = new Passage(pool, offsets);
  let most = 0;
  let foundByBest = 0;
  // Of neighbours alone that are no candidates the own words are wanted too.
  for (let place = 0; place < pool.size; place += 1) {
    passage.moveTo(place);
    let sum = 0;
    let matched = 0;
    let found = 0;
    for (let term = 0; term < width; term += 1) {
      const worth = passage.mostOf(impacts, term, width);
      sum += worth;
      if (worth === 0) continue;
      matched += 1;
      found += idf[term] as number;
    }
    const score = sum * matched;
    scores[place] = score;
    if (score <= most) continue;
    most = score;
    foundByBest = found;
  }
  const trust = isMeasured ? trustInWords(foundByBest, idf) : 1;
  return byTheBest(scores, trust);
}

/** A memory with what stands beside it at some offsets. */
class Passage {
  readonly #pool: Pool;
  readonly #offsets: readonly number[];
  /** Places of those that are there, and what a word in each is worth. */
  readonly #places: Int32Array;
  readonly #decays: Float64Array;
  #count = 0;

  constructor(pool: Pool, offsets: readonly number[]) {
    this.#pool = pool;
    this.#offsets = offsets;
    this.#places = new Int32Array(offsets.length);
    this.#decays = new Float64Array(offsets.length);
  }

  moveTo(place: number): void {
    this.#count = 0;
    for (const offset of this.#offsets) {
      const other = offset === 0 ? place : this.#pool.beside(place, offset);
      if (other < 0) continue;
      this.#places[this.#count] = other;
      this.#decays[this.#count] = PASSAGE_DECAY[Math.abs(offset)] as number;
      this.#count += 1;
    }
  }

  /** Most that a term is worth in any of them. */
  mostOf(impacts: Float32Array, term: number, width: number): number {
    let most = 0;
    for (let i = 0; i < this.#count; i += 1) {
      const impact = impacts[(this.#places[i] as number) * width + term] as number;
      const here = impact * (this.#decays[i] as number);
      if (here > most) most = here;
    }
    return most;
  }
}

/** 0–1: where the best has little of the question's weight, it may have it by accident. */
function trustInWords(found: number, idf: Float32Array): number {
  const whole = idf.reduce((sum, each) => sum + each, 0);
  return whole === 0 ? 1 : Math.min(1, found / (FULL_WORDS_SHARE * whole));
}

/** Of each candidate's session the mean of its best that may be found, by the best session. */
function sessionsOf(pool: Pool, values: Float64Array): Float64Array {
  const means = meansOfBest(pool, values);
  // A memory without a session is one of its own.
  const own = pool.eachCandidate((place) => {
    const session = pool.sessions[place] as number;
    return session < 0 ? at(values, place) : at(means, session);
  });
  return byTheBest(own);
}

/** Of each session the mean of its best values; one that the pool does not have counts 0. */
function meansOfBest({ sessions, sessionSizes }: Pool, values: Float64Array): Float64Array {
  // The best of each session, best first, and zeros where there are fewer.
  const best = new Float64Array(sessionSizes.length * SESSION_BEST);
  for (let place = 0; place < sessions.length; place += 1) {
    const session = sessions[place] as number;
    if (session >= 0) insert(best, session * SESSION_BEST, at(values, place));
  }
  const means = new Float64Array(sessionSizes.length);
  for (let session = 0; session < means.length; session += 1) {
    let sum = 0;
    for (let i = 0; i < SESSION_BEST; i += 1) sum += best[session * SESSION_BEST + i] as number;
    means[session] = sum / Math.max(1, sessionSizes[session] ?? 1);
  }
  return means;
}

/** Puts a value into its place among those of a session; the least of them falls out. */
function insert(best: Float64Array, from: number, value: number): void {
  let falling = value;
  for (let i = from; i < from + SESSION_BEST; i += 1) {
    const here = best[i] as number;
    if (falling <= here) continue;
    best[i] = falling;
    falling = here;
  }
}

/** A memory whose vector is not there yet, or in a space that nobody can ask, is not to come last for that: its words tell what it may mean. */
function withGuesses(meaning: Float64Array, hasVector: Uint8Array, words: Float64Array): Float64Array {
  return meaning.map((value, place) => (hasVector[place] === 1 ? value : at(words, place)));
}

function echo(pool: Pool, { asks, isSpoken }: PoolFacts, meaning: Float64Array, place: number): number {
  if (isSpoken[place] !== 1) return 0;
  const before = pool.beside(place, -1);
  return before < 0 || asks[before] === 1 ? 0 : at(meaning, before);
}

function answer(
  pool: Pool,
  facts: PoolFacts,
  words: Float64Array,
  meaning: Float64Array,
  place: number,
): number {
  const before = pool.beside(place, -1);
  if (before < 0 || facts.asks[before] !== 1) return 0;
  const like = [facts.words && at(words, before), facts.meaning && at(meaning, before)];
  const known = like.filter((value) => value !== undefined);
  if (known.length === 0) return 0;
  return known.reduce((sum, value) => sum + value, 0) / known.length - ANSWER_FROM;
}

function lengthValue(bytes: number): number {
  return Math.min(Math.log1p(bytes / BYTES_PER_WORD) / Math.log(FULL_LENGTH_WORDS), MAX_LENGTH_VALUE);
}

/** As much of the first as it is trusted, and the rest of the second. */
function mixed(first: Float64Array, second: Float64Array, trust: number): Float64Array {
  return first.map((value, place) => trust * value + (1 - trust) * at(second, place));
}

/** Values as shares of the best of them, times a factor; as they are where none is above 0. */
function byTheBest(values: Float64Array, factor = 1): Float64Array {
  let best = 0;
  for (let place = 0; place < values.length; place += 1) best = Math.max(best, values[place] as number);
  const shares = new Float64Array(values.length);
  const whole = best > 0 ? best : 1;
  for (let place = 0; place < values.length; place += 1)
    shares[place] = factor * ((values[place] as number) / whole);
  return shares;
}

function at(values: Float64Array | Uint8Array, place: number): number {
  return place < 0 ? 0 : (values[place] ?? 0);
}

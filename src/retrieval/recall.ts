/** Recall: the union of what the arms find and what stands beside it, each judged by all signals, best first. */

import type { TermImpacts } from '../text/lexical-index.ts';
import type { SignalName } from '../types.ts';
import { type Activation, FULL_ACTIVATION } from './association/index.ts';
import { type Evidence, evidenceOf, type PoolFacts } from './evidence.ts';
import { type Finder, findBy } from './finds.ts';
import { type MeaningReason, type Nearness, nearnessOf } from './nearness.ts';
import { Pool } from './pool.ts';
import type { Measure, Memories, RecallQuestion } from './question.ts';
import { partsOf, type Ranking, rank, type SignalPart } from './ranking.ts';

/** Why a memory stands where it does. */
export interface Reasons {
  readonly foundBy: readonly Finder[];
  /** The signals that are not silent. */
  readonly parts: readonly SignalPart[];
  readonly vector: MeaningReason | undefined;
  readonly lexical:
    | { readonly raw: number; readonly value: number; readonly terms: readonly string[] }
    | undefined;
}

export interface Recalled extends Ranking {
  /** Of one of those ranked. */
  reasonsOf(ordinal: number): Reasons;
}

/** What the question's arms know of a pool. */
interface Judged {
  /** What its words are worth in each; undefined where words are not asked. */
  readonly words: TermImpacts | undefined;
  /** Undefined where no vector is asked. */
  readonly nearness: Nearness | undefined;
  readonly reached: ReadonlyMap<number, Activation>;
}

/** Finds candidates and ranks them. */
export function recall(question: RecallQuestion, memories: Memories): Recalled {
  const { weights } = question;
  const { byWords, reached, kept, findersOf } = findBy(question);
  const pool = new Pool(kept, memories, question.isAllowed);
  const words = question.words?.impacts(pool.ordinals);
  const nearness = nearnessOf(question, pool, byWords, words);
  const evidence = gather(pool, question, memories, { words, nearness, reached });
  return {
    ...rank(pool, evidence, weights),
    reasonsOf: (ordinal) => {
      const place = pool.placeOf(ordinal);
      return {
        foundBy: findersOf(ordinal),
        parts: partsOf(evidence, weights, place),
        vector: nearness?.reasonOf(place),
        lexical: words && lexicalOf(words, place, evidence.get('words')?.[place] ?? 0),
      };
    },
  };
}

/** The values of all signals. */
function gather(pool: Pool, question: RecallQuestion, memories: Memories, judged: Judged): Evidence {
  const evidence: Evidence = new Map<SignalName, Float64Array>([
    ...evidenceOf(pool, factsOf(pool, question, memories, judged)),
    ['association', ofCandidates(pool, (ordinal) => associationOf(judged.reached.get(ordinal)))],
    ...ownValues(pool, memories.signals),
  ]);
  dropUnmeasurable(evidence);
  return evidence;
}

function factsOf(
  pool: Pool,
  { spaces, speakers }: RecallQuestion,
  memories: Memories,
  { words, nearness }: Judged,
): PoolFacts {
  const { asks, ends } = memories.questions(pool.ordinals);
  const isNamed = (ordinal: number) => speakers.size > 0 && speakers.has(memories.speaker(ordinal) ?? '');
  return {
    words,
    meaning: nearness?.values,
    hasVector: nearness?.hasVector ?? new Uint8Array(pool.size),
    trust: nearness?.trust ?? 0,
    isMeasured: spaces.some(({ isKnown }) => isKnown),
    asks,
    endsAsking: ends,
    contentBytes: ofCandidates(pool, (ordinal) => memories.contentBytes(ordinal)),
    isSpoken: ofCandidates(pool, (ordinal) => Number(memories.speaker(ordinal) !== undefined)),
    isNamed: ofCandidates(pool, (ordinal) => Number(isNamed(ordinal))),
  };
}

/** Values by place, told by the candidates' ordinals. */
function ofCandidates(pool: Pool, measure: (ordinal: number) => number): Float64Array {
  return pool.eachCandidate((place) => measure(pool.ordinals[place] as number));
}

/** The signals that candidates' own fields tell, by place. */
function* ownValues(
  pool: Pool,
  signals: ReadonlyMap<SignalName, Measure>,
): Generator<readonly [SignalName, Float64Array]> {
  const { candidates } = pool;
  const ordinals = candidates.map((place) => pool.ordinals[place] as number);
  for (const [signal, measure] of signals) {
    const own = measure(ordinals);
    const values = new Float64Array(pool.size);
    for (let i = 0; i < candidates.length; i += 1) values[candidates[i] as number] = own[i] ?? 0;
    yield [signal, values];
  }
}

/** A value that is no number counts 0: else it would make all points of its candidate, and their order, none. */
function dropUnmeasurable(evidence: Evidence): void {
  for (const values of evidence.values())
    for (let place = 0; place < values.length; place += 1)
      if (!Number.isFinite(values[place])) values[place] = 0;
}

function associationOf(reached: Activation | undefined): number {
  return Math.min(1, (reached?.activation ?? 0) / FULL_ACTIVATION);
}

/** What words matched in the memory of a place, and how well. */
function lexicalOf({ terms, impacts }: TermImpacts, place: number, value: number): Reasons['lexical'] {
  const row = impacts.subarray(place * terms.length, (place + 1) * terms.length);
  const found = terms.filter((_, term) => (row[term] as number) > 0);
  if (found.length === 0) return undefined;
  return { raw: row.reduce((sum, each) => sum + each, 0) * found.length, value, terms: found };
}

/** A question as recall asks it: the arms, what is known of the memories, and what the caller says of where he stands. */

import { isMeasuredSpace } from '../embedding/spaces.ts';
import { CANDIDATE_FACTOR, JUDGED_FACTOR, MIN_CANDIDATES, MIN_JUDGED } from '../limits.ts';
import type { Moment } from '../memory/fact.ts';
import type { Focus } from '../retrieval/focus.ts';
import { cosineOf } from '../retrieval/meaning.ts';
import type { Measure, Memories, SpaceArm } from '../retrieval/question.ts';
import { type Recalled, recall } from '../retrieval/recall.ts';
import { BACKGROUND_SAMPLE, weightsOf } from '../retrieval/signals.ts';
import type { TimeRange } from '../retrieval/time/index.ts';
import type { EdgeKind, SearchArm, SearchOptions, SearchResult } from '../types.ts';
import type { Bitset } from '../vector/bitset.ts';
import { ownSignals } from './own-signals.ts';
import type { EngineState } from './state.ts';
import type { SpaceQuery, VectorArm } from './vector-arm.ts';

export type Effort = NonNullable<SearchResult['plan']['vector']>[number];

/** What was recalled, and how the vectors were searched. */
export interface Asked {
  readonly recalled: Recalled | undefined;
  readonly vector: readonly Effort[];
}

/** A question with all that is known of it. */
export interface Question {
  readonly focus: Focus;
  readonly queries: readonly SpaceQuery[];
  /** The times it speaks of. */
  readonly ranges: readonly TimeRange[];
  /** What the caller is at, as vectors; none where he does not say. */
  readonly task: readonly SpaceQuery[];
  /** The moment as of which is asked. */
  readonly moment: Moment;
  readonly now: number;
}

interface Parts {
  readonly state: EngineState;
  readonly arm: VectorArm;
}

/** Multiples of it are spread evenly over 0–1, however many there are. */
const GOLDEN_RATIO = (1 + Math.sqrt(5)) / 2;
/** Edges by which one memory brings another; neighbours in a session are signals of their own. */
const ASSOCIATIVE: ReadonlySet<EdgeKind> = new Set(['link', 'learnt']);

/** Asks all arms that the caller wants asked, and ranks what they bring. */
export function askArms(
  parts: Parts,
  question: Question,
  limit: number,
  filter: Bitset | undefined,
  options: SearchOptions,
): Asked {
  const { state } = parts;
  const { focus, queries, now } = question;
  const efforts: Effort[] = [];
  const isAllowed = (ordinal: number) => filter?.has(ordinal) ?? state.table.has(ordinal);
  const recalled = recall(
    {
      words: isAsked('lexical', options) && hasWords(focus) ? wordArm(state, focus, filter) : undefined,
      spaces: queries.map((query) => spaceArm(parts, query, limit, filter, options, efforts)),
      associations: isAsked('association', options)
        ? (seeds) => state.network.spread(seeds, { now, isAllowed, kinds: ASSOCIATIVE })
        : undefined,
      speakers: focus.speakers,
      said: focus.isOnlySpeakers ? (count) => latestOf(state, focus.speakers, isAllowed, count) : undefined,
      count: Math.max(limit * CANDIDATE_FACTOR, MIN_CANDIDATES),
      keep: Math.max(limit * JUDGED_FACTOR, MIN_JUDGED),
      isAllowed,
      sample: sampleOf(state),
      weights: weightsOf(options.weights),
    },
    memoriesOf(parts, question, options),
  );
  return { recalled, vector: efforts };
}

export function isAsked(arm: SearchArm, { arms }: SearchOptions): boolean {
  return arms === undefined || arms.includes(arm);
}

/** Whether there are words to be asked for. */
export function hasWords({ text, isOnlySpeakers }: Focus): boolean {
  return text.trim() !== '' && !isOnlySpeakers;
}

/** The latest memories of some speakers. Only their column is looked at, until all of them or as many as wanted are found. */
function latestOf(
  { table, speakers: names }: EngineState,
  speakers: ReadonlySet<string>,
  isAllowed: (ordinal: number) => boolean,
  count: number,
): readonly number[] {
  const latest: number[] = [];
  let left = [...speakers].reduce((sum, speaker) => sum + names.countOf(speaker), 0);
  for (const ordinal of table.ordinalsDown()) {
    if (left === 0 || latest.length === count) break;
    if (!speakers.has(table.field(ordinal, 'speaker') as string)) continue;
    left -= 1;
    if (isAllowed(ordinal)) latest.push(ordinal);
  }
  return latest;
}

function wordArm({ lexical }: EngineState, { text }: Focus, filter: Bitset | undefined) {
  return {
    search: (count: number) => lexical.search(text, count, filter),
    impacts: (ordinals: Uint32Array) => lexical.impacts(text, ordinals),
  };
}

function spaceArm(
  { arm }: Parts,
  query: SpaceQuery,
  limit: number,
  filter: Bitset | undefined,
  { recall: share, ef }: SearchOptions,
  efforts: Effort[],
): SpaceArm {
  return {
    isKnown: isMeasuredSpace(query.space),
    nearest: (count) => {
      const nearest = arm.nearest(query, count, { filter, recall: share, recallAt: limit, ef });
      efforts.push(...nearest.efforts);
      return nearest.matches;
    },
    similarities: (ordinals) => arm.scores(query, ordinals),
  };
}

function memoriesOf(parts: Parts, question: Question, options: SearchOptions): Memories {
  const { state } = parts;
  const { sessions, table, lexical } = state;
  return {
    locate: (ordinal) => sessions.locate(ordinal),
    speaker: (ordinal) => table.field(ordinal, 'speaker') as string | undefined,
    contentBytes: (ordinal) => table.contentBytesOf(ordinal),
    signals: ownSignals(state, question, taskMeasureOf(parts, question), options),
    questions: (ordinals) => lexical.questions(ordinals),
  };
}

/** How like what the caller is at each memory is, 0–1: its cosine, in whichever space it is nearest. */
function taskMeasureOf({ arm }: Parts, { task }: Question): Measure {
  return (ordinals) => {
    const values = new Map<number, number>();
    for (const query of task)
      for (const match of arm.scores(query, [...ordinals]))
        values.set(match.ordinal, Math.max(values.get(match.ordinal) ?? 0, cosineOf(match)));
    return Array.from(ordinals, (ordinal) => values.get(ordinal) ?? 0);
  };
}

/** Memories spread evenly over all ordinals, the same at every search: what cosines those have that nothing chose. */
function sampleOf({ table }: EngineState): readonly number[] {
  const sample = new Set<number>();
  const count = table.nextOrdinal;
  for (let i = 0; i < BACKGROUND_SAMPLE; i++) {
    const ordinal = Math.floor(((i * GOLDEN_RATIO) % 1) * count);
    if (table.has(ordinal)) sample.add(ordinal);
  }
  return [...sample];
}

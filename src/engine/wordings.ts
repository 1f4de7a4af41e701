/** A question and its further wordings: each is prepared with what it is about, its vectors and its times, and asked. */

import type { Moment } from '../memory/fact.ts';
import { type Focus, focusOf } from '../retrieval/focus.ts';
import type { Recalled } from '../retrieval/recall.ts';
import type { SearchOptions } from '../types.ts';
import type { Environment } from './environment.ts';
import { type AroundEvent, type EventTimes, timesAroundEvents } from './event-times.ts';
import type { QueryEmbedding } from './query-embedding.ts';
import { embedQuery, NO_VECTORS, type QueryVectors } from './query-vectors.ts';
import { type QuestionTimes, readTimes, strictRange } from './question-times.ts';
import { type ReadListedParts, readListed } from './read-listed.ts';
import { askArms, type Effort } from './recall-question.ts';
import type { Selection, Selections } from './selections.ts';
import type { EngineState } from './state.ts';
import type { SpaceQuery, VectorArm } from './vector-arm.ts';

export interface Wording {
  readonly text: string;
  readonly focus: Focus;
  readonly vectors: QueryVectors;
  readonly times: QuestionTimes;
}

/** What all wordings of a question have in common. */
export interface Asking {
  /** The question first. */
  readonly wordings: readonly Wording[];
  /** What the caller is at, as vectors. */
  readonly task: readonly SpaceQuery[];
  /** The moment as of which is asked. */
  readonly moment: Moment;
  readonly limit: number;
  readonly options: SearchOptions;
  /** What it may find. */
  readonly selections: Selections;
}

/** What one wording found. */
export interface Found {
  readonly wording: Wording;
  /** Undefined where nothing is left to be found. */
  readonly recalled: Recalled | undefined;
  readonly efforts: readonly Effort[];
  /** Times around the events that it names. */
  readonly around: readonly AroundEvent[];
  /** Why times of these events could not be read. */
  readonly degraded: string | undefined;
  /** Memories that the filter and a strict time left. */
  readonly considered: number;
  /** Whether it may find a memory. */
  readonly isAllowed: Predicate;
}

interface Parts {
  readonly state: EngineState;
  readonly queries: QueryEmbedding;
  readonly arm: VectorArm;
  readonly environment: Environment;
}

type Predicate = (ordinal: number) => boolean;

/** Prepares the question and its further wordings, in this order. One that names no time means the question's. */
export async function prepareWordings(
  parts: Parts,
  query: string,
  options: SearchOptions,
): Promise<readonly Wording[]> {
  // A vector of the caller's is the question's alone.
  const others = (options.queries ?? []).map((text) =>
    prepare(parts, text, { ...options, embedding: undefined }),
  );
  const [question, further] = await Promise.all([prepare(parts, query, options), Promise.all(others)]);
  const timed = further.map((wording) => ({
    ...wording,
    times: namesTime(wording.times) ? wording.times : question.times,
  }));
  return [question, ...timed];
}

async function prepare(
  { state, queries, environment }: Parts,
  text: string,
  options: SearchOptions,
): Promise<Wording> {
  const times = await readTimes(text, options, environment);
  const isMeant = state.predicate(options.filter, environment.now(), options.asOf);
  const read = focusOf(
    text,
    (word) => state.speakers.named(word).filter((speaker) => speaks(state, speaker, isMeant)),
    (word) => state.lexical.isStopWord(word),
  );
  // A vector of the caller's means something, whatever the words are; so do times, though "in May" be grammar.
  const isOnlySpeakers = read.isOnlySpeakers && options.embedding === undefined && !namesTime(times);
  const focus = { ...read, isOnlySpeakers };
  const vectors = focus.isOnlySpeakers
    ? NO_VECTORS
    : await embedQuery({ state, queries, environment }, focus.text, options);
  return { text, focus, vectors, times };
}

/** Whether a speaker is heard among the memories that may be found: others are not known to the question. */
function speaks({ table }: EngineState, speaker: string, isMeant: Predicate | undefined): boolean {
  if (isMeant === undefined) return true;
  for (const ordinal of table.ordinals())
    if (table.field(ordinal, 'speaker') === speaker && isMeant(ordinal)) return true;
  return false;
}

function namesTime({ ranges, anchors }: QuestionTimes): boolean {
  return ranges.length + anchors.length > 0;
}

/** Looks up the events that the wordings of a question name, in the order of these. Contents are read for these events only. */
export function lookUpEvents(parts: Parts & ReadListedParts, asking: Asking): Promise<readonly EventTimes[]> {
  const { moment, options } = asking;
  const readContents = async (ordinals: readonly number[]) =>
    new Map([...(await readListed(parts, ordinals))].map(([ordinal, { content }]) => [ordinal, content]));
  const known = new Map<QuestionTimes, Promise<EventTimes>>();
  return Promise.all(
    asking.wordings.map(({ times }) => {
      const looking =
        known.get(times) ??
        timesAroundEvents(
          { ...parts, readContents },
          times,
          selectFor(times, asking)?.members,
          moment,
          options,
        );
      known.set(times, looking);
      return looking;
    }),
  );
}

/** A stretch of time that the question is strict about holds for all its wordings. */
function selectFor(times: QuestionTimes, { wordings, selections }: Asking): Selection | undefined {
  const bound = new Set([wordings[0]?.times ?? times, times]);
  return selections.within([...bound].flatMap((each) => strictRange(each) ?? []));
}

/** Asks all arms. What it is selected from is there now: nothing deleted by then is found. */
export function ask(
  parts: Parts,
  wording: Wording,
  asking: Asking,
  { ranges: around, degraded }: EventTimes,
): Found {
  const { state } = parts;
  const { task, moment, limit, options } = asking;
  const { focus, vectors, times } = wording;
  const selection = selectFor(times, asking);
  const ranges = [...times.ranges, ...around];
  const question = { focus, queries: vectors.queries, task, ranges, moment, now: times.now };
  const { recalled, vector } =
    selection?.count === 0
      ? { recalled: undefined, vector: [] }
      : askArms(parts, question, limit, selection?.members, options);
  return {
    wording,
    recalled,
    efforts: vector,
    around,
    degraded,
    considered: selection?.count ?? state.table.size,
    isAllowed: (ordinal) => state.table.has(ordinal) && (selection?.members.has(ordinal) ?? true),
  };
}

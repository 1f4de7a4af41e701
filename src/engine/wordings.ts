/** A question and its further wordings: each is prepared with what it is about, its vectors and its times, and asked. */

import type { Moment } from '../memory/fact.ts';
import { type Focus, focusOf } from '../retrieval/focus.ts';
import type { Recalled } from '../retrieval/recall.ts';
import type { TimeRange } from '../retrieval/time/index.ts';
import type { SearchOptions } from '../types.ts';
import type { Environment } from './environment.ts';
import type { QueryEmbedding } from './query-embedding.ts';
import { embedQuery, type QueryVectors } from './query-vectors.ts';
import { type QuestionTimes, rangesAround, readTimes, strictRange } from './question-times.ts';
import { askArms, type Effort } from './recall-question.ts';
import type { Selections } from './selections.ts';
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
  readonly around: readonly TimeRange[];
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
  const focus = focusOf(text, (word) =>
    state.speakers.named(word).filter((speaker) => speaks(state, speaker, isMeant)),
  );
  const vectors = await embedQuery({ state, queries, environment }, focus.text, options);
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

/** Asks all arms. What it is selected from is there now: nothing deleted by then is found. */
export function ask(parts: Parts, wording: Wording, asking: Asking): Found {
  const { state } = parts;
  const { wordings, task, moment, limit, options, selections } = asking;
  const { focus, vectors, times } = wording;
  // A stretch of time that the question is strict about holds for all its wordings.
  const bound = new Set([wordings[0]?.times ?? times, times]);
  const selection = selections.within([...bound].flatMap((each) => strictRange(each) ?? []));
  const around = rangesAround(times, state, selection?.members);
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
    considered: selection?.count ?? state.table.size,
    isAllowed: (ordinal) => state.table.has(ordinal) && (selection?.members.has(ordinal) ?? true),
  };
}

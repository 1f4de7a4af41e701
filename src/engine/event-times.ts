/** The times around the events that a question names: by a date that a memory tells of them, else by when it was told. */

import { MAX_EVENT_TEXT_CHARS } from '../limits.ts';
import type { Moment } from '../memory/fact.ts';
import { beginOf } from '../memory/fact.ts';
import {
  createDateParserLoader,
  type EventAnchor,
  eventTimeIn,
  resolveAnchorWithin,
  type TimeOptions,
  type TimeRange,
} from '../retrieval/time/index.ts';
import type { PlanEvent } from '../types.ts';
import type { Bitset } from '../vector/bitset.ts';
import type { Environment } from './environment.ts';
import type { QuestionTimes } from './question-times.ts';
import type { EngineState } from './state.ts';

/** Memories that may tell of an event, best first: the times of all of them are looked around. */
const EVENT_CANDIDATES = 3;
/** Events of a question whose times are looked up. */
const MAX_EVENTS = 3;

/** A time around an event. */
export interface AroundEvent extends TimeRange {
  readonly event: PlanEvent;
}

export interface EventTimes {
  readonly ranges: readonly AroundEvent[];
  /** Why dates in texts could not be read. */
  readonly degraded: string | undefined;
}

export interface EventSources {
  readonly state: EngineState;
  readonly environment: Pick<Environment, 'schedule'>;
  /** The contents of memories by ordinal; those that are lost are not among them. */
  readonly readContents: (ordinals: readonly number[]) => Promise<ReadonlyMap<number, string>>;
}

interface Told {
  readonly ordinal: number;
  readonly event: PlanEvent;
}

const NOTHING: EventTimes = { ranges: [], degraded: undefined };

/**
 * The times around the events that a question names, of which the memories with all of an event's words tell; none
 * where no memory has all of them. Where the text of any of these gives the event a time, only such times count.
 */
export async function timesAroundEvents(
  sources: EventSources,
  { anchors, now }: Pick<QuestionTimes, 'anchors' | 'now'>,
  filter: Bitset | undefined,
  moment: Moment,
  options: TimeOptions,
): Promise<EventTimes> {
  if (anchors.length === 0) return NOTHING;
  const found = await Promise.all(
    anchors.slice(0, MAX_EVENTS).map(async (anchor) => {
      const { told, degraded } = await tellersOf(sources, anchor, filter, moment, options);
      const ranges = told.map(({ event }) => ({ ...resolveAnchorWithin(anchor, event, now), event }));
      return { ranges, degraded };
    }),
  );
  return {
    ranges: found.flatMap(({ ranges }) => ranges),
    degraded: found.find(({ degraded }) => degraded !== undefined)?.degraded,
  };
}

async function tellersOf(
  { state, environment, readContents }: EventSources,
  { event }: EventAnchor,
  filter: Bitset | undefined,
  moment: Moment,
  { utcOffsetMinutes, hemisphere }: TimeOptions,
): Promise<{ readonly told: readonly Told[]; readonly degraded: string | undefined }> {
  const ordinals = matchesOf(state, event, filter);
  if (ordinals.length === 0) return { told: [], degraded: undefined };
  const contents = await readContents(ordinals);
  const { analyser, terms } = state.lexical.phraseOf(event);
  const termsOf = (text: string) => analyser.wordsOf(text).flatMap((word) => analyser.termOf(word) ?? []);
  const words = { terms: new Set(terms), termsOf };
  const load = createDateParserLoader(environment.schedule);
  let degraded: string | undefined;
  const told = await Promise.all(
    ordinals.map(async (ordinal): Promise<Told> => {
      const { id, at, toldAt } = timesOf(state, ordinal);
      const text = (contents.get(ordinal) ?? '').slice(0, MAX_EVENT_TEXT_CHARS);
      const read = await eventTimeIn(text, words, toldAt, { utcOffsetMinutes, hemisphere }, load);
      degraded ??= read.degraded;
      if (read.range === undefined) return { ordinal, event: { id, fromMs: at, toMs: at } };
      const { fromMs, toMs, text: said } = read.range;
      return { ordinal, event: { id, fromMs, toMs, text: said } };
    }),
  );
  return { told: surest(state, told, moment), degraded };
}

/** The memories that have all words of an event. */
function matchesOf({ lexical }: EngineState, event: string, filter: Bitset | undefined): readonly number[] {
  const matches = lexical.search(event, EVENT_CANDIDATES, filter, { isExact: true });
  const words = Math.max(0, ...matches.map(({ terms }) => terms.length));
  const { terms } = lexical.impacts(event, new Uint32Array());
  if (words === 0 || words < terms.length) return [];
  return matches.filter((match) => match.terms.length === words).map(({ ordinal }) => ordinal);
}

/** When what a memory tells began, and when it was told: a fact that is brought in later was told before it was added. */
function timesOf({ table }: EngineState, ordinal: number) {
  const times = table.times(ordinal);
  return {
    id: String(table.field(ordinal, 'id')),
    at: beginOf(times),
    toldAt: Math.min(times.createdAt, beginOf(times)),
  };
}

/** Those that give a date, if any does, and of these those whose date was not replaced. */
function surest({ facts }: EngineState, told: readonly Told[], moment: Moment): readonly Told[] {
  const dated = told.filter(({ event }) => event.text !== undefined);
  const isReplaced = ({ ordinal }: Told) =>
    ['superseded', 'contradicted'].includes(facts.validityOf(ordinal, moment).state);
  const holding = dated.filter((each) => !isReplaced(each));
  if (holding.length > 0) return holding;
  return dated.length > 0 ? dated : told;
}

/** The signals that a memory's own fields and its use tell, whatever the question's words. */

import { createContextScorer } from '../retrieval/context.ts';
import { activation, recencyWeight } from '../retrieval/decay.ts';
import type { Measure } from '../retrieval/question.ts';
import { PRIORITY_VALUES } from '../retrieval/signals.ts';
import { OUTDATED } from '../retrieval/validity.ts';
import type { CallerContext, Memory, SearchOptions, SignalName } from '../types.ts';
import { timeSignal } from './question-times.ts';
import type { Question } from './recall-question.ts';
import type { EngineState } from './state.ts';

/** @param likeTask how like the caller's task memories are, 0–1. */
export function ownSignals(
  state: EngineState,
  { ranges, moment, now }: Pick<Question, 'ranges' | 'moment' | 'now'>,
  likeTask: Measure,
  { context }: Pick<SearchOptions, 'context'>,
): ReadonlyMap<SignalName, Measure> {
  const { facts, preferences } = state;
  const field = fieldsOf(state);
  const inTime = timeSignal(ranges);
  const near = context && contextMeasure(state, context, likeTask);
  return new Map<SignalName, Measure>([
    ['outdated', each((ordinal) => OUTDATED[facts.validityOf(ordinal, moment).state])],
    ...(inTime === undefined
      ? []
      : [['time', each((ordinal) => inTime(field(ordinal, 'createdAt')))] as const]),
    ...(near === undefined ? [] : [['context', near] as const]),
    ['recency', each((ordinal) => recencyOf(state, ordinal, now))],
    ['priority', each((ordinal) => PRIORITY_VALUES[field(ordinal, 'priority')])],
    ['importance', each((ordinal) => 2 * field(ordinal, 'importance') - 1)],
    ['use', each((ordinal) => useOf(state, ordinal, now))],
    ...(state.table.reach('feedback') === 0
      ? []
      : [
          ['usefulness', each((ordinal) => preferences.usefulnessOf(ordinal, now))] as const,
          ['preference', each((ordinal) => preferences.preferenceOf(ordinal, now))] as const,
        ]),
  ]);
}

function each(valueOfOne: (ordinal: number) => number): Measure {
  return (ordinals) => {
    // A loop: `from` takes ten times as long.
    const values = new Float64Array(ordinals.length);
    for (let i = 0; i < ordinals.length; i += 1) values[i] = valueOfOne(ordinals[i] as number);
    return values;
  };
}

function fieldsOf({ table }: EngineState) {
  return <F extends keyof Memory>(ordinal: number, name: F) => table.field(ordinal, name) as Memory[F];
}

function recencyOf(state: EngineState, ordinal: number, now: number): number {
  const field = fieldsOf(state);
  const fading = {
    kind: field(ordinal, 'kind'),
    tier: field(ordinal, 'tier'),
    priority: field(ordinal, 'priority'),
    importance: field(ordinal, 'importance'),
    accessCount: state.access.count(ordinal),
  };
  return Math.log(recencyWeight(fading, now - field(ordinal, 'createdAt')));
}

function useOf(state: EngineState, ordinal: number, now: number): number {
  const last = state.access.lastAccessedAt(ordinal);
  return activation({
    accessCount: state.access.count(ordinal),
    sinceLastReadMs: last === undefined ? undefined : now - last,
    ageMs: now - fieldsOf(state)(ordinal, 'createdAt'),
  });
}

/** Undefined where the context names nothing. */
function contextMeasure(state: EngineState, context: CallerContext, likeTask: Measure): Measure | undefined {
  const field = fieldsOf(state);
  const score = createContextScorer(context, (tag) => rarityOf(state, tag));
  if (score === undefined) return undefined;
  return (ordinals) => {
    const task = likeTask(ordinals);
    return Float64Array.from(ordinals, (ordinal, place) => {
      const placed = {
        sessionId: field(ordinal, 'sessionId'),
        agentId: field(ordinal, 'agentId'),
        tags: field(ordinal, 'tags'),
        metadata: field(ordinal, 'metadata'),
      };
      return score(placed, task[place]);
    });
  };
}

/** Of a tag the rarity of its words, wherever they stand. */
function rarityOf({ lexical }: EngineState, tag: string): number {
  const { idf } = lexical.impacts(tag, new Uint32Array());
  return idf.reduce((sum, rarity) => sum + rarity, 0);
}

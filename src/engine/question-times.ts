/** What a question says of time, as a filter where it is strict and as a signal where it is not. */

import type { EventAnchor, TimeRange } from '../retrieval/time/index.ts';
import { createDateParserLoader, resolveTimes, timeMatch } from '../retrieval/time/index.ts';
import type { PlanTime, SearchOptions } from '../types.ts';
import type { Environment } from './environment.ts';
import type { AroundEvent } from './event-times.ts';

/** How far the end of a range may lie from now for it to last until now, ms. */
const UNTIL_NOW_MS = 1_000;

/** What is quoted is wanted as it stands: a time in it is no time that is asked about. */
const QUOTED = /"[^"]*"|“[^”]*”|„[^“”]*[“”]|«[^»]*»/g;

export interface QuestionTimes {
  readonly ranges: readonly TimeRange[];
  readonly anchors: readonly EventAnchor[];
  /** The moment that "now" means, ms since the epoch. */
  readonly now: number;
  readonly degraded: string | undefined;
}

/** Reads the times that a question names, against the time of the search or the caller's. */
export async function readTimes(
  question: string,
  { now: given, utcOffsetMinutes, hemisphere }: SearchOptions,
  { now: clock, schedule }: Pick<Environment, 'now' | 'schedule'>,
): Promise<QuestionTimes> {
  const now = given ?? clock();
  const load = createDateParserLoader(schedule);
  const { ranges, anchors, degraded } = await resolveTimes(
    question.replace(QUOTED, (quoted) => ' '.repeat(quoted.length)),
    now,
    { utcOffsetMinutes, hemisphere },
    load,
  );
  return { ranges, anchors, now, degraded };
}

/**
 * The range that memories must lie in: a stretch of stated length that lasts until now ("in the last 48 hours"), the
 * longest. Who says so speaks of when things were told, and wants nothing older, unless an earlier time is named as
 * well. Other times may be those that a memory speaks of.
 */
export function strictRange({ ranges, anchors, now }: QuestionTimes): TimeRange | undefined {
  // "In the last 48 hours, since the wedding": that may be longer ago.
  if (anchors.length > 0) return undefined;
  const lastsUntilNow = ({ kind, isOpenEnded, toMs }: TimeRange) =>
    kind === 'range' && !isOpenEnded && Math.abs(toMs - now) <= UNTIL_NOW_MS;
  const earliest = Math.min(...ranges.map(({ fromMs }) => fromMs));
  // "In the last 2 hours or yesterday", "compared with last week": the earlier time is wanted too.
  return ranges.find((range) => lastsUntilNow(range) && range.fromMs === earliest);
}

/** The times as the plan of a search tells them. */
export function planTimes(times: QuestionTimes, around: readonly AroundEvent[]): readonly PlanTime[] {
  const strict = strictRange(times);
  const told = ({ fromMs, toMs, text }: TimeRange) => ({ fromMs, toMs, text });
  return [
    ...times.ranges.map((range) => ({ ...told(range), isStrict: range === strict })),
    ...around.map((range) => ({ ...told(range), isStrict: false, event: range.event })),
  ];
}

/** How well a memory's time fits the best of several ranges, 0–1; undefined where there are none. */
export function timeSignal(ranges: readonly TimeRange[]): ((createdAt: number) => number) | undefined {
  if (ranges.length === 0) return undefined;
  return (createdAt) => ranges.reduce((best, range) => Math.max(best, timeMatch(range, createdAt)), 0);
}

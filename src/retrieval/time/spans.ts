/** Words of a query that name a time, with their place: what the parts of this folder hand to each other. */

import { DAY_MS, type Stretch, UNIT_MS, type Unit } from './calendar.ts';

/** A stretch of local time and the words that name it. */
export interface Span extends Stretch {
  /** Place of its first character in the query. */
  readonly start: number;
  /** Place after its last one. */
  readonly end: number;
  /** How exactly it was said. */
  readonly unit: Unit;
  readonly kind: 'point' | 'range';
  /** Whether the year was said. */
  readonly hasYear: boolean;
  readonly isOpenEnded?: boolean | undefined;
  /** Distance at which a memory counts half, ms. Default: half of its length, at least a day. */
  readonly scaleMs?: number | undefined;
}

/** Where a time lies that does not say so: the latest that has begun, the first that is not over, or the nearest. */
export type Direction = 'past' | 'future' | 'nearest';

/** What is known when words are read. */
export interface Reference {
  /** The moment that "now" means, local ms. */
  readonly now: number;
  readonly hemisphere: 'northern' | 'southern';
  readonly direction: Direction;
}

/** Of the stretches that words may mean, in order, the one that lies where times lie. */
export function inDirection(
  stretches: readonly [Stretch, ...Stretch[]],
  { now, direction }: Pick<Reference, 'now' | 'direction'>,
): Stretch {
  const [first] = stretches;
  if (direction === 'future') return stretches.find(({ to }) => to > now) ?? (stretches.at(-1) as Stretch);
  if (direction === 'past') return stretches.findLast(({ from }) => from <= now) ?? first;
  const distance = ({ from, to }: Stretch) => Math.max(0, from - now, now - to);
  return stretches.reduce((best, each) => (distance(each) < distance(best) ? each : best), first);
}

/** Whether two places in a query overlap. */
export function overlaps(a: Pick<Span, 'start' | 'end'>, b: Pick<Span, 'start' | 'end'>): boolean {
  return a.start < b.end && b.start < a.end;
}

/** A text of the same length in which nothing stands at some places, and nothing is read across them. */
export function blank(text: string, places: readonly Pick<Span, 'start' | 'end'>[]): string {
  let blanked = text;
  for (const { start, end } of places)
    blanked = blanked.slice(0, start) + '|'.repeat(end - start) + blanked.slice(end);
  return blanked;
}

/** Part of an exact length at which a memory outside counts half: who gives a number means it. */
const EXACT_SOFTNESS = 1 / 16;

/** Distance at which a memory outside counts half, ms, for words that name so long a time by the number. */
export function exactScaleOf(widthMs: number): number {
  // Clocks and reports lag by an hour.
  return Math.max(UNIT_MS.hour, widthMs * EXACT_SOFTNESS);
}

/** The same for words that name a period of the calendar or a distance. */
export function scaleOf(widthMs: number): number {
  // What happened on a day is often told on the next.
  return Math.max(DAY_MS, widthMs / 2);
}

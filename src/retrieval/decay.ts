/**
 * How recency and use weigh: a forgetting curve with a half-life, and how ready a memory is from how it was used.
 *
 *     retention = (1 + t / s)^−d,  s = half-life / (2^(1/d) − 1)
 *     weight    = 0.3 + 1.2 · retention
 *
 * t is the time since the memory was made or last of use. A power function, as forgetting is of any long span
 * (Ebbinghaus 1885; Wixted & Ebbesen 1991; Wixted 2004): it falls fast at first and ever more slowly, so that after
 * ten half-lives 18 % are left, where of an exponential one there would be a thousandth. Old conversations differ less
 * and less from one another, and what else is known of them decides.
 */

import type { MemoryFields, MemoryKind, MemoryTier, Priority } from '../types.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Bounds of {@link recencyWeight}: a fresh memory counts five times one that is all but forgotten, and none is filtered. */
export const MIN_RECENCY_WEIGHT = 0.3;
export const MAX_RECENCY_WEIGHT = 1.5;

/** Exponent of the curves: the default of ACT-R (Anderson & Schooler 1991), to which decades of data were fitted. */
const DECAY_EXPONENT = 0.5;

/** What sets how fast a memory fades. */
const HALF_LIVES = {
  /** Time in which retention halves of an episodic memory of medium priority and importance, ms, by tier. */
  tier: {
    /** The present exchange: the next one takes its place. */
    immediate: 6 * HOUR_MS,
    /** Work of these days: a week later it is done or has been moved on. The default tier of all that hosts add. */
    working: 7 * DAY_MS,
    /** A conversation as a whole: it is come back to within the month. */
    session: 30 * DAY_MS,
    /** Kept since it is to last; half a year tells this season's from last season's. */
    longterm: 180 * DAY_MS,
    /** Old by its nature: when it was archived says little of its worth, and it is not to fade twice. */
    archived: 360 * DAY_MS,
  } satisfies Record<MemoryTier, number>,
  /** Factor by kind. */
  kind: {
    episodic: 1,
    /** What is known outlasts the day it was learnt (Bahrick 1984: knowledge that is left after some years stays for decades). */
    semantic: 4,
    /** How things are done is forgotten last. */
    procedural: 8,
  } satisfies Record<MemoryKind, number>,
  /** Factor by priority: a step is worth as much as twice the time. */
  priority: { low: 0.5, medium: 1, high: 2, critical: 8 } satisfies Record<Priority, number>,
  /** Factor of importance 1 against ½, and of ½ against 0. */
  importance: 2,
  /** Part of a half-life that each doubling of the times it was read adds: what is recalled is kept longer (Roediger & Karpicke 2006). */
  access: 0.5,
  /** Doublings that count: reads by every search that shows a memory are no proof of its worth. */
  maxDoublings: 6,
} as const;

/** What a memory's half-life is made of. */
export interface Fading extends Pick<MemoryFields, 'kind' | 'tier' | 'priority' | 'importance'> {
  /** How often it was read. */
  readonly accessCount: number;
}

/** Time in which a memory's retention halves, ms. */
export function halfLifeMs({ kind, tier, priority, importance, accessCount }: Fading): number {
  const doublings = Math.min(Math.log2(1 + Math.max(0, accessCount)), HALF_LIVES.maxDoublings);
  return (
    HALF_LIVES.tier[tier] *
    HALF_LIVES.kind[kind] *
    HALF_LIVES.priority[priority] *
    HALF_LIVES.importance ** (2 * importance - 1) *
    (1 + HALF_LIVES.access * doublings)
  );
}

/** Share of a memory that is left after a time, 0–1: 1 at once, ½ after its half-life. */
function retention(ageMs: number, halfLife: number): number {
  const scale = halfLife / (2 ** (1 / DECAY_EXPONENT) - 1);
  return (1 + Math.max(0, ageMs) / scale) ** -DECAY_EXPONENT;
}

/**
 * What recency counts, {@link MIN_RECENCY_WEIGHT}–{@link MAX_RECENCY_WEIGHT}: a factor or, brought to 0–1 by the
 * caller, a summand; never a filter.
 *
 * @param ageMs time since it was made, changed or last of use, ms; below 0 counts as 0.
 * @example
 * recencyWeight({ kind: 'episodic', tier: 'working', priority: 'medium', importance: 0.5, accessCount: 0 }, 7 * 86_400_000); // 0.9
 */
export function recencyWeight(memory: Fading, ageMs: number): number {
  const span = MAX_RECENCY_WEIGHT - MIN_RECENCY_WEIGHT;
  return MIN_RECENCY_WEIGHT + span * retention(ageMs, halfLifeMs(memory));
}

/** How a memory was used. */
export interface UseHistory {
  /** How often it was read. */
  readonly accessCount: number;
  /** Time since it was last read, ms; absent where it never was. */
  readonly sinceLastReadMs?: number | undefined;
  /** Time since it was made, ms. */
  readonly ageMs: number;
}

/** Shortest time since a use that is told apart, ms: shown a moment ago is no more than shown in this minute. */
const MIN_SINCE_MS = 60_000;
/** Noise of the activation, of the size that ACT-R's models take: one read four times as long ago is a quarter as likely by odds. */
const ACTIVATION_NOISE = 0.5;

/**
 * How ready a memory is from how often and how lately it was used, 0–1: ½ of one made a day ago and never read.
 *
 * Base-level activation B = ln Σ tᵢ^−d, the tᵢ in days (Anderson & Schooler 1991), with only the latest use known and
 * the others taken as spread evenly since the memory was made (Petrov 2006); then 1 / (1 + e^(−B / noise)), as ACT-R
 * makes of it the chance of recall. Reads that a search itself caused raise it: weigh it lightly, or what was found
 * once is found ever after.
 */
export function activation({ accessCount, sinceLastReadMs, ageMs }: UseHistory): number {
  const age = Math.max(ageMs, MIN_SINCE_MS) / DAY_MS;
  const reads = sinceLastReadMs === undefined ? 0 : Math.max(1, accessCount);
  if (reads === 0) return chanceOf(age ** -DECAY_EXPONENT);
  const last = Math.min(age, Math.max(sinceLastReadMs ?? 0, MIN_SINCE_MS) / DAY_MS);
  // Made, and read so often: the latest use exactly, the others by the mean of t^−d between that and the making.
  return chanceOf(last ** -DECAY_EXPONENT + reads * meanStrength(last, age));
}

/** Mean of t^−d between two times; d is ½, of which the integral has this simple form. */
function meanStrength(from: number, to: number): number {
  return 2 / (Math.sqrt(from) + Math.sqrt(to));
}

/** 1 / (1 + e^(−ln strength / noise)). */
function chanceOf(strength: number): number {
  return 1 / (1 + strength ** (-1 / ACTIVATION_NOISE));
}

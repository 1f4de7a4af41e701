/** An environment for tests: seeded chance, and a clock that stands still until it is told to go on. */

import type { Environment } from '../engine/environment.ts';

export interface TestEnvironmentOptions {
  /** Default 1. */
  readonly seed?: number | undefined;
  /** ms since the epoch. Default 0. */
  readonly now?: number | undefined;
}

export interface TestEnvironment extends Environment {
  /** Moves the clock, runs what falls due on the way in its order, and lets what that started settle. */
  advance(ms: number): Promise<void>;
}

interface Timer {
  readonly dueMs: number;
  readonly callback: () => void;
}

export function createTestEnvironment({ seed = 1, now = 0 }: TestEnvironmentOptions = {}): TestEnvironment {
  const random = createRandom(seed);
  const timers = new Set<Timer>();
  let clockMs = now;
  const nextDue = (untilMs: number) =>
    [...timers].filter(({ dueMs }) => dueMs <= untilMs).sort((a, b) => a.dueMs - b.dueMs)[0];
  return {
    now: () => clockMs,
    monotonicMs: () => clockMs,
    randomBytes: (length) => Uint8Array.from({ length }, () => Math.floor(random() * 256)),
    schedule: (ms, callback) => {
      const timer = { dueMs: clockMs + ms, callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance: async (ms) => {
      const untilMs = clockMs + ms;
      for (let timer = nextDue(untilMs); timer !== undefined; timer = nextDue(untilMs)) {
        timers.delete(timer);
        clockMs = timer.dueMs;
        timer.callback();
        await settle();
      }
      clockMs = untilMs;
    },
  };
}

/** Numbers from 0 to 1 (excluded), the same for the same seed: Mulberry32. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Lets promises that wait for nothing but each other come to their end. */
export function settle(): Promise<void> {
  // Of Node: a timer waits at least a millisecond, and long histories have many turns.
  const { setImmediate } = globalThis as { readonly setImmediate?: (callback: () => void) => unknown };
  return new Promise((resolve) => {
    if (setImmediate === undefined) setTimeout(resolve, 0);
    else setImmediate(resolve);
  });
}

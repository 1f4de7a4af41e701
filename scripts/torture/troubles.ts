/** How often what goes wrong: the fixed schedule, noise, lies, and deaths within a call. */

import { createRandom } from '../../src/testing/environment.ts';
import { type FaultKind, randomSchedule, type Schedule } from '../../src/testing/faulty-storage.ts';
import type { Profile, Step } from './history.ts';

/** A storage that lies: one commit in so many is acknowledged and not written, or written but for one put. */
export interface Lie {
  readonly kind: 'lie' | 'droppedPut';
  readonly oneIn: number;
}

type Shares = Readonly<Partial<Record<FaultKind, number>>>;

/** Of the fixed schedule: one storage operation in a hundred. */
const FIXED: Shares = { failed: 0.004, answerLost: 0.003, notLanded: 0.001, closed: 0.001, hang: 0.001 };
/** Kills a call, of the fixed schedule: ten in a thousand. */
export const FIXED_KILLS = 0.01;
/** Storage operations of a call among which the one is drawn by which a tab dies. */
const KILL_WITHIN = 4;
/** Of a step with some noise. */
const SOME: Shares = {
  ...{ failed: 0.02, answerLost: 0.015, notLanded: 0.01, closed: 0.01, hang: 0.005, hangLanded: 0.005 },
  ...{ staleEpoch: 0.01, flippedRead: 0.01, killed: 0.005, killedLanded: 0.01 },
};
/** How much more there is in a step with many. */
const MANY = 5;

/** Storage operations of a step. */
export function noiseOf(
  { noise, seed }: Step,
  profile: Profile,
  isLeftOut: (kind: string) => boolean,
): Schedule {
  const shares = profile === 'fixed' ? FIXED : profile === 'calm' || noise === 0 ? {} : sharesOf(noise);
  const known = Object.entries(shares).filter(([kind]) => !isLeftOut(kind));
  return randomSchedule(createRandom(seed + 1), Object.fromEntries(known));
}

function sharesOf(noise: number): Shares {
  if (noise < 2) return SOME;
  return Object.fromEntries(Object.entries(SOME).map(([kind, share]) => [kind, share * MANY]));
}

export function liesOf(lie: Lie | undefined, random: () => number): Schedule {
  if (lie === undefined) return () => undefined;
  return ({ commit }) =>
    commit !== undefined && random() * lie.oneIn < 1
      ? { kind: lie.kind, which: Math.floor(random() * 2 ** 30) }
      : undefined;
}

/** The tab dies at one of the next storage operations, before or after it landed, unless it is spared before. */
export function deathWithin(random: () => number): {
  readonly schedule: Schedule;
  readonly spare: () => void;
} {
  let left = Math.floor(random() * KILL_WITHIN) + 1;
  const kind = random() < 0.5 ? 'killed' : 'killedLanded';
  return {
    schedule: ({ commit }) => {
      left -= 1;
      return left === 0 ? { kind: commit === undefined ? 'killed' : kind } : undefined;
    },
    spare: () => {
      left = 0;
    },
  };
}

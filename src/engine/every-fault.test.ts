import { describe, expect, it } from 'vitest';
import { LociError } from '../errors.ts';
import { createMemoryStorage } from '../storage/memory.ts';
import { type FaultyPlace, failEveryOperation } from '../testing/every-fault.ts';
import { createFaultyStorage, type FaultKind, type FaultyStorage } from '../testing/faulty-storage.ts';
import { createLastingStorage } from './engine-test-util.ts';
import {
  EVICTING_LIMITS,
  evictingScenario,
  fill,
  fillNearly,
  openScenarioEngine,
  scenario,
} from './every-fault-scenario-test-util.ts';

const KINDS: readonly FaultKind[] = [
  ...(['failed', 'answerLost', 'notLanded', 'closed', 'quota', 'hang', 'hangLanded'] as const),
  ...(['staleEpoch', 'killed', 'killedLanded'] as const),
];
/** The scenario opens, reads, writes and folds: fewer would mean that it was not made to fail. */
const FEWEST_OPERATIONS = 15;

describe('a storage operation that goes wrong leaves the state before or after, whichever one it is', () => {
  it.each(KINDS)('%s', { timeout: 60_000 }, async (kind) => {
    expect(await failEach(kind)).toBeGreaterThan(FEWEST_OPERATIONS);
  });

  it('flippedRead', { timeout: 60_000 }, async () => {
    expect(await failEach('flippedRead')).toBeGreaterThan(FEWEST_OPERATIONS);
  });

  it.each(['lie', 'droppedPut'] as const)(
    'but for one that is acknowledged and not done: %s',
    { timeout: 60_000 },
    async (kind) => {
      // Not every put that is dropped does harm: there are two manifests, and words are indexed again.
      const outcomes = await Promise.allSettled([0, 1, 2].map((which) => failEach(kind, which)));
      const found = outcomes.flatMap((outcome) =>
        outcome.status === 'rejected' ? [String(outcome.reason)] : [],
      );
      expect(found).toContainEqual(expect.stringMatching(/the state|the end/));
    },
  );
});

describe('a storage operation that goes wrong while memories are evicted loses none but these', () => {
  // A storage that is full makes more go: `quota.test.ts` has that.
  it.each(KINDS.filter((kind) => kind !== 'quota'))('%s', { timeout: 60_000 }, async (kind) => {
    expect(await failEach(kind, 0, true)).toBeGreaterThan(FEWEST_OPERATIONS);
  });

  it('but for one that is acknowledged and not done', { timeout: 60_000 }, async () => {
    const outcomes = await Promise.allSettled([0, 1, 2].map((which) => failEach('lie', which, true)));
    const found = outcomes.flatMap((outcome) =>
      outcome.status === 'rejected' ? [String(outcome.reason)] : [],
    );
    expect(found).toContainEqual(expect.stringMatching(/the state|the end/));
  });
});

/** Runs the scenario with each operation going wrong in this way; answers how many there are. */
async function failEach(kind: FaultKind, salt = 0, evicts = false): Promise<number> {
  let idle: () => Promise<void> = async () => undefined;
  const create = async (): Promise<FaultyPlace> => {
    const stored = createLastingStorage(createMemoryStorage());
    await (evicts ? fillNearly : fill)(async () => stored);
    let armedAt = Number.POSITIVE_INFINITY;
    let count = 0;
    let faulty: FaultyStorage | undefined;
    let die: (error: Error) => void = () => undefined;
    const died = new Promise<never>((_, reject) => {
      die = reject;
    });
    died.catch(() => undefined); // nobody may be waiting when it happens
    return {
      died,
      arm: (at) => {
        armedAt = at;
      },
      disarm: () => {
        faulty?.kill();
        const hasStruck = count >= armedAt;
        armedAt = Number.POSITIVE_INFINITY;
        return hasStruck;
      },
      open: async () => {
        faulty = createFaultyStorage(stored, {
          schedule: () => (++count === armedAt ? { kind, which: count * 7 + salt } : undefined),
          after: (_ms, callback) => setTimeout(callback, 0),
          onDeath: () => die(new LociError('OUTCOME_UNKNOWN', 'the process was killed')),
        });
        const opened = await openScenarioEngine(faulty, evicts ? EVICTING_LIMITS : undefined);
        idle = opened.idle;
        return opened.engine;
      },
    };
  };
  const pause = () => idle();
  return evicts
    ? failEveryOperation(create, evictingScenario(pause), pause)
    : failEveryOperation(create, scenario(pause));
}

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KINDS, PRIORITIES, TIERS } from '../memory/vocabulary.ts';
import {
  activation,
  type Fading,
  halfLifeMs,
  MAX_RECENCY_WEIGHT,
  MIN_RECENCY_WEIGHT,
  recencyWeight,
} from './decay.ts';

const DAY_MS = 86_400_000;
const plain: Fading = {
  kind: 'episodic',
  tier: 'working',
  priority: 'medium',
  importance: 0.5,
  accessCount: 0,
};

const memories = fc.record({
  kind: fc.constantFrom(...KINDS),
  tier: fc.constantFrom(...TIERS),
  priority: fc.constantFrom(...PRIORITIES),
  importance: fc.double({ min: 0, max: 1, noNaN: true }),
  accessCount: fc.nat(1_000_000),
});
/** From a second to the length of a life, as likely short as long. */
const ages = fc.double({ min: 3, max: 12.5, noNaN: true }).map((power) => 10 ** power);

describe('the weight of recency', () => {
  it('halves what is left with the half-life, and then ever more slowly', () => {
    const span = MAX_RECENCY_WEIGHT - MIN_RECENCY_WEIGHT;
    const left = [0, 1, 10, 100].map(
      (lives) => (recencyWeight(plain, lives * halfLifeMs(plain)) - MIN_RECENCY_WEIGHT) / span,
    );
    expect(left[0]).toBeCloseTo(1, 12);
    expect(left[1]).toBeCloseTo(0.5, 12);
    expect(left[2]).toBeCloseTo(0.18, 2);
    expect(left[3]).toBeCloseTo(0.058, 3);
  });

  it('is 0.9 of a plain memory after a week', () => {
    expect(halfLifeMs(plain)).toBe(7 * DAY_MS);
    expect(recencyWeight(plain, 7 * DAY_MS)).toBeCloseTo(0.9, 12);
  });

  it('is never above 1.5 nor as low as 0.3, whatever the memory and its age', () => {
    fc.assert(
      fc.property(
        memories,
        fc.oneof(ages, fc.double({ noNaN: true, noDefaultInfinity: true })),
        (memory, age) => {
          const weight = recencyWeight(memory, age);
          expect(weight).toBeGreaterThanOrEqual(MIN_RECENCY_WEIGHT);
          expect(weight).toBeLessThanOrEqual(MAX_RECENCY_WEIGHT);
        },
      ),
    );
  });

  it('falls with age, and the longer the less', () => {
    fc.assert(
      fc.property(memories, ages, fc.double({ min: 1.1, max: 100, noNaN: true }), (memory, age, factor) => {
        const [now, later, muchLater] = [age, age * factor, age * (2 * factor - 1)].map((each) =>
          recencyWeight(memory, each),
        ) as [number, number, number];
        expect(later).toBeLessThan(now);
        // But for rounding.
        expect(now - later).toBeGreaterThanOrEqual(later - muchLater - 1e-12);
      }),
    );
  });

  it('falls more slowly the more important a memory is, of higher priority, or read more often', () => {
    fc.assert(
      fc.property(memories, memories, ages, (memory, other, age) => {
        const least = {
          importance: Math.min(memory.importance, other.importance),
          accessCount: Math.min(memory.accessCount, other.accessCount),
          priority: PRIORITIES[Math.min(rank(memory), rank(other))] ?? 'low',
        };
        for (const part of ['importance', 'accessCount', 'priority'] as const)
          expect(recencyWeight(memory, age)).toBeGreaterThanOrEqual(
            recencyWeight({ ...memory, [part]: least[part] }, age),
          );
      }),
    );
  });

  it('falls more slowly from tier to tier, and of what is known and done than of what happened', () => {
    const lives = (change: (name: never) => Partial<Fading>, names: readonly string[]) =>
      names.map((name) => halfLifeMs({ ...plain, ...change(name as never) }));
    const rising = (values: readonly number[]) =>
      values.every((value, i) => i === 0 || value > (values[i - 1] ?? 0));
    expect(rising(lives((tier) => ({ tier }), TIERS))).toBe(true);
    expect(rising(lives((kind) => ({ kind }), KINDS))).toBe(true);
    expect(rising(lives((priority) => ({ priority }), PRIORITIES))).toBe(true);
  });
});

const rank = ({ priority }: Fading) => PRIORITIES.indexOf(priority);

describe('the activation of a memory', () => {
  it('is ½ of one made a day ago and never read', () => {
    expect(activation({ accessCount: 0, ageMs: DAY_MS })).toBe(0.5);
  });

  it('comes close to the full sum over all uses where they are spread evenly', () => {
    const uses = Array.from({ length: 30 }, (_, i) => 1 + i);
    const sum = uses.reduce((total, days) => total + days ** -0.5, 0);
    const exact = 1 / (1 + sum ** -2);
    const known = { accessCount: 29, sinceLastReadMs: DAY_MS, ageMs: 30 * DAY_MS };
    expect(activation(known)).toBeCloseTo(exact, 2);
  });

  it('never leaves 0–1, rises with every read, and falls with the time since the last one and since the making', () => {
    fc.assert(
      fc.property(
        ages,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.nat(1_000),
        (ageMs, share, accessCount) => {
          const history = { ageMs, sinceLastReadMs: ageMs * share, accessCount: accessCount + 1 };
          const value = activation(history);
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(1);
          expect(activation({ ...history, accessCount: accessCount + 2 })).toBeGreaterThanOrEqual(value);
          expect(activation({ ...history, sinceLastReadMs: ageMs * share * 0.9 })).toBeGreaterThanOrEqual(
            value,
          );
          expect(activation({ ...history, ageMs: ageMs * 2 })).toBeLessThanOrEqual(value);
          expect(activation({ ageMs, accessCount: 0 })).toBeLessThanOrEqual(value);
        },
      ),
    );
  });
});

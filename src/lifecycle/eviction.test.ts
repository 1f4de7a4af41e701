import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Candidates, isProtected, memoryValue, type Worth } from './eviction.ts';

const NOW = 1_700_000_000_000;
const DAY_MS = 24 * 60 * 60 * 1_000;

const worth = (parts: Partial<Worth> = {}): Worth => ({
  priority: 'medium',
  importance: 0.5,
  accessCount: 0,
  lastUsedAt: NOW,
  ...parts,
});
const value = (parts: Partial<Worth>) => memoryValue(worth(parts), NOW);

describe('the value of a memory', () => {
  it('rises with priority, importance, use and recency, each on its own', () => {
    expect(value({ priority: 'high' })).toBeGreaterThan(value({ priority: 'medium' }));
    expect(value({ priority: 'medium' })).toBeGreaterThan(value({ priority: 'low' }));
    expect(value({ importance: 0.6 })).toBeGreaterThan(value({ importance: 0.5 }));
    expect(value({ accessCount: 2 })).toBeGreaterThan(value({ accessCount: 1 }));
    expect(value({ lastUsedAt: NOW - DAY_MS })).toBeGreaterThan(value({ lastUsedAt: NOW - 2 * DAY_MS }));
  });

  it('is from 0 to 1 for whatever a record can say', () => {
    const any = fc.record({
      priority: fc.constantFrom('low' as const, 'medium' as const, 'high' as const, 'critical' as const),
      importance: fc.double({ min: 0, max: 1, noNaN: true }),
      accessCount: fc.nat(),
      lastUsedAt: fc.double({ min: -8.64e15, max: 8.64e15, noNaN: true }),
    });
    fc.assert(
      fc.property(any, (parts) => {
        expect(memoryValue(parts, NOW)).toBeGreaterThanOrEqual(0);
        expect(memoryValue(parts, NOW)).toBeLessThanOrEqual(1 + Number.EPSILON);
      }),
    );
  });

  it('of two ranks of priority outweighs all that is known of use', () => {
    const unused = { priority: 'high', lastUsedAt: 0 } as const;
    expect(value(unused)).toBeGreaterThan(value({ priority: 'low', accessCount: 1_000 }));
  });

  it('is none of a memory that is critical or on legal hold', () => {
    expect(isProtected({ priority: 'critical', legalHold: false })).toBe(true);
    expect(isProtected({ priority: 'low', legalHold: true })).toBe(true);
    expect(isProtected({ priority: 'high', legalHold: false })).toBe(false);
  });
});

describe('victims', () => {
  const candidates = fc.array(
    fc.record({
      // Few values, so that many are equal, and some that differ by less than a step.
      value: fc.oneof(
        fc.constantFrom(0, 0.25, 0.5, 1),
        fc.double({ min: 0.25, max: 0.2501, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
      ),
      bytes: fc.integer({ min: 1, max: 1_000 }),
    }),
    { maxLength: 60 },
  );
  const need = fc.record({
    memories: fc.integer({ min: -1, max: 40 }),
    bytes: fc.integer({ min: -1, max: 20_000 }),
  });

  it('are the fewest of the least valuable that meet the need, the oldest of equals first', () => {
    fc.assert(
      fc.property(candidates, need, (given, wanted) => {
        const search = new Candidates(given.length);
        for (const [ordinal, each] of given.entries()) search.offer(ordinal, each.value, each.bytes);
        const sorted = given
          .map((each, ordinal) => ({ ...each, ordinal }))
          .sort((a, b) => a.value - b.value || a.ordinal - b.ordinal);
        const chosen: typeof sorted = [];
        let [memories, bytes] = [wanted.memories, wanted.bytes];
        for (const each of sorted) {
          if (memories <= 0 && bytes <= 0) break;
          chosen.push(each);
          memories -= 1;
          bytes -= each.bytes;
        }
        const isMet = memories <= 0 && bytes <= 0;
        const victims = search.choose(wanted);
        expect(victims?.ordinals).toEqual(
          isMet ? chosen.map(({ ordinal }) => ordinal).sort((a, b) => a - b) : undefined,
        );
        if (victims !== undefined)
          expect(victims.maxValue).toBe(Math.max(...chosen.map((each) => each.value)));
      }),
    );
  });
});

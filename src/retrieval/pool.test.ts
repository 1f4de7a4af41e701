import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Pool, type Sessions } from './pool.ts';

/** Sessions as lists of ordinals in order. */
function sessionsOf(...sessions: readonly (readonly number[])[]): Sessions {
  return {
    locate: (ordinal) => {
      const members = sessions.find((each) => each.includes(ordinal));
      return members && { members, at: members.indexOf(ordinal) };
    },
  };
}

const all = () => true;
const candidatesOf = (pool: Pool) =>
  Array.from(pool.ordinals).filter((_, place) => pool.isCandidate[place] === 1);

describe('the pool of a search', () => {
  it('has what was found, what stands right beside it as candidates, and those beside these to judge by', () => {
    const pool = new Pool([13, 40], sessionsOf([10, 11, 12, 13, 14, 15, 16]), all);
    expect(Array.from(pool.ordinals)).toEqual([10, 11, 12, 13, 14, 15, 16, 40]);
    expect(candidatesOf(pool)).toEqual([12, 13, 14, 40]);
  });

  it('looks past neither end of a session, nor into another', () => {
    const pool = new Pool([2, 3], sessionsOf([0, 1, 2], [3, 4, 5]), all);
    const at = (ordinal: number, offset: number) => pool.beside(pool.placeOf(ordinal), offset);
    expect(at(2, 1)).toBe(-1);
    expect(at(3, -1)).toBe(-1);
    expect(at(2, -2)).toBe(pool.placeOf(0));
    expect(at(3, 2)).toBe(pool.placeOf(5));
    expect(pool.sessions[pool.placeOf(2)]).not.toBe(pool.sessions[pool.placeOf(3)]);
    expect(pool.sessionSizes).toEqual([3, 3]);
  });

  it('counts of each session what the filter lets through, and no further than counts', () => {
    const asked: number[] = [];
    const isEven = (ordinal: number) => {
      asked.push(ordinal);
      return ordinal % 2 === 0;
    };
    const long = Array.from({ length: 1_000 }, (_, i) => 100 + i);
    const pool = new Pool([4, 100], sessionsOf([3, 4, 5, 6, 7], long), isEven);
    expect(pool.sessionSizes).toEqual([2, 3]);
    expect(Math.max(...asked)).toBe(104);
  });

  it('goes by the order of the session, not by that of the ordinals', () => {
    const pool = new Pool([5], sessionsOf([9, 5, 1]), all);
    expect(pool.beside(pool.placeOf(5), -1)).toBe(pool.placeOf(9));
    expect(pool.beside(pool.placeOf(5), 1)).toBe(pool.placeOf(1));
  });

  it('has no neighbours for a memory without a session', () => {
    const pool = new Pool([7], sessionsOf(), all);
    expect(Array.from(pool.ordinals)).toEqual([7]);
    expect(pool.sessions[0]).toBe(-1);
    expect([-2, -1, 1, 2].map((offset) => pool.beside(0, offset))).toEqual([-1, -1, -1, -1]);
  });

  it('takes in nothing that the filter keeps out, not even to judge by', () => {
    const pool = new Pool([12], sessionsOf([10, 11, 12, 13, 14]), (ordinal) => ordinal % 2 === 0);
    expect(Array.from(pool.ordinals)).toEqual([10, 12, 14]);
    expect(candidatesOf(pool)).toEqual([12]);
    expect(pool.beside(pool.placeOf(12), 1)).toBe(-1);
    expect(pool.beside(pool.placeOf(12), 2)).toBe(pool.placeOf(14));
  });

  it('measures candidates alone', () => {
    const pool = new Pool([12], sessionsOf([10, 11, 12, 13, 14]), all);
    expect(Array.from(pool.eachCandidate(() => 1))).toEqual([0, 1, 1, 1, 0]);
  });

  it('is the same as looking at each memory by itself, whatever was found and whatever is allowed', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 8 }), { maxLength: 6 });
    const seeds = fc.array(fc.nat(47), { maxLength: 12 });
    fc.assert(
      fc.property(sizes, seeds, fc.uniqueArray(fc.nat(47), { maxLength: 20 }), (lengths, seed, kept) => {
        const excluded = new Set(kept);
        const isAllowed = (ordinal: number) => !excluded.has(ordinal);
        // Arms find nothing that the filter excludes.
        const found = seed.filter(isAllowed);
        let next = 0;
        const sessions = lengths.map((length) => Array.from({ length }, () => next++).reverse());
        const pool = new Pool(found, sessionsOf(...sessions), isAllowed);
        const beside = (ordinal: number, reach: number) => {
          const members = sessions.find((each) => each.includes(ordinal)) ?? [];
          const at = members.indexOf(ordinal);
          return members.filter((each, i) => Math.abs(i - at) <= reach && isAllowed(each));
        };
        const candidates = new Set(found.flatMap((ordinal) => [ordinal, ...beside(ordinal, 1)]));
        const looked = new Set([...candidates].flatMap((ordinal) => [ordinal, ...beside(ordinal, 2)]));
        const byNumber = (a: number, b: number) => a - b;
        expect(Array.from(pool.ordinals)).toEqual([...looked].sort(byNumber));
        expect(candidatesOf(pool)).toEqual([...candidates].sort(byNumber));
        for (const ordinal of candidates) {
          const members = sessions.find((each) => each.includes(ordinal)) ?? [];
          for (const offset of [-2, -1, 1, 2]) {
            const other = members[members.indexOf(ordinal) + offset];
            const place = members.length === 0 || other === undefined ? -1 : pool.placeOf(other);
            expect(pool.beside(pool.placeOf(ordinal), offset)).toBe(place);
            if (other !== undefined) expect(place >= 0).toBe(isAllowed(other));
          }
        }
      }),
    );
  });
});

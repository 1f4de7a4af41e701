import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_PASSAGE, type PassageOptions, passagesOf } from './passages.ts';
import type { Sessions } from './pool.ts';

/** Sessions of ten: 0–9, 10–19 …; what is 100 or more has none. */
const tens: Sessions = {
  locate: (ordinal) =>
    ordinal >= 100 ? undefined : { members: membersOf(Math.floor(ordinal / 10)), at: ordinal % 10 },
};
const sessions = Array.from({ length: 10 }, (_, session) =>
  Array.from({ length: 10 }, (_, at) => session * 10 + at),
);
const membersOf = (session: number) => sessions[session] as readonly number[];

function passages(ranked: readonly number[], options: Partial<PassageOptions> = {}, from: Sessions = tens) {
  return passagesOf(ranked, from, { reach: 1, limit: 10, most: 1_000, isShown: () => true, ...options });
}

describe('passages', () => {
  it('are hits with those before and after them in their session', () => {
    expect(passages([5, 20, 100])).toEqual([
      { ordinal: 5, before: [4], after: [6], merged: [] },
      { ordinal: 20, before: [], after: [21], merged: [] },
      { ordinal: 100, before: [], after: [], merged: [] },
    ]);
  });

  it('take in hits within them and right beside them, and grow to hold these', () => {
    expect(passages([5, 6, 7, 3, 1])).toEqual([
      { ordinal: 5, before: [3, 4], after: [6, 7], merged: [6, 7, 3] },
      { ordinal: 1, before: [0], after: [2], merged: [] },
    ]);
  });

  it('take in a hit that is in one passage and beside a better one only once', () => {
    expect(passages([5, 8, 7])).toEqual([
      { ordinal: 5, before: [4], after: [6], merged: [] },
      { ordinal: 8, before: [7], after: [9], merged: [7] },
    ]);
  });

  it('fill up with hits farther behind, up to the limit', () => {
    expect(passages([5, 6, 15, 25], { limit: 2 }).map(({ ordinal }) => ordinal)).toEqual([5, 15]);
  });

  it('merge nothing and bring nothing where no places are wanted, apart from neighbours in the list', () => {
    expect(passages([5, 8], { reach: 0 })).toEqual([
      { ordinal: 5, before: [], after: [], merged: [] },
      { ordinal: 8, before: [], after: [], merged: [] },
    ]);
  });

  it('leave a hit that must not stand beside others a hit of its own', () => {
    expect(passages([5, 6], { isShown: (ordinal) => ordinal !== 6 })).toEqual([
      { ordinal: 5, before: [4], after: [], merged: [] },
      { ordinal: 6, before: [], after: [7], merged: [] },
    ]);
  });

  it('do not grow without end', () => {
    const members = Array.from({ length: 100 }, (_, at) => at);
    const one: Sessions = { locate: (at) => ({ members, at }) };
    const found = passages(members, { limit: 3 }, one);
    expect(found.map(({ before, after }) => before.length + 1 + after.length)).toEqual([
      MAX_PASSAGE,
      MAX_PASSAGE,
      2,
    ]);
  });

  it('stop before they bring more than is wanted', () => {
    expect(passages([5, 15, 25], { most: 7 })).toHaveLength(2);
  });

  const cases = fc.record({
    ranked: fc.uniqueArray(fc.oneof(fc.nat({ max: 29 }), fc.constantFrom(100, 101)), {
      maxLength: 32,
      size: 'max',
    }),
    reach: fc.nat({ max: 3 }),
    limit: fc.integer({ min: 1, max: 20 }),
    most: fc.integer({ min: 1, max: 80 }),
    hidden: fc.uniqueArray(fc.nat({ max: 29 }), { maxLength: 10 }),
  });

  it('have no memory twice, and no more than is wanted', () => {
    fc.assert(
      fc.property(cases, ({ ranked, hidden, ...options }) => {
        const found = passages(ranked, { ...options, isShown: (ordinal) => !hidden.includes(ordinal) });
        const all = found.flatMap(({ ordinal, before, after }) => [...before, ordinal, ...after]);
        expect(new Set(all).size).toBe(all.length);
        expect(all.length).toBeLessThanOrEqual(options.most);
        expect(found.length).toBeLessThanOrEqual(options.limit);
      }),
    );
  });

  it('keep the order of the list, and lose no hit before the last', () => {
    fc.assert(
      fc.property(cases, ({ ranked, hidden, ...options }) => {
        const found = passages(ranked, { ...options, isShown: (ordinal) => !hidden.includes(ordinal) });
        const heads = found.map(({ ordinal }) => ordinal);
        expect(heads).toEqual(ranked.filter((ordinal) => heads.includes(ordinal)));
        const returned = new Set([...heads, ...found.flatMap(({ merged }) => merged)]);
        const reached = ranked.slice(0, ranked.indexOf(heads.at(-1) ?? -1) + 1);
        expect(reached.filter((ordinal) => !returned.has(ordinal))).toEqual([]);
        for (const { before, after, merged } of found)
          expect(merged.filter((ordinal) => ![...before, ...after].includes(ordinal))).toEqual([]);
      }),
    );
  });

  it('are each one stretch of a session, in its order', () => {
    fc.assert(
      fc.property(cases, ({ ranked, hidden, ...options }) => {
        for (const { ordinal, before, after } of passages(ranked, options)) {
          const stretch = [...before, ordinal, ...after];
          expect(stretch).toEqual(stretch.map((_, i) => (stretch[0] as number) + i));
          expect(stretch.length).toBeLessThanOrEqual(Math.max(MAX_PASSAGE, 2 * options.reach + 1));
        }
        // What must not be shown is left out of a stretch, and nothing else is.
        const isShown = (each: number) => !hidden.includes(each);
        for (const { ordinal, before, after } of passages(ranked, { ...options, isShown })) {
          const all = [...before, ordinal, ...after];
          const [first = ordinal, last = ordinal] = [all[0], all.at(-1)];
          for (let each = first; each <= last; each += 1)
            if (each !== ordinal) expect(all.includes(each)).toBe(isShown(each));
        }
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bitset } from './bitset.ts';

describe('a bitset', () => {
  it('holds what a set of numbers holds, through any history', () => {
    const changes = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 300 })));
    const property = fc.property(changes, fc.integer({ min: 0, max: 200 }), (history, capacity) => {
      const set = new Bitset(capacity);
      const expected = new Set<number>();
      for (const [isAdded, ordinal] of history) {
        if (isAdded) set.add(ordinal);
        else set.delete(ordinal);
        if (isAdded) expected.add(ordinal);
        else expected.delete(ordinal);
      }
      for (let ordinal = 0; ordinal <= 320; ordinal++) expect(set.has(ordinal)).toBe(expected.has(ordinal));
    });
    fc.assert(property, { seed: 7 });
  });

  it('has the lowest ordinal in the lowest bit of the first word', () => {
    expect([...Bitset.of([0, 31, 33]).words.slice(0, 2)]).toEqual([0x80000001, 2]);
  });

  it('does not grow to answer or to delete', () => {
    const set = new Bitset(32);
    expect(set.has(1_000_000)).toBe(false);
    set.delete(1_000_000);
    expect(set.words.length).toBe(1);
  });
});

it.each([-1, 0.5, Number.NaN, 2 ** 32 + 6])(
  'refuses %d, which would stand for another ordinal',
  (ordinal) => {
    expect(() => Bitset.of([ordinal])).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
  },
);

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { partitionPoint } from './partition-point.ts';

it('the partition point is where looking at every place finds it', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20)), fc.nat(20), (numbers, bound) => {
      const sorted = numbers.toSorted((a, b) => a - b);
      const expected = sorted.filter((each) => each < bound).length;
      expect(partitionPoint(sorted.length, (place) => (sorted[place] ?? 0) < bound)).toBe(expected);
    }),
  );
});

it('each place is looked at once at most', () => {
  const looked: number[] = [];
  partitionPoint(1_000_000, (place) => {
    looked.push(place);
    return place < 77;
  });
  expect(new Set(looked).size).toBe(looked.length);
  expect(looked.length).toBeLessThanOrEqual(20);
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { EVERYWHERE, within } from './span.ts';

const ascending = fc
  .uniqueArray(fc.integer({ min: 0, max: 60 }))
  .map((list) => Uint32Array.from(list).sort());

it('the places within a span are those of the ordinals that lie in it', () => {
  fc.assert(
    fc.property(ascending, fc.nat(60), fc.nat(60), (ordinals, a, b) => {
      const span = { first: Math.min(a, b), last: Math.max(a, b) };
      const { from, to } = within(ordinals, span);
      const expected = ordinals.filter((ordinal) => ordinal >= span.first && ordinal <= span.last);
      expect(ordinals.slice(from, to)).toEqual(expected);
    }),
  );
});

it('everywhere is where the greatest ordinal is too', () => {
  const ordinals = Uint32Array.of(0, 7, 2 ** 32 - 1);
  expect(within(ordinals, EVERYWHERE)).toEqual({ from: 0, to: 3 });
});

import { describe, expect, it } from 'vitest';
import { decodeHalf, encodeHalf } from './half.ts';

describe('numbers of half precision', () => {
  it('come back as they were, for every pattern that is no sign, infinity or NaN', () => {
    for (let bits = 0; bits < 0x7c00; bits++) expect(encodeHalf(decodeHalf(bits))).toBe(bits);
  });

  it('are the nearest', () => {
    for (const value of [0.0123, 0.7, 2.7, 1e-6])
      expect(Math.abs(decodeHalf(encodeHalf(value)) - value)).toBeLessThan(Math.max(value / 2048, 3e-8));
  });

  it.each([-1, 70_000, Number.NaN])('are not made of %s', (value) => {
    expect(() => encodeHalf(value)).toThrow(RangeError);
  });
});

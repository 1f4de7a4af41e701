import { expect, test } from 'vitest';
import { decodeHalf } from './half.ts';

test('half precision is decoded: one, a fraction, the least number, the largest, zero and the special ones', () => {
  const bits = Uint16Array.of(0x3c00, 0xb555, 0x0001, 0x7bff, 0x8000, 0x7c00, 0x7e00);
  const [one, third, least, largest, zero, infinite, none] = decodeHalf(new Uint8Array(bits.buffer));
  expect(one).toBe(1);
  expect(third).toBeCloseTo(-1 / 3, 3);
  expect(least).toBe(2 ** -24);
  expect(largest).toBe(65_504);
  expect(zero).toBe(-0);
  expect(infinite).toBe(Number.POSITIVE_INFINITY);
  expect(none).toBeNaN();
});

test('bytes that do not begin at an even address are decoded', () => {
  const bytes = Uint8Array.of(9, 0x00, 0x3c, 0x00, 0xc0);
  expect(decodeHalf(bytes.subarray(1))).toEqual(Float32Array.of(1, -2));
});

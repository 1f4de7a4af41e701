/** Numbers of half precision (IEEE 754), as the table keeps the scales of its rows. */

/** The number that 16 bits stand for. */
export function decodeHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The nearest bits of a number from 0 to 65,504. */
export function encodeHalf(value: number): number {
  if (!(value >= 0 && value <= 65_504)) throw new RangeError(`${value} has no half precision`);
  const exponent = Math.max(-14, Math.floor(Math.log2(value || Number.MIN_VALUE)));
  // A fraction that rounds up to 1,024 carries into the exponent, as it should.
  const fraction = Math.round((value / 2 ** exponent) * 1024);
  return fraction < 1024 ? fraction : (exponent + 14) * 1024 + fraction;
}

/** IEEE half precision, as vectors are stored on disk, to floats. */

/** The value of each of the 65,536 bit patterns. */
const VALUES = Float32Array.from({ length: 65_536 }, (_, bits) => decode(bits));

/** Decodes little-endian half-precision numbers. */
export function decodeHalf(bytes: Uint8Array): Float32Array {
  const halves = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const floats = new Float32Array(bytes.byteLength >>> 1);
  for (let i = 0; i < floats.length; i++) floats[i] = VALUES[halves.getUint16(2 * i, true)] ?? 0;
  return floats;
}

function decode(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

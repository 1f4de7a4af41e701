/**
 * Vectors as they are stored: 12 bits a number and a scale, laid out as the kernel has them in memory, so
 * that it takes a stored row as it is. Written and read here without the kernel, since rows outlive indexes.
 *
 * Layout: the numbers are padded with zeros to a multiple of 64. Of each 32 the highest four bits lie in one
 * plane, the next four in another, the lowest in a third: word `j` of 8 holds the numbers `j`, `j + 8`, `j + 16`
 * and `j + 24`, the first in its lowest bits, with some bits flipped (see `src/kernel/query.ts`). A row is the
 * ordinal u32, the high plane, the scale f32, the low plane, the residual plane; little-endian.
 */

const PADDING = 64;
/** The largest number of 12 bits with a sign. */
const STEPS = 2_047;
const HIGH_FLIP = 0x0888;
const LOW_FLIP = 0x8000;

/** Bytes of a row with vectors of so many dimensions. */
export function packedBytes(dimensions: number): number {
  return 8 + 3 * planeBytesOf(dimensions);
}

/** A unit vector as a row. Its numbers are off by half a step of 1/2047 of the largest one at most. */
export function packVector(ordinal: number, vector: Float32Array): Uint8Array {
  const planeBytes = planeBytesOf(vector.length);
  const bytes = new Uint8Array(packedBytes(vector.length));
  const view = new DataView(bytes.buffer);
  const numbers = new Int16Array(planeBytes * 2);
  let largest = 0;
  for (const value of vector) if (Math.abs(value) > largest) largest = Math.abs(value);
  const factor = STEPS / largest;
  let squared = 0;
  for (let i = 0; i < vector.length; i++) {
    const number = roundHalfEven((vector[i] ?? 0) * factor);
    numbers[i] = number;
    squared += number * number;
  }
  view.setUint32(0, ordinal, true);
  view.setFloat32(4 + planeBytes, 1 / Math.sqrt(squared), true);
  const high = 4;
  const low = 8 + planeBytes;
  const residual = low + planeBytes;
  for (let at = 0; at < planeBytes; at += 2) {
    let [h, l, r] = [0, 0, 0];
    for (let k = 0; k < 4; k++) {
      const number = numbers[firstNumber(at) + 8 * k] ?? 0;
      h |= ((number >> 8) & 15) << (4 * k);
      l |= ((number >> 4) & 15) << (4 * k);
      r |= (number & 15) << (4 * k);
    }
    view.setUint16(high + at, h ^ HIGH_FLIP, true);
    view.setUint16(low + at, l ^ LOW_FLIP, true);
    view.setUint16(residual + at, r ^ LOW_FLIP, true);
  }
  return bytes;
}

/** The vector of a row again. */
export function unpackVector(row: Uint8Array, dimensions: number): Float32Array {
  const planeBytes = planeBytesOf(dimensions);
  const view = new DataView(row.buffer, row.byteOffset, row.byteLength);
  const scale = view.getFloat32(4 + planeBytes, true);
  const low = 8 + planeBytes;
  const residual = low + planeBytes;
  const vector = new Float32Array(planeBytes * 2);
  for (let at = 0; at < planeBytes; at += 2) {
    const h = view.getUint16(4 + at, true) ^ HIGH_FLIP;
    const l = view.getUint16(low + at, true) ^ LOW_FLIP;
    const r = view.getUint16(residual + at, true) ^ LOW_FLIP;
    for (let k = 0; k < 4; k++) {
      const shift = 4 * k;
      const number = ((((h >> shift) & 15) << 28) >> 20) | (((l >> shift) & 15) << 4) | ((r >> shift) & 15);
      vector[firstNumber(at) + 8 * k] = number * scale;
    }
  }
  return vector.subarray(0, dimensions).slice();
}

function planeBytesOf(dimensions: number): number {
  return (Math.ceil(dimensions / PADDING) * PADDING) / 2;
}

/** The first number in the word at this place of a plane: 16 bytes hold 32 numbers. */
function firstNumber(at: number): number {
  return (at >> 4) * 32 + ((at & 15) >> 1);
}

/** 1.5 · 2⁵²: a double this large has no bits left for a fraction, and is rounded to the nearest even. */
const NO_FRACTION = 6_755_399_441_055_744;

/** As the kernel rounds: half to even. */
function roundHalfEven(value: number): number {
  return value + NO_FRACTION - NO_FRACTION;
}

/**
 * Vectors as whole numbers with a scale a row: 8 to 12 bits a number, of which the highest four lie in one
 * plane, the next four in another and the rest in a third. So a row can be read as roughly as is enough.
 */

import {
  bits,
  dimensions,
  highPlane,
  isCosine,
  lowPlane,
  padded,
  planeBytes,
  residualBytes,
  residualPlane,
  scaleAddress,
  scaleOf,
} from './layout';

/** Bits flipped in the words of a plane, so that `dotPlane` can read them as signed ones: see `query.ts`. */
const HIGH_FLIP: u16 = 0x0888;
const LOW_FLIP: u16 = 0x8000;

/** Squared lengths where rows have lengths: from 1e-15 to 1e15. */
const MIN_SQUARED: f64 = 1e-30;
const MAX_SQUARED: f64 = 1e30;

/** A row being packed or unpacked: as many i16 as there are padded dimensions. */
let scratch: usize = 0;
/** The largest scale of any row yet: how far rough scores can be off. */
export let largestScale: f32 = 0;
/** The length of the longest row yet, where rows have lengths. */
export let largestLength: f32 = 1;

export function setQuantizeScratch(at: usize): void {
  scratch = at;
}

export function resetScales(): void {
  largestScale = 0;
  largestLength = isCosine ? 1 : 0;
}

/** The sum of squares of a vector: not finite, or zero, where it cannot be stored. */
export function squaredLength(vector: usize): f64 {
  let total: f64 = 0;
  for (let i: u32 = 0; i < dimensions; i++) {
    const value = <f64>load<f32>(vector + (i << 2));
    total += value * value;
  }
  return total;
}

/**
 * Whether a vector of such a squared length can be stored and asked for: with inner products those of two must
 * stay far from what f32 can hold.
 */
export function isUsable(squared: f64): bool {
  if (isCosine) return isFinite(squared) && squared > 0;
  return squared >= MIN_SQUARED && squared <= MAX_SQUARED;
}

/** The largest absolute number of a vector. */
export function largestOf(vector: usize): f32 {
  let largest: f32 = 0;
  for (let i: u32 = 0; i < dimensions; i++) {
    const value = abs(load<f32>(vector + (i << 2)));
    if (value > largest) largest = value;
  }
  return largest;
}

/** Writes `vector × factor` as rounded i16 numbers, zeros behind them. */
export function roundTo(vector: usize, factor: f64, out: usize): void {
  for (let i: u32 = 0; i < dimensions; i++)
    store<i16>(out + (i << 1), <i16>nearest<f64>(<f64>load<f32>(vector + (i << 2)) * factor));
  memory.fill(out + (dimensions << 1), 0, (padded - dimensions) << 1);
}

/** Stores a vector of f32 in a slot; its squared length is known to be finite and not zero. */
export function storeVector(slot: u32, vector: usize, squared: f64): void {
  const steps = <f64>((1 << (bits - 1)) - 1);
  roundTo(vector, steps / <f64>largestOf(vector), scratch);
  const whole = squaredWhole();
  // So that the stored row has the length of the vector.
  const length: f64 = isCosine ? 1 : sqrt<f64>(squared);
  if (<f32>length > largestLength) largestLength = <f32>length;
  setScale(slot, <f32>(length / sqrt<f64>(<f64>whole)));
  packNibbles(scratch, highPlane(slot), bits - 4, HIGH_FLIP);
  packNibbles(scratch, lowPlane(slot), bits - 8, LOW_FLIP);
  packResidual(scratch, residualPlane(slot));
}

export function setScale(slot: u32, scale: f32): void {
  store<f32>(scaleAddress(slot), scale);
  if (scale > largestScale) largestScale = scale;
}

/** Takes note of how long a row is that was not stored from a vector. */
export function noteLength(slot: u32): void {
  if (isCosine) return;
  unpack(slot, scratch);
  largestLength = max<f32>(largestLength, scaleOf(slot) * <f32>sqrt<f64>(<f64>squaredWhole()));
}

/** The sum of squares of the numbers in the scratch row. */
function squaredWhole(): i64 {
  let total: i64 = 0;
  for (let i: u32 = 0; i < padded; i++) {
    const value = <i64>load<i16>(scratch + (i << 1));
    total += value * value;
  }
  return total;
}

/** Reads a slot's vector as f32. */
export function readVector(slot: u32, out: usize): void {
  unpack(slot, scratch);
  const scale = scaleOf(slot);
  for (let i: u32 = 0; i < dimensions; i++)
    store<f32>(out + (i << 2), <f32>load<i16>(scratch + (i << 1)) * scale);
}

/** Unpacks a row with all its bits into i16 numbers. */
export function unpack(slot: u32, out: usize): void {
  unpackByte(slot, out);
  const residual = bits - 8;
  if (residual === 0) return;
  const plane = residualPlane(slot);
  for (let at: usize = 0; at < <usize>residualBytes; at += 16) {
    if (residual === 4) {
      addFields(plane + at, out + (at << 2), 4, 4, LOW_FLIP);
    } else {
      addFields(plane + at, out + (at << 3), 8, 2, 0);
    }
  }
}

/** Unpacks the highest 8 bits of a row's numbers into i16. */
export function unpackByte(slot: u32, out: usize): void {
  const high = highPlane(slot);
  const low = lowPlane(slot);
  for (let at: usize = 0; at < <usize>planeBytes; at += 16) {
    const to = out + (at << 2);
    if (ASC_FEATURE_SIMD) {
      const h = v128.xor(v128.load(high + at), i16x8.splat(HIGH_FLIP));
      const l = v128.xor(v128.load(low + at), i16x8.splat(LOW_FLIP));
      const top = i16x8.splat(<i16>0xfff0);
      v128.store(to, joined(i16x8.shr_s(i16x8.shl(h, 12), 8), i16x8.shl(l, 12), top));
      v128.store(to, joined(i16x8.shr_s(i16x8.shl(h, 8), 8), i16x8.shl(l, 8), top), 16);
      v128.store(to, joined(i16x8.shr_s(i16x8.shl(h, 4), 8), i16x8.shl(l, 4), top), 32);
      v128.store(to, joined(i16x8.shr_s(h, 8), l, top), 48);
    } else {
      for (let lane: usize = 0; lane < 16; lane += 2) {
        const h = <i32>(load<u16>(high + at + lane) ^ HIGH_FLIP);
        const l = <i32>(load<u16>(low + at + lane) ^ LOW_FLIP);
        for (let k: u32 = 0; k < 4; k++) {
          const nibble = (((h >> (k << 2)) & 15) << 28) >> 24;
          store<i16>(to + lane + (k << 4), <i16>(nibble | ((l >> (k << 2)) & 15)));
        }
      }
    }
  }
}

/** The upper 12 bits of one word and the highest nibble of another below them. */
function joined(upper: v128, lower: v128, mask: v128): v128 {
  return v128.or(v128.and(upper, mask), i16x8.shr_u(lower, 12));
}

/** Shifts the numbers of `out` left by `width` bits and puts the fields of 8 words below them. */
function addFields(words: usize, out: usize, fields: u32, width: u32, flip: u16): void {
  const mask = <i16>(((<u32>1) << width) - 1);
  for (let k: u32 = 0; k < fields; k++) {
    const to = out + (k << 4);
    if (ASC_FEATURE_SIMD) {
      const word = v128.xor(v128.load(words), i16x8.splat(flip));
      const field = v128.and(i16x8.shr_u(word, k * width), i16x8.splat(mask));
      v128.store(to, v128.or(i16x8.shl(v128.load(to), width), field));
    } else {
      for (let lane: usize = 0; lane < 16; lane += 2) {
        const word = <u32>(load<u16>(words + lane) ^ flip);
        const field = <i32>(word >> (k * width)) & <i32>mask;
        store<i16>(to + lane, <i16>(((<i32>load<i16>(to + lane)) << width) | field));
      }
    }
  }
}

function packNibbles(numbers: usize, plane: usize, shift: u32, flip: u16): void {
  for (let at: usize = 0; at < <usize>planeBytes; at += 16)
    packFields(numbers + (at << 2), plane + at, 4, 4, shift, flip);
}

function packResidual(numbers: usize, plane: usize): void {
  const residual = bits - 8;
  for (let at: usize = 0; at < <usize>residualBytes; at += 16) {
    if (residual === 4) packFields(numbers + (at << 2), plane + at, 4, 4, 0, LOW_FLIP);
    else packFields(numbers + (at << 3), plane + at, 8, 2, 0, 0);
  }
}

/** Packs `fields` × 8 numbers into 8 words: of each the lowest `width` bits above `shift`. */
function packFields(numbers: usize, words: usize, fields: u32, width: u32, shift: u32, flip: u16): void {
  for (let lane: usize = 0; lane < 16; lane += 2) {
    let word: u32 = 0;
    for (let k: u32 = 0; k < fields; k++) {
      const value = <i32>load<i16>(numbers + lane + (k << 4)) >> shift;
      word |= (value & ((1 << width) - 1)) << (k * width);
    }
    store<u16>(words + lane, <u16>word ^ flip);
  }
}

/**
 * One bit a dimension: whether a row's number lies above the mean of all. The codes of 32 rows are
 * interleaved, four dimensions of all of them in 16 bytes, so that a table of sixteen sums is looked up
 * for 32 rows by two instructions (André et al., "Cache locality is not enough: high-performance nearest
 * neighbor search with product quantization fast scan", VLDB 2015).
 */

import { allocate } from './arena';
import { codeBlock, padded, rowCodeBytes, scaleOf } from './layout';
import { unpack } from './quantize';
import { alive, aliveCount, hasBit, highWater } from './slots';

/** Rows that the mean is taken of. */
const MEAN_ROWS: u32 = 4_096;
/** It is taken at 256, 2,048 and 16,384 rows, and all codes with it: by then it hardly moves any more. */
const FIRST_RENEWAL: u32 = 256;
const RENEWAL_SHIFT: i32 = 3;
const MAX_RENEWALS: i32 = 3;

/** The mean by dimension, f32. */
export let mean: usize = 0;
let row: usize = 0;
let renewals: i32 = 0;

export function allocateSigns(): bool {
  mean = allocate(padded * 4);
  row = allocate(padded * 2);
  return row !== 0;
}

export function resetSigns(): void {
  renewals = 0;
  memory.fill(mean, 0, padded * 4);
}

/** How often the mean was taken. */
export function meanRenewals(): i32 {
  return renewals;
}

/** Says that the mean was given, and how often it had been taken. */
export function setRenewals(count: i32): void {
  renewals = count;
}

/** Takes the mean again where it is time, and all codes with it. */
export function renewMean(): void {
  let due = renewals;
  while (due < MAX_RENEWALS && aliveCount >= FIRST_RENEWAL << (due * RENEWAL_SHIFT)) due++;
  if (due === renewals) return;
  renewals = due;
  takeMean();
  for (let slot: u32 = 0; slot < highWater; slot++) if (hasBit(alive, slot)) encodeSigns(slot);
}

/** Writes the code of a slot's row. */
export function encodeSigns(slot: u32): void {
  unpack(slot, row);
  const scale = scaleOf(slot);
  const place = slot & 15;
  const shift = (<u32>((slot >> 4) & 1)) << 2;
  // Even bytes are summed apart from odd ones: rows 0 to 7 lie in the even ones.
  const byte = codeBlock(slot) + (((place & 7) << 1) | (place >> 3));
  const keep = <u8>(<u32>0xf0 >> shift);
  for (let group: u32 = 0; group < padded >> 2; group++) {
    const at = byte + (group << 4);
    store<u8>(at, (load<u8>(at) & keep) | <u8>(signsOf(group, scale) << shift));
  }
}

/** Writes the code of a slot's row by itself, eight dimensions a byte, as many as `rowCodeBytes` hold. */
export function gatherSigns(slot: u32, out: usize): void {
  const place = slot & 15;
  const shift = (<u32>((slot >> 4) & 1)) << 2;
  const byte = codeBlock(slot) + (((place & 7) << 1) | (place >> 3));
  const bytes = min<u32>(rowCodeBytes, padded >> 3);
  for (let at: u32 = 0; at < bytes; at++) {
    const even = (<u32>load<u8>(byte + (at << 5)) >> shift) & 15;
    const odd = (<u32>load<u8>(byte + (at << 5), 16) >> shift) & 15;
    store<u8>(out + at, <u8>(even | (odd << 4)));
  }
}

/** Four dimensions' bits of the unpacked row. */
function signsOf(group: u32, scale: f32): u32 {
  const numbers = row + (group << 3);
  const means = mean + (group << 4);
  if (ASC_FEATURE_SIMD) {
    const values = f32x4.convert_i32x4_s(v128.load_ext<i16>(numbers));
    return i32x4.bitmask(f32x4.gt(f32x4.mul(values, f32x4.splat(scale)), v128.load(means)));
  } else {
    let signs: u32 = 0;
    for (let i: u32 = 0; i < 4; i++) {
      const value = <f32>load<i16>(numbers + (i << 1)) * scale;
      signs |= u32(value > load<f32>(means + (i << 2))) << i;
    }
    return signs;
  }
}

function takeMean(): void {
  memory.fill(mean, 0, padded * 4);
  const step = max<u32>(aliveCount / MEAN_ROWS, 1);
  let seen: u32 = 0;
  let taken: u32 = 0;
  for (let slot: u32 = 0; slot < highWater; slot++) {
    if (!hasBit(alive, slot) || seen++ % step !== 0) continue;
    unpack(slot, row);
    const scale = scaleOf(slot);
    taken++;
    for (let i: u32 = 0; i < padded; i++) {
      const at = mean + (i << 2);
      store<f32>(at, load<f32>(at) + <f32>load<i16>(row + (i << 1)) * scale);
    }
  }
  for (let i: u32 = 0; i < padded; i++) {
    const at = mean + (i << 2);
    store<f32>(at, load<f32>(at) / <f32>taken);
  }
}

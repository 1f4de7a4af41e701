/**
 * Products of whole numbers, which come out the same with SIMD and without.
 *
 * A plane stores 4 bits a number: of each 32 dimensions, 8 words of 16 bits, where nibble k of word j
 * belongs to dimension 8k + j. Shifted right by 4k a word has that nibble lowest, and the nibbles above it
 * still in it. The query is stored so that these cancel: q(k) − 16 q(k−1) in the place of q(k). So nothing
 * needs to be masked.
 */

import { padded, planeBytes, rowCodeBytes } from './layout';

/** The product of a query in plane form and a plane. */
export function dotPlane(query: usize, plane: usize): i32 {
  const end = plane + planeBytes;
  if (ASC_FEATURE_SIMD) {
    let a = i32x4.splat(0);
    let b = a;
    let c = a;
    let d = a;
    do {
      let word = v128.load(plane);
      a = i32x4.add(a, i32x4.dot_i16x8_s(word, v128.load(query)));
      b = i32x4.add(b, i32x4.dot_i16x8_s(i16x8.shr_s(word, 4), v128.load(query, 16)));
      c = i32x4.add(c, i32x4.dot_i16x8_s(i16x8.shr_s(word, 8), v128.load(query, 32)));
      d = i32x4.add(d, i32x4.dot_i16x8_s(i16x8.shr_s(word, 12), v128.load(query, 48)));
      word = v128.load(plane, 16);
      a = i32x4.add(a, i32x4.dot_i16x8_s(word, v128.load(query, 64)));
      b = i32x4.add(b, i32x4.dot_i16x8_s(i16x8.shr_s(word, 4), v128.load(query, 80)));
      c = i32x4.add(c, i32x4.dot_i16x8_s(i16x8.shr_s(word, 8), v128.load(query, 96)));
      d = i32x4.add(d, i32x4.dot_i16x8_s(i16x8.shr_s(word, 12), v128.load(query, 112)));
      plane += 32;
      query += 128;
    } while (plane !== end);
    return sum(i32x4.add(i32x4.add(a, b), i32x4.add(c, d)));
  } else {
    let total = 0;
    do {
      for (let lane: usize = 0; lane < 16; lane += 2) {
        const word = <i32>load<i16>(plane + lane);
        const at = query + lane;
        total += word * <i32>load<i16>(at);
        total += (word >> 4) * <i32>load<i16>(at, 16);
        total += (word >> 8) * <i32>load<i16>(at, 32);
        total += (word >> 12) * <i32>load<i16>(at, 48);
      }
      plane += 16;
      query += 64;
    } while (plane !== end);
    return total;
  }
}

/** The product of a query in plane form and two planes, the first of them sixteen times as high. */
export function dotPlanes(query: usize, high: usize, low: usize): i32 {
  const end = high + planeBytes;
  if (ASC_FEATURE_SIMD) {
    let a = i32x4.splat(0);
    let b = a;
    let c = a;
    let d = a;
    do {
      const upper = v128.load(high);
      const lower = v128.load(low);
      let part = v128.load(query);
      a = i32x4.add(a, i32x4.dot_i16x8_s(upper, part));
      b = i32x4.add(b, i32x4.dot_i16x8_s(lower, part));
      part = v128.load(query, 16);
      c = i32x4.add(c, i32x4.dot_i16x8_s(i16x8.shr_s(upper, 4), part));
      d = i32x4.add(d, i32x4.dot_i16x8_s(i16x8.shr_s(lower, 4), part));
      part = v128.load(query, 32);
      a = i32x4.add(a, i32x4.dot_i16x8_s(i16x8.shr_s(upper, 8), part));
      b = i32x4.add(b, i32x4.dot_i16x8_s(i16x8.shr_s(lower, 8), part));
      part = v128.load(query, 48);
      c = i32x4.add(c, i32x4.dot_i16x8_s(i16x8.shr_s(upper, 12), part));
      d = i32x4.add(d, i32x4.dot_i16x8_s(i16x8.shr_s(lower, 12), part));
      high += 16;
      low += 16;
      query += 64;
    } while (high !== end);
    return sum(i32x4.add(i32x4.shl(i32x4.add(a, c), 4), i32x4.add(b, d)));
  } else {
    return (dotPlane(query, high) << 4) + dotPlane(query, low);
  }
}

/** The product of two unpacked rows of 8 bits a number in 16. */
export function dotRows(a: usize, b: usize): i32 {
  const end = a + (padded << 1);
  if (ASC_FEATURE_SIMD) {
    let s = i32x4.splat(0);
    let t = s;
    do {
      s = i32x4.add(s, i32x4.dot_i16x8_s(v128.load(a), v128.load(b)));
      t = i32x4.add(t, i32x4.dot_i16x8_s(v128.load(a, 16), v128.load(b, 16)));
      s = i32x4.add(s, i32x4.dot_i16x8_s(v128.load(a, 32), v128.load(b, 32)));
      t = i32x4.add(t, i32x4.dot_i16x8_s(v128.load(a, 48), v128.load(b, 48)));
      a += 64;
      b += 64;
    } while (a !== end);
    return sum(i32x4.add(s, t));
  } else {
    return dotShort(a, b, padded);
  }
}

/** The same for numbers of up to 14 and 12 bits, whose product may need more than 32. */
export function dotWide(a: usize, b: usize): i64 {
  let total: i64 = 0;
  for (const end = a + (padded << 1); a !== end; a += 128, b += 128) {
    if (ASC_FEATURE_SIMD) {
      let s = i32x4.dot_i16x8_s(v128.load(a), v128.load(b));
      for (let at: usize = 16; at < 128; at += 16)
        s = i32x4.add(s, i32x4.dot_i16x8_s(v128.load(a + at), v128.load(b + at)));
      total += <i64>sum(s);
    } else {
      total += <i64>dotShort(a, b, 64);
    }
  }
  return total;
}

/** How many bits of two codes differ. */
export function hamming(a: usize, b: usize): i32 {
  const end = a + rowCodeBytes;
  let total = 0;
  if (ASC_FEATURE_SIMD) {
    do {
      // Counts are kept in bytes as long as they fit.
      const rest = end - a;
      const stop = rest > 240 ? a + 240 : end;
      let counts = i8x16.splat(0);
      do {
        counts = i8x16.add(counts, i8x16.popcnt(v128.xor(v128.load(a), v128.load(b))));
        a += 16;
        b += 16;
      } while (a !== stop);
      total += sum(i32x4.extadd_pairwise_i16x8_s(i16x8.extadd_pairwise_i8x16_u(counts)));
    } while (a !== end);
  } else {
    do {
      total += <i32>popcnt<u64>(load<u64>(a) ^ load<u64>(b));
      a += 8;
      b += 8;
    } while (a !== end);
  }
  return total;
}

function dotShort(a: usize, b: usize, count: u32): i32 {
  let total = 0;
  for (const end = a + (count << 1); a !== end; a += 2, b += 2)
    total += <i32>load<i16>(a) * <i32>load<i16>(b);
  return total;
}

function sum(lanes: v128): i32 {
  return (
    i32x4.extract_lane(lanes, 0) +
    i32x4.extract_lane(lanes, 1) +
    i32x4.extract_lane(lanes, 2) +
    i32x4.extract_lane(lanes, 3)
  );
}

/** Searching without a graph: all members compared, or first their 1-bit codes. */

import { allocate, release } from './arena';
import { addCandidate } from './candidates';
import { codeBlock, codeBlockBytes, padded } from './layout';
import { wideQuery } from './query';
import { bitBytes } from './slots';

/** Largest entry of a table: four of them fit a byte. */
const MAX_ENTRY: u32 = 63;
/** Largest sum: it must fit a signed word. */
const MAX_SUM: u32 = 32_767;
/** Sums of 32 rows, u16. */
const SUMS: usize = memory.data(64, 64);
const COUNTS: usize = memory.data(8_192, 64);
/** Sums are counted in steps of 16. */
const COUNT_SHIFT: u32 = 4;
/** Room for the best rows, as a multiple of how many are wanted: the larger the rarer it is cleared. */
const ROOM_FACTOR: u32 = 4;
const MIN_ROOM: u32 = 1_024;

/** For each four dimensions the sums of their sixteen patterns, u8. */
let table: usize = 0;
/** The best rows yet: slots as u32, then their sums as u16. */
let slots: usize = 0;
let sums: usize = 0;
let room: u32 = 0;
let kept: u32 = 0;
let threshold: u32 = 0;
/** Rows whose codes were compared, since `resetScanned`. */
export let scanned: u32 = 0;

export function allocateScan(): bool {
  table = allocate(padded * 4);
  return table !== 0;
}

export function resetScanned(): void {
  scanned = 0;
}

/** Makes room for keeping so many rows; false where there is none. */
export function reserveScan(wanted: u32): bool {
  const least = max<u32>(wanted * ROOM_FACTOR, MIN_ROOM) + 32;
  if (least <= room) return true;
  const needed = max<u32>(least, 2 * room);
  const at = allocate(needed * 6);
  if (at === 0) return false;
  if (room !== 0) release(slots, room * 6);
  slots = at;
  sums = at + (needed << 2);
  room = needed;
  return true;
}

/** Adds the slots of a set to the candidates, those whose bits lie in its bytes from `from` to `to`. */
export function collect(set: usize, from: u32, to: u32): void {
  for (let at = from; at < to; at += 4) {
    const slot = at << 3;
    for (let word = load<u32>(set + at); word !== 0; word &= word - 1) addCandidate(0, slot + ctz(word));
  }
}

/** Adds the `wanted` rows that are in `set` and not in `without` with the best codes to the candidates, about. */
export function scanCodes(set: usize, without: usize, wanted: u32): void {
  fillTable();
  kept = 0;
  threshold = MAX_SUM;
  const full = max<u32>(wanted * ROOM_FACTOR, MIN_ROOM);
  const bytes = bitBytes();
  for (let at: u32 = 0; at < bytes; at += 4) {
    const word = wordOf(set, without, at);
    if (word === 0) continue;
    scanned += popcnt(word);
    const slot = at << 3;
    for (let better = sumBlock(codeBlock(slot)) & word; better !== 0; better &= better - 1) {
      const row = ctz(better);
      store<u32>(slots + (kept << 2), slot + row);
      store<u16>(sums + (kept << 1), load<u16>(SUMS + (row << 1)));
      kept++;
    }
    if (kept >= full) keepBelow(wanted, full);
  }
  if (kept > wanted) keepBelow(wanted, full);
  for (let i: u32 = 0; i < kept; i++) addCandidate(0, load<u32>(slots + (i << 2)));
}

function wordOf(set: usize, without: usize, at: u32): u32 {
  const word = load<u32>(set + at);
  return without === 0 ? word : word & ~load<u32>(without + at);
}

/** Sums the table's entries of 32 rows; answers which of them lie below the threshold. */
function sumBlock(block: usize): u32 {
  if (ASC_FEATURE_SIMD) {
    store<u8>(SUMS, 15);
    const low = v128.load_splat<u8>(SUMS);
    let even = i16x8.splat(0);
    let odd = even;
    let even16 = even;
    let odd16 = even;
    let entries = table;
    const end = block + codeBlockBytes;
    do {
      const c0 = v128.load(block);
      const c1 = v128.load(block, 16);
      const c2 = v128.load(block, 32);
      const c3 = v128.load(block, 48);
      const t0 = v128.load(entries);
      const t1 = v128.load(entries, 16);
      const t2 = v128.load(entries, 32);
      const t3 = v128.load(entries, 48);
      const first = i8x16.add(
        i8x16.add(i8x16.swizzle(t0, v128.and(c0, low)), i8x16.swizzle(t1, v128.and(c1, low))),
        i8x16.add(i8x16.swizzle(t2, v128.and(c2, low)), i8x16.swizzle(t3, v128.and(c3, low))),
      );
      const second = i8x16.add(
        i8x16.add(i8x16.swizzle(t0, upper(c0, low)), i8x16.swizzle(t1, upper(c1, low))),
        i8x16.add(i8x16.swizzle(t2, upper(c2, low)), i8x16.swizzle(t3, upper(c3, low))),
      );
      even = i16x8.add(even, first);
      odd = i16x8.add(odd, i16x8.shr_u(first, 8));
      even16 = i16x8.add(even16, second);
      odd16 = i16x8.add(odd16, i16x8.shr_u(second, 8));
      block += 64;
      entries += 64;
    } while (block !== end);
    // The even words have added up the odd bytes as well, 256 times as much.
    even = i16x8.sub(even, i16x8.shl(odd, 8));
    even16 = i16x8.sub(even16, i16x8.shl(odd16, 8));
    const limit = i16x8.splat(<i16>threshold);
    const better =
      <u32>i16x8.bitmask(i16x8.lt_s(even, limit)) |
      ((<u32>i16x8.bitmask(i16x8.lt_s(odd, limit))) << 8) |
      ((<u32>i16x8.bitmask(i16x8.lt_s(even16, limit))) << 16) |
      ((<u32>i16x8.bitmask(i16x8.lt_s(odd16, limit))) << 24);
    if (better !== 0) {
      v128.store(SUMS, even);
      v128.store(SUMS, odd, 16);
      v128.store(SUMS, even16, 32);
      v128.store(SUMS, odd16, 48);
    }
    return better;
  } else {
    let better: u32 = 0;
    for (let row: u32 = 0; row < 32; row++) {
      const byte = block + (((row & 7) << 1) | ((row >> 3) & 1));
      const shift = (row >> 4) << 2;
      let total: u32 = 0;
      for (let group: u32 = 0; group < codeBlockBytes; group += 16)
        total += load<u8>(table + group + ((<u32>load<u8>(byte + group) >> shift) & 15));
      store<u16>(SUMS + (row << 1), <u16>total);
      better |= u32(total < threshold) << row;
    }
    return better;
  }
}

function upper(codes: v128, low: v128): v128 {
  return v128.and(i16x8.shr_u(codes, 4), low);
}

/**
 * The query as a table: for each four dimensions and each pattern of signs, how much less than the most
 * they bring to the product. Entries are rounded to one step for all.
 */
function fillTable(): void {
  const groups = padded >> 2;
  let widest: i32 = 1;
  for (let group: u32 = 0; group < groups; group++) {
    let width = 0;
    for (let i: u32 = 0; i < 4; i++) width += abs(<i32>load<i16>(wideQuery + (group << 3) + (i << 1)));
    widest = max<i32>(widest, width);
  }
  const factor = <f32>min<u32>(MAX_ENTRY, MAX_SUM / groups) / <f32>widest;
  for (let group: u32 = 0; group < groups; group++) {
    const numbers = wideQuery + (group << 3);
    let most = 0;
    for (let i: u32 = 0; i < 4; i++) most += max<i32>(<i32>load<i16>(numbers + (i << 1)), 0);
    for (let pattern: u32 = 0; pattern < 16; pattern++) {
      let missing = most;
      for (let i: u32 = 0; i < 4; i++) if ((pattern >> i) & 1) missing -= <i32>load<i16>(numbers + (i << 1));
      store<u8>(table + (group << 4) + pattern, <u8>nearest<f32>(<f32>missing * factor));
    }
  }
}

/**
 * Keeps the rows with the smallest sums, about as many as are wanted, and lowers the threshold to them. Of
 * rows with equal sums no more are kept than `most` in all.
 */
function keepBelow(wanted: u32, most: u32): void {
  memory.fill(COUNTS, 0, 8_192);
  for (let i: u32 = 0; i < kept; i++) {
    const at = COUNTS + ((<u32>load<u16>(sums + (i << 1)) >> COUNT_SHIFT) << 2);
    store<u32>(at, load<u32>(at) + 1);
  }
  let total: u32 = 0;
  let step: u32 = 0;
  for (; step < MAX_SUM >> COUNT_SHIFT; step++) {
    const size = load<u32>(COUNTS + (step << 2));
    if (total + size >= wanted) break;
    total += size;
  }
  const limit = (step + 1) << COUNT_SHIFT;
  let left: u32 = 0;
  for (let i: u32 = 0; i < kept && left < most; i++) {
    const sum = <u32>load<u16>(sums + (i << 1));
    store<u32>(slots + (left << 2), load<u32>(slots + (i << 2)));
    store<u16>(sums + (left << 1), <u16>sum);
    left += u32(sum < limit);
  }
  kept = left;
  threshold = min<u32>(threshold, limit);
}

/** Filters: sets of ordinals, combined here, and turned into the set of slots that a search may find. */

import { allocate, release } from './arena';
import { alive, bitBytes, isIdentity, members, ordinalEnd, pageOf, setBit } from './slots';

const AND: u32 = 0;

/** Sets one above another, each of `wordCapacity` words. */
let stack: usize = 0;
let depthCapacity: u32 = 0;
let wordCapacity: u32 = 0;

/** Words that a set of all ordinals has, a multiple of 4. */
export function filterWords(): u32 {
  return ((ordinalEnd + 127) >> 7) << 2;
}

/** Makes room for so many sets at once; false where there is none. */
export function reserveFilters(depth: u32): bool {
  const words = filterWords();
  if (depth <= depthCapacity && words <= wordCapacity) return true;
  const newDepth = max<u32>(depth, depthCapacity);
  const newWords = words <= wordCapacity ? wordCapacity : max<u32>(words, 2 * wordCapacity);
  const at = allocate(newDepth * newWords * 4);
  if (at === 0) return false;
  if (stack !== 0) release(stack, depthCapacity * wordCapacity * 4);
  stack = at;
  depthCapacity = newDepth;
  wordCapacity = newWords;
  return true;
}

/** Where the set at a depth lies. */
export function filterAt(depth: u32): usize {
  return stack + depth * wordCapacity * 4;
}

/** Joins the sets at a depth and above it into the one at that depth: 0 what is in both, 1 in either. */
export function combineFilters(depth: u32, operation: u32): void {
  const set = filterAt(depth);
  const other = filterAt(depth + 1);
  const bytes = filterWords() << 2;
  for (let at: u32 = 0; at < bytes; at += 8) {
    const a = load<u64>(set + at);
    const b = load<u64>(other + at);
    store<u64>(set + at, operation === AND ? a & b : a | b);
  }
}

/** Takes the opposite of the set at a depth. */
export function invertFilter(depth: u32): void {
  const set = filterAt(depth);
  const bytes = filterWords() << 2;
  for (let at: u32 = 0; at < bytes; at += 8) store<u64>(set + at, ~load<u64>(set + at));
}

/** Makes the lowest set the members of the next search; answers how many rows they are. */
export function applyFilter(): u32 {
  const bytes = bitBytes();
  if (isIdentity) copyMembers(bytes);
  else findMembers(bytes);
  let size: u32 = 0;
  for (let at: u32 = 0; at < bytes; at += 8) size += <u32>popcnt<u64>(load<u64>(members + at));
  return size;
}

function copyMembers(bytes: u32): void {
  for (let at: u32 = 0; at < bytes; at += 8)
    store<u64>(members + at, load<u64>(stack + at) & load<u64>(alive + at));
}

function findMembers(bytes: u32): void {
  memory.fill(members, 0, bytes);
  const words = filterWords();
  for (let word: u32 = 0; word < words; word++) {
    let bits = load<u32>(stack + (word << 2));
    if (bits === 0) continue;
    const page = pageOf(word << 5);
    if (page === 0) continue;
    const slots = page + ((word & 127) << 7);
    for (; bits !== 0; bits &= bits - 1) {
      const slot = load<u32>(slots + (ctz(bits) << 2));
      if (slot !== 0) setBit(members, slot - 1);
    }
  }
}

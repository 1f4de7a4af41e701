/**
 * Walking the graph: from the best node known to its neighbours, until the best nodes found have no
 * neighbours that are better (Malkov and Yashunin, "Efficient and robust approximate nearest neighbor search
 * using hierarchical navigable small world graphs", algorithms 2 and 5). Neighbours are touched together
 * before any is compared, and the queue is one of buckets by distance, which neither sorts nor sifts.
 */

import { allocate } from './arena';
import { addCandidateIf, clearCandidates } from './candidates';
import { hamming } from './distance';
import { highPlane, padded, rowCodeBytes } from './layout';
import { lengthOf, linkAt, listOf } from './links';
import { BUCKETS, bestScore, bucketsPerUnit, nibbleScore, touchNibbles } from './query';
import { bitBytes, hasBit, NONE, setBit, visited } from './slots';

/** Tags for what a walk compares. `sizeof` tells them apart while compiling, so each walk is a program of its own. */
export type Nibbles = i8;
export type Signs = i16;

/** Nodes that one walk can take in: some forty times the width of a usual search. */
export const MAX_ENTRIES: u32 = 32_768;
/** A list's links, at most 255. */
const BATCH_SLOTS: usize = memory.data(1_024, 64);
const BATCH_PLACES: usize = memory.data(1_024, 64);
const BATCH_DISTANCES: usize = memory.data(1_024, 64);
/** First entry of each bucket plus one, u32. */
const HEADS: usize = memory.data(8_192, 64);
/** Nodes in each bucket that count, u16. */
const SIZES: usize = memory.data(4_096, 64);

/** Entries: slots, distances, and the next entry of the same bucket plus one. */
let entrySlots: usize = 0;
let entryDistances: usize = 0;
let entryNexts: usize = 0;

/** Where searches begin. */
export let entryPoint: u32 = NONE;
export let topLevel: u32 = 0;
/** Codes of rows by themselves, and the query's: while a graph is built of many rows. */
let rowCodes: usize = 0;
let queryCode: usize = 0;
/** Distances computed since `resetWalked`. */
export let walked: u32 = 0;

export function allocateWalk(): bool {
  entrySlots = allocate(MAX_ENTRIES * 12);
  entryDistances = entrySlots + MAX_ENTRIES * 4;
  entryNexts = entryDistances + MAX_ENTRIES * 4;
  return entrySlots !== 0;
}

/** A place for as many candidates as a walk can bring, until the next walk. */
export function walkScratch(): usize {
  return entrySlots;
}

export function resetWalked(): void {
  walked = 0;
}

export function setEntry(slot: u32, level: u32): void {
  entryPoint = slot;
  topLevel = level;
}

export function setRowCodes(codes: usize): void {
  rowCodes = codes;
}

export function useRowCode(slot: u32): void {
  queryCode = rowCodes + slot * rowCodeBytes;
}

/** Down from the entry point to a level, always to the nearest neighbour. */
export function descend<Code>(level: u32): u32 {
  let current = entryPoint;
  let nearest = compareOne<Code>(current);
  for (let at = topLevel; at > level; at--) {
    let isBetter = true;
    while (isBetter) {
      isBetter = false;
      const links = listOf(current, at);
      const length = lengthOf(links);
      for (let i: u32 = 0; i < length; i++) store<u32>(BATCH_SLOTS + (i << 2), linkAt(links, i));
      compareBatch<Code>(length);
      for (let i: u32 = 0; i < length; i++) {
        const distance = load<f32>(BATCH_DISTANCES + (i << 2));
        if (!(distance < nearest)) continue;
        nearest = distance;
        current = load<u32>(BATCH_SLOTS + (i << 2));
        isBetter = true;
      }
    }
  }
  return current;
}

/**
 * Finds about the `ef` nearest nodes that are in `accepted` (0: all) at a level, and leaves them as candidates.
 */
export function walk<Code>(start: u32, ef: u32, level: u32, accepted: usize): void {
  if (accepted === 0) walkAmong<Code, u8>(start, ef, level, 0);
  else walkAmong<Code, u16>(start, ef, level, accepted);
}

function walkAmong<Code, Filter>(start: u32, ef: u32, level: u32, accepted: usize): void {
  memory.fill(visited, 0, bitBytes());
  memory.fill(HEADS, 0, BUCKETS << 2);
  memory.fill(SIZES, 0, BUCKETS << 1);
  const base = bucketBase<Code>();
  const factor = bucketFactor<Code>();
  /** Last bucket that is still of use. */
  let last: u32 = BUCKETS - 1;
  /** First bucket that may hold an entry. */
  let first: u32 = 0;
  let entries: u32 = 0;
  /** Accepted nodes up to the last bucket. */
  let total: u32 = 0;
  {
    const distance = compareOne<Code>(start);
    const bucket = bucketFor(distance, base, factor);
    const counts: u32 = sizeof<Filter>() === 1 ? 1 : hasBit(accepted, start);
    addEntry(0, start, distance, bucket, counts);
    setBit(visited, start);
    entries = 1;
    total = counts;
    first = bucket;
    if (ef === 1 && counts) last = bucket;
  }
  for (;;) {
    while (first <= last && load<u32>(HEADS + (first << 2)) === 0) first++;
    if (first > last) break;
    const entry = load<u32>(HEADS + (first << 2)) - 1;
    store<u32>(HEADS + (first << 2), load<u32>(entryNexts + (entry << 2)));
    touchNext(first, last, level);
    let fresh = gatherFresh(listOf(load<u32>(entrySlots + (entry << 2)), level));
    if (entries + fresh > MAX_ENTRIES) break;
    compareBatch<Code>(fresh);
    fresh = keepNear(fresh, last, base, factor);
    for (let i: u32 = 0; i < fresh; i++) {
      const slot = load<u32>(BATCH_SLOTS + (i << 2));
      const distance = load<f32>(BATCH_DISTANCES + (i << 2));
      const bucket = bucketFor(distance, base, factor);
      const counts: u32 = sizeof<Filter>() === 1 ? 1 : hasBit(accepted, slot);
      addEntry(entries++, slot, distance, bucket, counts);
      total += bucket <= last ? counts : 0;
      if (bucket < first) first = bucket;
    }
    while (total >= ef) {
      const size = <u32>load<u16>(SIZES + (last << 1));
      if (total - size < ef) break;
      total -= size;
      last--;
    }
  }
  clearCandidates();
  for (let i: u32 = 0; i < entries; i++) {
    const distance = load<f32>(entryDistances + (i << 2));
    const slot = load<u32>(entrySlots + (i << 2));
    const counts: u32 = sizeof<Filter>() === 1 ? 1 : hasBit(accepted, slot);
    addCandidateIf(distance, slot, u32(bucketFor(distance, base, factor) <= last) & counts);
  }
}

function addEntry(entry: u32, slot: u32, distance: f32, bucket: u32, counts: u32): void {
  store<u32>(entrySlots + (entry << 2), slot);
  store<f32>(entryDistances + (entry << 2), distance);
  store<u32>(entryNexts + (entry << 2), load<u32>(HEADS + (bucket << 2)));
  store<u32>(HEADS + (bucket << 2), entry + 1);
  const size = SIZES + (bucket << 1);
  store<u16>(size, <u16>(<u32>load<u16>(size) + counts));
}

/** Touches the links of the node whose turn is next. */
function touchNext(first: u32, last: u32, level: u32): void {
  if (level !== 0) return;
  let next = first;
  while (next <= last && load<u32>(HEADS + (next << 2)) === 0) next++;
  if (next > last) return;
  const links = listOf(load<u32>(entrySlots + ((load<u32>(HEADS + (next << 2)) - 1) << 2)), 0);
  load<u8>(links);
  load<u8>(links, 64);
}

/** Brings the links that were not seen yet into the batch, and marks them as seen. */
function gatherFresh(links: usize): u32 {
  let fresh: u32 = 0;
  const length = lengthOf(links);
  for (let i: u32 = 0; i < length; i++) {
    const slot = linkAt(links, i);
    const at = visited + ((slot >> 5) << 2);
    const word = load<u32>(at);
    store<u32>(BATCH_SLOTS + (fresh << 2), slot);
    fresh += ((word >> (slot & 31)) & 1) ^ 1;
    store<u32>(at, word | ((<u32>1) << (slot & 31)));
  }
  return fresh;
}

function compareBatch<Code>(size: u32): void {
  for (let i: u32 = 0; i < size; i++) {
    const place = placeOf<Code>(load<u32>(BATCH_SLOTS + (i << 2)));
    store<usize>(BATCH_PLACES + (i << 2), place);
    touch<Code>(place);
  }
  for (let i: u32 = 0; i < size; i++)
    store<f32>(BATCH_DISTANCES + (i << 2), distanceTo<Code>(load<usize>(BATCH_PLACES + (i << 2))));
  walked += size;
}

function compareOne<Code>(slot: u32): f32 {
  store<u32>(BATCH_SLOTS, slot);
  compareBatch<Code>(1);
  return load<f32>(BATCH_DISTANCES);
}

/** Keeps those of the batch that are nearer than the last bucket. */
function keepNear(size: u32, last: u32, base: f32, factor: f32): u32 {
  let kept: u32 = 0;
  for (let i: u32 = 0; i < size; i++) {
    const distance = load<f32>(BATCH_DISTANCES + (i << 2));
    store<u32>(BATCH_SLOTS + (kept << 2), load<u32>(BATCH_SLOTS + (i << 2)));
    store<f32>(BATCH_DISTANCES + (kept << 2), distance);
    kept += u32(bucketFor(distance, base, factor) < last);
  }
  return kept;
}

/** Where that lies of a row which is compared. */
function placeOf<Code>(slot: u32): usize {
  if (sizeof<Code>() === 1) return highPlane(slot);
  else return rowCodes + slot * rowCodeBytes;
}

function distanceTo<Code>(place: usize): f32 {
  if (sizeof<Code>() === 1) return -nibbleScore(place);
  else return <f32>hamming(queryCode, place);
}

function touch<Code>(place: usize): void {
  if (sizeof<Code>() === 1) {
    touchNibbles(place);
  } else {
    load<u8>(place);
    load<u8>(place + rowCodeBytes - 1);
  }
}

/** What is added to a distance, */
function bucketBase<Code>(): f32 {
  return sizeof<Code>() === 1 ? bestScore : 0;
}

/** and then multiplied with, to give its bucket. */
function bucketFactor<Code>(): f32 {
  return sizeof<Code>() === 1 ? bucketsPerUnit : <f32>BUCKETS / <f32>padded;
}

function bucketFor(distance: f32, base: f32, factor: f32): u32 {
  const place = <i32>((distance + base) * factor);
  return place < 0 ? 0 : min<u32>(place, BUCKETS - 1);
}

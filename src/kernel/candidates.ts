/**
 * Candidates: rows that may be among the nearest, each with a distance (the negative of its score), judged
 * in steps, every step with more bits and for fewer of them.
 */

import { allocate, release } from './arena';
import { BUCKETS, bestScore, bucketsPerUnit, byteScore, fullScore, touchBytes } from './query';
import { ordinalOf, slotOf } from './slots';

/** Rows judged together: as many cache lines as the processor fetches at once. */
const BATCH: u32 = 32;
const COUNTS: usize = memory.data(8_192, 64);

/** Candidates, 8 bytes each: distance as f32, slot as u32. Written by walks and scans. */
export let list: usize = 0;
export let count: u32 = 0;
let capacity: u32 = 0;
/** The best of them as a heap, the worst at its root, 8 bytes each. */
let heap: usize = 0;
let heapCapacity: u32 = 0;
/** Rows judged with 8 bits and with all, since the search began: what `explain` says. */
export let byteJudged: u32 = 0;
export let fullJudged: u32 = 0;

/** Makes room for so many candidates; false where there is none. The list is empty afterwards. */
export function reserveCandidates(wanted: u32): bool {
  count = 0;
  if (wanted <= capacity) return true;
  const room = max<u32>(wanted, 2 * capacity);
  const at = allocate(room << 3);
  if (at === 0) return false;
  if (capacity !== 0) release(list, capacity << 3);
  list = at;
  capacity = room;
  return true;
}

/** Makes room for so many results; false where there is none. */
export function reserveResults(wanted: u32): bool {
  if (wanted <= heapCapacity) return true;
  const room = max<u32>(wanted, 2 * heapCapacity);
  const at = allocate(room << 3);
  if (at === 0) return false;
  if (heapCapacity !== 0) release(heap, heapCapacity << 3);
  heap = at;
  heapCapacity = room;
  return true;
}

export function resetJudged(): void {
  byteJudged = 0;
  fullJudged = 0;
}

export function clearCandidates(): void {
  count = 0;
}

export function addCandidate(distance: f32, slot: u32): void {
  put(list, count++, distance, slot);
}

/** Adds a candidate where it may be none: the next one takes its place. */
export function addCandidateIf(distance: f32, slot: u32, isOne: u32): void {
  put(list, count, distance, slot);
  count += isOne;
}

export function distanceAt(entries: usize, index: u32): f32 {
  return load<f32>(entries + (index << 3));
}

export function slotAt(entries: usize, index: u32): u32 {
  return load<u32>(entries + (index << 3), 4);
}

export function put(entries: usize, index: u32, distance: f32, slot: u32): void {
  store<f32>(entries + (index << 3), distance);
  store<u32>(entries + (index << 3), slot, 4);
}

/** The bucket of a distance that is the negative of a score. */
function bucketOf(distance: f32): u32 {
  const place = <i32>((distance + bestScore) * bucketsPerUnit);
  return place < 0 ? 0 : min<u32>(place, BUCKETS - 1);
}

/** Keeps the best so many, and all that lie less than `slack` behind them or share a bucket with them. */
export function keepBest(wanted: u32, slack: f32): void {
  if (count <= wanted) return;
  memory.fill(COUNTS, 0, BUCKETS << 2);
  for (let i: u32 = 0; i < count; i++) {
    const bucket = COUNTS + (bucketOf(distanceAt(list, i)) << 2);
    store<u32>(bucket, load<u32>(bucket) + 1);
  }
  let total: u32 = 0;
  let last: u32 = 0;
  for (; last < BUCKETS; last++) {
    total += load<u32>(COUNTS + (last << 2));
    if (total >= wanted) break;
  }
  if (slack !== 0) last = bucketOf(<f32>(last + 1) / bucketsPerUnit - bestScore + slack);
  let kept: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const entry = load<u64>(list + (i << 3));
    store<u64>(list + (kept << 3), entry);
    kept += u32(bucketOf(reinterpret<f32>(<u32>entry)) <= last);
  }
  count = kept;
}

/** Keeps the best so many by all bits; `out` has room for as many results. */
export function keepNearest(wanted: u32, out: usize): void {
  judgeFull();
  const found = takeNearest(wanted, out);
  for (let i: u32 = 0; i < found; i++) put(list, i, -distanceAt(out, i), slotOf(slotAt(out, i)));
  count = found;
}

/** Judges candidates from `from` on with 8 bits. */
export function judgeBytes(from: u32): void {
  for (let i = from; i < count; i += BATCH) {
    const end = min<u32>(i + BATCH, count);
    for (let at = i; at < end; at++) touchBytes(slotAt(list, at));
    for (let at = i; at < end; at++) {
      const slot = slotAt(list, at);
      put(list, at, -byteScore(slot), slot);
    }
  }
  byteJudged += count - from;
}

/** Judges all candidates with all bits. */
export function judgeFull(): void {
  for (let i: u32 = 0; i < count; i++) {
    const slot = slotAt(list, i);
    put(list, i, -fullScore(slot), slot);
  }
  fullJudged += count;
}

/** Brings the nearest `wanted` candidates, in order, to `out`: score as f32, ordinal as u32. Answers how many. */
export function takeNearest(wanted: u32, out: usize): u32 {
  let size: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const distance = distanceAt(list, i);
    const ordinal = ordinalOf(slotAt(list, i));
    if (size < wanted) rise(size++, distance, ordinal);
    else if (wanted !== 0 && isFarther(0, distance, ordinal)) sink(0, size, distance, ordinal);
  }
  const found = size;
  while (size !== 0) {
    size--;
    const distance = distanceAt(heap, 0);
    put(out, size, -distance, slotAt(heap, 0));
    sink(0, size, distanceAt(heap, size), slotAt(heap, size));
  }
  return found;
}

/** Sorts candidates by distance; those after the first `wanted` are dropped. */
export function sortCandidates(wanted: u32, scratch: usize): void {
  memory.fill(COUNTS, 0, BUCKETS << 2);
  for (let i: u32 = 0; i < count; i++) {
    const bucket = COUNTS + (bucketOf(distanceAt(list, i)) << 2);
    store<u32>(bucket, load<u32>(bucket) + 1);
  }
  let start: u32 = 0;
  for (let at: u32 = 0; at < BUCKETS << 2; at += 4) {
    const size = load<u32>(COUNTS + at);
    store<u32>(COUNTS + at, start);
    start += size;
  }
  for (let i: u32 = 0; i < count; i++) {
    const bucket = COUNTS + (bucketOf(distanceAt(list, i)) << 2);
    const place = load<u32>(bucket);
    store<u32>(bucket, place + 1);
    store<u64>(scratch + (place << 3), load<u64>(list + (i << 3)));
  }
  count = min<u32>(count, wanted + BATCH);
  insertionSort(scratch, count);
  count = min<u32>(count, wanted);
  memory.copy(list, scratch, count << 3);
}

/** Sorts entries that are nearly in order. */
function insertionSort(entries: usize, size: u32): void {
  for (let i: u32 = 1; i < size; i++) {
    const distance = distanceAt(entries, i);
    const slot = slotAt(entries, i);
    let at = i;
    while (at !== 0 && distanceAt(entries, at - 1) > distance) {
      store<u64>(entries + (at << 3), load<u64>(entries + ((at - 1) << 3)));
      at--;
    }
    put(entries, at, distance, slot);
  }
}

/** Whether the heap's entry lies farther than this: equal ones go by ordinal. */
function isFarther(index: u32, distance: f32, ordinal: u32): bool {
  const other = distanceAt(heap, index);
  return other > distance || (other === distance && slotAt(heap, index) > ordinal);
}

function rise(from: u32, distance: f32, ordinal: u32): void {
  let at = from;
  while (at !== 0) {
    const parent = (at - 1) >> 1;
    if (isFarther(parent, distance, ordinal)) break;
    store<u64>(heap + (at << 3), load<u64>(heap + (parent << 3)));
    at = parent;
  }
  put(heap, at, distance, ordinal);
}

function sink(from: u32, size: u32, distance: f32, ordinal: u32): void {
  let at = from;
  for (;;) {
    let child: u32 = at * 2 + 1;
    if (child >= size) break;
    if (child + 1 < size && isFarther(child + 1, distanceAt(heap, child), slotAt(heap, child))) child++;
    if (!isFarther(child, distance, ordinal)) break;
    store<u64>(heap + (at << 3), load<u64>(heap + (child << 3)));
    at = child;
  }
  put(heap, at, distance, ordinal);
}

/** Slots: which are taken, by which ordinal, and which are free. */

import { allocate, allocateForRows, release } from './arena';
import { addSegment, ordinalAddress, SEGMENT_SLOTS, segmentCount } from './layout';

/** No slot; no ordinal. */
export const NONE: u32 = 0xffff_ffff;

const PAGE_SHIFT: u32 = 12;
const PAGE_MASK: u32 = 4_095;
const PAGE_BYTES: usize = 16_384;
/** Pages of ordinals: 67 million of them can be named. */
const MAX_PAGES: u32 = 16_384;
const PAGES: usize = memory.data(65_536, 64);

/** Bitsets by slot. Rows that can be found: */
export let alive: usize = 0;
/** Rows in the graph, the dead among them until they are taken out: */
export let linked: usize = 0;
/** Dead rows that are being taken out of the graph: */
export let dying: usize = 0;
/** Rows that a search may find: */
export let members: usize = 0;
/** Nodes that a walk has seen: */
export let visited: usize = 0;
/** Slots that the bitsets have bits for, a multiple of 1,024. */
let bitCapacity: u32 = 0;

/** Slots ever taken: all others were never used. */
export let highWater: u32 = 0;
export let aliveCount: u32 = 0;
/** Whether every row lies in the slot of its ordinal, so that a set of ordinals is one of slots. */
export let isIdentity: bool = true;
/** One more than the largest ordinal that was ever there. */
export let ordinalEnd: u32 = 0;
let freeHead: u32 = NONE;

/** One more than the largest ordinal that can be named. */
export function maxOrdinals(): u32 {
  return MAX_PAGES << PAGE_SHIFT;
}

/** The slot of an ordinal, or NONE. */
export function slotOf(ordinal: u32): u32 {
  if (ordinal >= maxOrdinals()) return NONE;
  const page = <usize>load<u32>(PAGES + ((ordinal >> PAGE_SHIFT) << 2));
  return page === 0 ? NONE : load<u32>(page + ((ordinal & PAGE_MASK) << 2)) - 1;
}

/** The page of 4,096 ordinals' slots, each plus one; 0 where none of them has a slot. */
export function pageOf(ordinal: u32): usize {
  return <usize>load<u32>(PAGES + ((ordinal >> PAGE_SHIFT) << 2));
}

export function ordinalOf(slot: u32): u32 {
  return load<u32>(ordinalAddress(slot));
}

/** A slot for an ordinal, which from now on is in that one; NONE where the memory is full, and then nothing has changed. */
export function takeSlot(ordinal: u32): u32 {
  const isFresh = freeHead === NONE;
  const slot = isFresh ? highWater : freeHead;
  if (slot >= segmentCount() * SEGMENT_SLOTS && !(growBits(slot + SEGMENT_SLOTS) && addSegment()))
    return NONE;
  if (!reserveOrdinal(ordinal)) return NONE;
  if (isFresh) highWater = slot + 1;
  else freeHead = load<u32>(ordinalAddress(slot));
  store<u32>(ordinalAddress(slot), ordinal);
  store<u32>(pageOf(ordinal) + ((ordinal & PAGE_MASK) << 2), slot + 1);
  setBit(alive, slot);
  aliveCount++;
  isIdentity = isIdentity && slot === ordinal;
  ordinalEnd = max<u32>(ordinalEnd, ordinal + 1);
  return slot;
}

export function forgetOrdinal(ordinal: u32): void {
  store<u32>(pageOf(ordinal) + ((ordinal & PAGE_MASK) << 2), 0);
}

/** The row cannot be found any more; its slot stays taken. */
export function kill(slot: u32): void {
  clearBit(alive, slot);
  aliveCount--;
}

/** The slot may be taken again. */
export function freeSlot(slot: u32): void {
  store<u32>(ordinalAddress(slot), freeHead);
  freeHead = slot;
}

/** Forgets every slot; the memory stays. */
export function resetSlots(): void {
  for (let page: u32 = 0; page < MAX_PAGES; page++) {
    const at = <usize>load<u32>(PAGES + (page << 2));
    if (at !== 0) memory.fill(at, 0, PAGE_BYTES);
  }
  const bytes = bitCapacity >> 3;
  memory.fill(alive, 0, bytes);
  memory.fill(linked, 0, bytes);
  memory.fill(dying, 0, bytes);
  highWater = 0;
  ordinalEnd = 0;
  aliveCount = 0;
  isIdentity = true;
  freeHead = NONE;
}

export function hasBit(set: usize, slot: u32): u32 {
  return (load<u32>(set + ((slot >> 5) << 2)) >> (slot & 31)) & 1;
}

export function setBit(set: usize, slot: u32): void {
  const word = set + ((slot >> 5) << 2);
  store<u32>(word, load<u32>(word) | ((<u32>1) << (slot & 31)));
}

export function clearBit(set: usize, slot: u32): void {
  const word = set + ((slot >> 5) << 2);
  store<u32>(word, load<u32>(word) & ~((<u32>1) << (slot & 31)));
}

/** Bytes of a bitset that has a bit for every slot in use, a multiple of 16. */
export function bitBytes(): u32 {
  return ((highWater + 127) >> 7) << 4;
}

function reserveOrdinal(ordinal: u32): bool {
  const entry = PAGES + ((ordinal >> PAGE_SHIFT) << 2);
  if (load<u32>(entry) !== 0) return true;
  const page = allocateForRows(PAGE_BYTES);
  store<u32>(entry, <u32>page);
  return page !== 0;
}

function growBits(slots: u32): bool {
  if (slots <= bitCapacity) return true;
  const capacity = bitCapacity === 0 ? 8 * SEGMENT_SLOTS : bitCapacity * 2;
  const bytes = <usize>(capacity >> 3);
  const at = allocate(bytes * 5);
  if (at === 0) return false;
  const used = bitCapacity >> 3;
  memory.copy(at, alive, used);
  memory.copy(at + bytes, linked, used);
  memory.copy(at + bytes * 2, dying, used);
  if (used !== 0) release(alive, used * 5);
  alive = at;
  linked = at + bytes;
  dying = at + bytes * 2;
  members = at + bytes * 3;
  visited = at + bytes * 4;
  bitCapacity = capacity;
  return true;
}

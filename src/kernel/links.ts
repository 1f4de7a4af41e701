/** The graph's links: for each node and level a list of slots, 24 bits each. */

import { linkBytes, linksOf, maxLinks, maxLinks0, upperPointer, upperPool, uppersPerSegment } from './layout';

/** Lists for upper levels that are free, linked by their first word. */
let freeUppers: usize = 0;
/** Segments whose lists are among them. */
let pooled: u32 = 0;

/** Makes the lists of new segments free ones. */
export function poolSegments(segments: u32): void {
  for (; pooled < segments; pooled++) {
    const pool = upperPool(pooled);
    for (let i = uppersPerSegment; i !== 0; i--) releaseUpper(pool + (i - 1) * linkBytes);
  }
}

/** Makes all lists free again. */
export function resetLinks(segments: u32): void {
  freeUppers = 0;
  pooled = 0;
  poolSegments(segments);
}

/** Gives a node empty lists up to a level; answers the level that there were lists for. */
export function createLists(slot: u32, level: u32): u32 {
  let last = upperPointer(slot);
  store<u32>(last, 0);
  let reached: u32 = 0;
  for (; reached < level && freeUppers !== 0; reached++) {
    const taken = freeUppers;
    freeUppers = <usize>load<u32>(taken);
    store<u32>(taken, 0);
    store<u32>(taken, 0, 4);
    store<u32>(last, <u32>taken);
    last = taken;
  }
  store<u32>(linksOf(slot), 0);
  store<u8>(linksOf(slot), <u8>reached, 1);
  return reached;
}

/** Takes a node's lists away. */
export function freeLists(slot: u32): void {
  let next = <usize>load<u32>(upperPointer(slot));
  while (next !== 0) {
    const at = next;
    next = <usize>load<u32>(at);
    releaseUpper(at);
  }
  store<u32>(upperPointer(slot), 0);
  store<u32>(linksOf(slot), 0);
}

export function levelOf(slot: u32): u32 {
  return load<u8>(linksOf(slot), 1);
}

/** A node's list: its length in the first byte, how many are settled in the third, then the links. */
export function listOf(slot: u32, level: u32): usize {
  if (level === 0) return linksOf(slot);
  let at = <usize>load<u32>(upperPointer(slot));
  for (; level !== 1; level--) at = <usize>load<u32>(at);
  return at + 4;
}

export function lengthOf(links: usize): u32 {
  return load<u8>(links);
}

/** How many of its first links are in order and no two of them in each other's way: see `insert.ts`. */
export function settledOf(links: usize): u32 {
  return load<u8>(links, 2);
}

export function linkAt(links: usize, index: u32): u32 {
  return load<u32>(links + 3 * index, 4) & 0x00ff_ffff;
}

export function setLink(links: usize, index: u32, slot: u32): void {
  const at = links + 3 * index;
  store<u16>(at, <u16>slot, 4);
  store<u8>(at, <u8>(slot >> 16), 6);
}

export function setLength(links: usize, length: u32, settled: u32): void {
  store<u8>(links, <u8>length);
  store<u8>(links, <u8>settled, 2);
}

export function maxLinksAt(level: u32): u32 {
  return level === 0 ? maxLinks0 : maxLinks;
}

function releaseUpper(at: usize): void {
  store<u32>(at, <u32>freeUppers);
  freeUppers = at;
}

/**
 * The graph as bytes: for each node its row's ordinal and fingerprint, its level, and for each level the
 * length of its list, how many are settled, and the links as 24-bit places in this very list of nodes. A
 * snapshot may be older than the rows: a node whose row is gone or another is left out with all links to it.
 */

import { allocate, release } from './arena';
import { countLinked } from './insert';
import { highPlane, lowPlane, planeBytes, residualBytes, residualPlane, segmentCount } from './layout';
import {
  createLists,
  lengthOf,
  levelOf,
  linkAt,
  listOf,
  maxLinksAt,
  poolSegments,
  setLength,
  setLink,
  settledOf,
} from './links';
import { hasBit, highWater, linked, NONE, ordinalOf, setBit, slotOf } from './slots';
import { entryPoint, setEntry, topLevel } from './walk';

/** Ordinal, fingerprint, level. */
const NODE_BYTES: u32 = 9;
/** Length and settled. */
const LIST_BYTES: u32 = 2;
/** One node in so many may be missing: with more, building anew gives a better graph. */
const MISSING_SHARE: u32 = 8;

/** Bytes that the graph takes; it has no dead nodes. */
export function graphBytes(): u32 {
  let bytes: u32 = 0;
  for (let slot: u32 = 0; slot < highWater; slot++) {
    if (!hasBit(linked, slot)) continue;
    bytes += NODE_BYTES;
    for (let level: u32 = 0; level <= levelOf(slot); level++)
      bytes += LIST_BYTES + 3 * lengthOf(listOf(slot, level));
  }
  return bytes;
}

/** Writes the graph; answers how many nodes, or NONE where there is no memory for the places. */
export function writeGraph(out: usize): u32 {
  const places = allocate(highWater << 2);
  if (places === 0) return NONE;
  let nodes: u32 = 0;
  for (let slot: u32 = 0; slot < highWater; slot++)
    if (hasBit(linked, slot)) store<u32>(places + (slot << 2), nodes++);
  for (let slot: u32 = 0; slot < highWater; slot++) {
    if (!hasBit(linked, slot)) continue;
    store<u32>(out, ordinalOf(slot));
    store<u32>(out, fingerprintOf(slot), 4);
    store<u8>(out, <u8>levelOf(slot), 8);
    out += NODE_BYTES;
    for (let level: u32 = 0; level <= levelOf(slot); level++) {
      const links = listOf(slot, level);
      const length = lengthOf(links);
      store<u8>(out, <u8>length);
      store<u8>(out, <u8>settledOf(links), 1);
      out += LIST_BYTES;
      for (let i: u32 = 0; i < length; i++, out += 3) {
        const place = load<u32>(places + (linkAt(links, i) << 2));
        store<u16>(out, <u16>place);
        store<u8>(out, <u8>(place >> 16), 2);
      }
    }
  }
  release(places, highWater << 2);
  return nodes;
}

/**
 * Takes over a graph of so many nodes, where there is none yet; answers how many of them were taken: 0 where
 * too many rows have changed, NONE where the bytes are no such graph, and then there is no graph as before.
 */
export function readGraph(bytes: usize, size: u32, nodes: u32): u32 {
  if (!isWellFormed(bytes, size, nodes)) return NONE;
  const places = allocate((nodes << 2) + 4);
  if (places === 0) return 0;
  const found = findNodes(bytes, nodes, places);
  if ((nodes - found) * MISSING_SHARE <= nodes) linkNodes(bytes, nodes, places);
  release(places, (nodes << 2) + 4);
  return (nodes - found) * MISSING_SHARE <= nodes ? found : 0;
}

/** A hash of the row's bits (FNV-1a over words), by which a changed row is known. */
function fingerprintOf(slot: u32): u32 {
  let hash: u32 = 0x811c_9dc5;
  hash = hashWords(hash, highPlane(slot), planeBytes + 4);
  hash = hashWords(hash, lowPlane(slot), planeBytes);
  return hashWords(hash, residualPlane(slot), residualBytes);
}

function hashWords(hash: u32, at: usize, bytes: u32): u32 {
  for (const end = at + bytes; at !== end; at += 4) hash = (hash ^ load<u32>(at)) * 0x0100_0193;
  return hash;
}

/** Whether every node and list lies within the bytes, and every link names a node. */
function isWellFormed(at: usize, size: u32, nodes: u32): bool {
  const end = at + size;
  for (let node: u32 = 0; node < nodes; node++) {
    if (at + NODE_BYTES > end) return false;
    const top = <u32>load<u8>(at, 8);
    at += NODE_BYTES;
    for (let level: u32 = 0; level <= top; level++) {
      if (at + LIST_BYTES > end) return false;
      const length = <u32>load<u8>(at);
      if (length > maxLinksAt(level) || at + LIST_BYTES + 3 * length > end) return false;
      at += LIST_BYTES;
      for (let i: u32 = 0; i < length; i++, at += 3) if (placeAt(at) >= nodes) return false;
    }
  }
  return at === end;
}

/** Writes the slot of each node, or NONE; answers how many have one. */
function findNodes(at: usize, nodes: u32, places: usize): u32 {
  let found: u32 = 0;
  for (let node: u32 = 0; node < nodes; node++) {
    const slot = slotOf(load<u32>(at));
    const isSame = slot !== NONE && !hasBit(linked, slot) && fingerprintOf(slot) === load<u32>(at, 4);
    store<u32>(places + (node << 2), isSame ? slot : NONE);
    found += u32(isSame);
    at = nextNode(at);
  }
  return found;
}

function linkNodes(bytes: usize, nodes: u32, places: usize): void {
  poolSegments(segmentCount());
  let at = bytes;
  // All lists are there before any is filled, so that none leads to a node that does not reach its level.
  for (let node: u32 = 0; node < nodes; node++, at = nextNode(at)) {
    const slot = load<u32>(places + (node << 2));
    if (slot === NONE) continue;
    if (hasBit(linked, slot)) store<u32>(places + (node << 2), NONE);
    else addNode(slot, load<u8>(at, 8));
  }
  at = bytes;
  for (let node: u32 = 0; node < nodes; node++, at = nextNode(at)) {
    const slot = load<u32>(places + (node << 2));
    if (slot !== NONE) readLists(at, slot, places);
  }
}

function addNode(slot: u32, wanted: u32): void {
  const top = createLists(slot, wanted);
  setBit(linked, slot);
  countLinked(1);
  if (entryPoint === NONE || top > topLevel) setEntry(slot, top);
}

function readLists(at: usize, slot: u32, places: usize): void {
  const written = <u32>load<u8>(at, 8);
  const top = levelOf(slot);
  at += NODE_BYTES;
  for (let level: u32 = 0; level <= written; level++) {
    const length = <u32>load<u8>(at);
    const settled = <u32>load<u8>(at, 1);
    at += LIST_BYTES;
    if (level <= top) readList(at, length, settled, slot, level, places);
    at += 3 * length;
  }
}

function readList(at: usize, length: u32, settled: u32, slot: u32, level: u32, places: usize): void {
  const links = listOf(slot, level);
  let kept: u32 = 0;
  let stillSettled: u32 = 0;
  for (let i: u32 = 0; i < length; i++, at += 3) {
    const to = load<u32>(places + (placeAt(at) << 2));
    if (to === NONE || to === slot || levelOf(to) < level) continue;
    setLink(links, kept++, to);
    if (i < settled) stillSettled++;
  }
  setLength(links, kept, stillSettled);
}

function nextNode(at: usize): usize {
  const top = <u32>load<u8>(at, 8);
  at += NODE_BYTES;
  for (let level: u32 = 0; level <= top; level++) at += LIST_BYTES + 3 * <u32>load<u8>(at);
  return at;
}

function placeAt(at: usize): u32 {
  return <u32>load<u16>(at) | ((<u32>load<u8>(at, 2)) << 16);
}

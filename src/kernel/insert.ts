/** Inserting a row into the graph. */

import { addCandidate, count, judgeBytes, list, slotAt, sortCandidates } from './candidates';
import { maxLinks } from './layout';
import { createLists, lengthOf, linkAt, listOf } from './links';
import { connect } from './neighbours';
import { prepareRow } from './query';
import { alive, clearBit, hasBit, linked, members, NONE, ordinalOf, setBit } from './slots';
import {
  descend,
  entryPoint,
  Nibbles,
  Signs,
  setEntry,
  topLevel,
  useRowCode,
  walk,
  walkScratch,
} from './walk';

/** No node is higher, however many there are. */
const MAX_LEVEL: u32 = 12;
/** Nearest rows whose neighbours are judged too, where rows were searched by codes. */
const LOOKED_AROUND: u32 = 20;

export let efConstruction: u32 = 200;
/** Rows in the graph. */
export let linkedCount: u32 = 0;
let seed: u32 = 0;
/** Whether there are dead nodes in the graph, which nothing may be linked to. */
export let hasDead: bool = false;

export function setInsertion(ef: u32, seedOfLevels: u32): void {
  efConstruction = ef;
  seed = seedOfLevels;
}

export function resetInsertion(): void {
  linkedCount = 0;
}

export function countLinked(change: i32): void {
  linkedCount += change;
}

/** The level that a row begins at: its ordinal decides, so that equal input gives an equal graph. */
function drawLevel(slot: u32): u32 {
  let bits = ordinalOf(slot) ^ seed;
  // The finaliser of MurmurHash3.
  bits = (bits ^ (bits >> 16)) * 0x85eb_ca6b;
  bits = (bits ^ (bits >> 13)) * 0xc2b2_ae35;
  bits ^= bits >> 16;
  let level: u32 = 0;
  let bound: f64 = 4_294_967_296 / <f64>maxLinks;
  while (level < MAX_LEVEL && <f64>bits < bound) {
    level++;
    bound /= <f64>maxLinks;
  }
  return level;
}

/** Inserts a row, searching by its high nibbles. */
export function insert(slot: u32): void {
  prepareRow(slot);
  insertBy<Nibbles>(slot);
}

/** Inserts a row, searching by 1-bit codes, which must be there. */
export function insertBySigns(slot: u32): void {
  prepareRow(slot);
  useRowCode(slot);
  insertBy<Signs>(slot);
}

function insertBy<Code>(slot: u32): void {
  const level = createLists(slot, drawLevel(slot));
  setBit(linked, slot);
  linkedCount++;
  if (entryPoint === NONE) {
    setEntry(slot, level);
    return;
  }
  let nearest = descend<Code>(level);
  for (let at = <i32>min<u32>(level, topLevel); at >= 0; at--) {
    nearest = linkAtLevel<Code>(slot, nearest, at);
  }
  if (level > topLevel) setEntry(slot, level);
}

/** Finds a row its neighbours at a level, beginning at `start`; answers the nearest. */
export function linkAtLevel<Code>(slot: u32, start: u32, level: u32): u32 {
  walk<Code>(start, efConstruction, level, hasDead ? alive : 0);
  judgeBytes(0);
  sortCandidates(efConstruction, walkScratch());
  if (sizeof<Code>() === 2) lookAround(level);
  connect(slot, level, list, count, maxLinks);
  return count === 0 ? start : slotAt(list, 0);
}

/**
 * Codes of one bit pass over near rows: the neighbours of the nearest found are judged too, whatever their
 * codes say.
 */
function lookAround(level: u32): void {
  const before = count;
  const near = min<u32>(before, LOOKED_AROUND);
  for (let i: u32 = 0; i < before; i++) setBit(members, slotAt(list, i));
  for (let i: u32 = 0; i < near; i++) {
    const links = listOf(slotAt(list, i), level);
    const length = lengthOf(links);
    for (let j: u32 = 0; j < length; j++) {
      const slot = linkAt(links, j);
      if (hasBit(members, slot) || (hasDead && !hasBit(alive, slot))) continue;
      setBit(members, slot);
      addCandidate(0, slot);
    }
  }
  for (let i: u32 = 0; i < count; i++) clearBit(members, slotAt(list, i));
  judgeBytes(before);
  sortCandidates(efConstruction, walkScratch());
}

export function setHasDead(value: bool): void {
  hasDead = value;
}

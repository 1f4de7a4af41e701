/** Adding and removing rows: slots, bits, codes and graph together. */

import { endBuild, noteRow } from './bulk';
import { resetInsertion } from './insert';
import { highPlane, lowPlane, planeBytes, residualBytes, residualPlane, segmentCount } from './layout';
import { resetLinks } from './links';
import { isUsable, noteLength, resetScales, setScale, squaredLength, storeVector } from './quantize';
import { dead, noteDead, resetRepair, sweepAll } from './repair';
import { encodeSigns, renewMean, resetSigns } from './signs';
import {
  aliveCount,
  forgetOrdinal,
  freeSlot,
  hasBit,
  kill,
  linked,
  maxOrdinals,
  NONE,
  ordinalOf,
  resetSlots,
  slotOf,
  takeSlot,
} from './slots';
import { setEntry } from './walk';

/** What a call of the host came to. */
export const DONE: i32 = 0;
export const INVALID: i32 = 1;
const FULL: i32 = 2;

/** Stores a vector of f32 under an ordinal, in place of what was there. */
export function addRow(ordinal: u32, vector: usize): i32 {
  const squared = squaredLength(vector);
  if (!isUsable(squared)) return INVALID;
  const before = slotOf(ordinal);
  const isLinked = before !== NONE && hasBit(linked, before) !== 0;
  // A row that nothing leads to is written over; any other keeps its slot until the graph has let go of it.
  const slot = before !== NONE && !isLinked ? before : takeOrSweep(ordinal);
  if (slot === NONE) return FULL;
  if (isLinked) {
    kill(before);
    bury(before);
  }
  storeVector(slot, vector, squared);
  finishRow(slot);
  return DONE;
}

/** A slot for an ordinal; where there is none, the dead are taken out of the graph for theirs. */
function takeOrSweep(ordinal: u32): u32 {
  const slot = takeSlot(ordinal);
  if (slot !== NONE || dead === 0) return slot;
  sweepAll();
  return takeSlot(ordinal);
}

/** Takes a row away; false where there is none. */
export function removeRow(ordinal: u32): bool {
  const slot = slotOf(ordinal);
  if (slot === NONE) return false;
  forgetOrdinal(ordinal);
  kill(slot);
  bury(slot);
  return true;
}

/** Takes over a row as `exportRow` wrote it: the ordinal, the planes and the scale. */
export function importRow(record: usize): i32 {
  const ordinal = load<u32>(record);
  const scale = load<f32>(record + 4 + planeBytes);
  if (ordinal >= maxOrdinals() || slotOf(ordinal) !== NONE || !isFinite(scale) || scale <= 0) return INVALID;
  const slot = takeSlot(ordinal);
  if (slot === NONE) return FULL;
  let at = record + 4;
  memory.copy(highPlane(slot), at, planeBytes);
  at += planeBytes + 4;
  memory.copy(lowPlane(slot), at, planeBytes);
  at += planeBytes;
  memory.copy(residualPlane(slot), at, residualBytes);
  setScale(slot, scale);
  noteLength(slot);
  finishRow(slot);
  return DONE;
}

/** Writes a row: ordinal, high nibbles, scale, low nibbles, residual bits. */
export function exportRow(slot: u32, record: usize): void {
  store<u32>(record, ordinalOf(slot));
  let at = record + 4;
  memory.copy(at, highPlane(slot), planeBytes + 4);
  at += planeBytes + 4;
  memory.copy(at, lowPlane(slot), planeBytes);
  at += planeBytes;
  memory.copy(at, residualPlane(slot), residualBytes);
}

/** Bytes of a row as `exportRow` writes it. */
export function recordBytes(): u32 {
  return 8 + 2 * planeBytes + residualBytes;
}

/** Forgets every row; the memory stays. */
export function removeAll(): void {
  endBuild();
  resetRepair();
  resetSlots();
  resetScales();
  resetSigns();
  resetLinks(segmentCount());
  resetInsertion();
  setEntry(NONE, 0);
}

function finishRow(slot: u32): void {
  encodeSigns(slot);
  renewMean();
  noteRow(slot);
}

/** Frees the slot of a row that died, at once or when the graph has let go of it. */
function bury(slot: u32): void {
  if (hasBit(linked, slot)) {
    noteDead();
  } else {
    freeSlot(slot);
  }
  if (aliveCount === 0) removeAll();
}

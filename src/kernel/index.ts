/**
 * What the host can call. Numbers go by value; vectors, sets and bytes through places in the memory, which
 * the host asks for each time, since the memory may have grown.
 */

import { allocate, release, usedBytes } from './arena';
import { beginBuild, build, endBuild, isBuilding, nextPending } from './bulk';
import { byteJudged, fullJudged, reserveCandidates } from './candidates';
import { hasDead, insert, linkedCount, setInsertion } from './insert';
import { padded, segmentCount, setLayout } from './layout';
import { poolSegments } from './links';
import { allocateNeighbours } from './neighbours';
import { readVector, resetScales, setQuantizeScratch } from './quantize';
import { allocateQuery, prepareQuery, queryVector } from './query';
import { dead, isRepairing, sweep } from './repair';
import { addRow, exportRow, recordBytes } from './rows';
import { allocateScan, scanned } from './scan';
import { searchCodes, searchExact, searchGraph } from './search';
import { allocateSigns, mean } from './signs';
import { alive, aliveCount, hasBit, highWater, maxOrdinals, members, NONE, ordinalOf, slotOf } from './slots';
import { allocateWalk, MAX_ENTRIES, walked } from './walk';

export { applyFilter, combineFilters, filterAt, filterWords, invertFilter, reserveFilters } from './filter';
export { graphBytes, readGraph, writeGraph } from './graph-snapshot';
export { sweepAll } from './repair';
export { importRow, recordBytes, removeAll, removeRow } from './rows';
export { meanRenewals, setRenewals } from './signs';

/** A row as f32, on its way in or out. */
let vector: usize = 0;
let results: usize = 0;
let resultCapacity: u32 = 0;
/** Slots before this one are in the graph. */
let cursor: u32 = 0;

/**
 * Makes the index, once. False where the memory cannot hold even an empty one.
 *
 * @param residual bits a number beyond 8: 0, 2 or 4.
 */
export function init(
  dimensions: u32,
  residual: u32,
  isCosine: bool,
  m: u32,
  efConstruction: u32,
  seed: u32,
): bool {
  setLayout(dimensions, residual, isCosine, m);
  resetScales();
  setInsertion(efConstruction, seed);
  setQuantizeScratch(allocate(padded * 2));
  vector = allocate(padded * 4);
  return (
    reserveCandidates(MAX_ENTRIES + 2_048) &&
    allocateQuery() &&
    allocateSigns() &&
    allocateScan() &&
    allocateWalk() &&
    allocateNeighbours()
  );
}

export function vectorAddress(): usize {
  return vector;
}

export function queryAddress(): usize {
  return queryVector;
}

export function meanAddress(): usize {
  return mean;
}

/** The results of a search: score as f32, ordinal as u32, best first. */
export function resultsAddress(): usize {
  return results;
}

export function size(): u32 {
  return aliveCount;
}

/** Rows that are not in the graph. */
export function pending(): u32 {
  return aliveCount - (linkedCount - dead);
}

export function memoryBytes(): usize {
  return usedBytes();
}

export function ordinalLimit(): u32 {
  return maxOrdinals();
}

/** Stores the vector at `vectorAddress`: 0 done, 1 no vector that can be stored, 2 no memory. */
export function add(ordinal: u32): i32 {
  return addRow(ordinal, vector);
}

/** Brings a row to `vectorAddress`; false where there is none. */
export function read(ordinal: u32): bool {
  const slot = slotOf(ordinal);
  if (slot === NONE) return false;
  readVector(slot, vector);
  return true;
}

/** Takes over the query at `queryAddress`; false for one with NaN, infinity or of length zero. */
export function setQuery(): bool {
  return prepareQuery();
}

/** Compares all members; answers how many results there are, or NONE where there is no memory. */
export function exact(k: u32, isFiltered: bool): u32 {
  if (!reserveOutput(k)) return NONE;
  return searchExact(isFiltered ? members : alive, k, results);
}

/** Scans the codes of all members and judges the best `judged`. */
export function scan(k: u32, isFiltered: bool, judged: u32): u32 {
  if (!reserveOutput(k)) return NONE;
  return searchCodes(isFiltered ? members : alive, judged, k, results);
}

/** Walks the graph; of rows not in it the best `pendingJudged` are judged too. */
export function walkGraph(k: u32, isFiltered: bool, ef: u32, judged: u32, pendingJudged: u32): u32 {
  if (!reserveOutput(k)) return NONE;
  const accepted = isFiltered ? members : hasDead ? alive : 0;
  return searchGraph(isFiltered ? members : alive, accepted, ef, judged, pendingJudged, k, results);
}

/** Nodes whose high nibbles the last search compared, */
export function lastWalked(): u32 {
  return walked;
}

/** rows whose codes it scanned, */
export function lastScanned(): u32 {
  return scanned;
}

/** rows it judged with 8 bits, */
export function lastJudged(): u32 {
  return byteJudged;
}

/** and with all bits. */
export function lastRefined(): u32 {
  return fullJudged;
}

/** Begins to insert all pending rows in bulk; false where there is no memory for it. */
export function beginBulk(): bool {
  return beginBuild();
}

/** Does about as much of it as inserting `units` rows takes. */
export function continueBulk(units: u32): void {
  build(units);
}

export function cancelBulk(): void {
  endBuild();
}

export function isBulkBuilding(): bool {
  return isBuilding();
}

/** Inserts up to `units` pending rows one by one; answers how many are left. */
export function insertPending(units: u32): u32 {
  poolSegments(segmentCount());
  for (; units !== 0 && pending() !== 0; units--) {
    cursor = nextPending(cursor);
    // Freed slots before the cursor may have been taken again.
    if (cursor === NONE) cursor = nextPending(0);
    insert(cursor);
  }
  return pending();
}

/** The ordinals of up to `count` pending rows, as u32 at `out`; answers how many. */
export function pendingOrdinals(count: u32, out: usize): u32 {
  let found: u32 = 0;
  for (let slot = nextPending(0); slot !== NONE && found < count; slot = nextPending(slot + 1))
    store<u32>(out + (found++ << 2), ordinalOf(slot));
  return found;
}

/** The ordinals of about `count` rows from all over, as u32 at `out`; answers how many. */
export function sampleOrdinals(count: u32, out: usize): u32 {
  let found: u32 = 0;
  const step = max<u32>(highWater / count, 1);
  for (let slot: u32 = 0; slot < highWater && found < count; slot += step)
    if (hasBit(alive, slot)) store<u32>(out + (found++ << 2), ordinalOf(slot));
  return found;
}

/** Looks at the lists of so many slots for links to dead nodes; true while a sweep goes on. */
export function repairSome(slots: u32): bool {
  sweep(slots);
  return isRepairing();
}

/** Slots that were ever in use. */
export function slotEnd(): u32 {
  return highWater;
}

/** Writes the rows of `slots` slots from `first` on; answers how many they were. */
export function exportRows(first: u32, slots: u32, out: usize): u32 {
  const bytes = recordBytes();
  const end = min<u32>(first + slots, highWater);
  let rows: u32 = 0;
  for (let slot = first; slot < end; slot++) if (hasBit(alive, slot)) exportRow(slot, out + rows++ * bytes);
  return rows;
}

/** A place for so many bytes; 0 where there is none. */
export function reserve(bytes: usize): usize {
  return allocate(bytes);
}

export function giveBack(at: usize, bytes: usize): void {
  release(at, bytes);
}

function reserveOutput(k: u32): bool {
  if (k <= resultCapacity) return true;
  const room = max<u32>(k, 2 * resultCapacity);
  const at = allocate(room << 3);
  if (at === 0) return false;
  if (resultCapacity !== 0) release(results, resultCapacity << 3);
  results = at;
  resultCapacity = room;
  return true;
}

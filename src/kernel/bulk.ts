/**
 * Building the graph of many rows at once: searched by 1-bit codes, and in the order of clusters, so that
 * what one insertion has read the next one finds in the cache. It goes on in steps.
 */

import { allocate, release } from './arena';
import { hamming } from './distance';
import { insertBySigns } from './insert';
import { rowCodeBytes, SEGMENT_SLOTS, segmentCount } from './layout';
import { poolSegments } from './links';
import { gatherSigns } from './signs';
import { alive, hasBit, highWater, linked, NONE } from './slots';
import { setRowCodes } from './walk';

/** Rows a cluster, about. */
const CLUSTER_ROWS: u32 = 256;
const MAX_CLUSTERS: u32 = 1_024;
/** A counter for each cluster, and one for the rows held back. */
const STARTS_BYTES: usize = MAX_CLUSTERS * 4 + 4;
/** Rows held back to the end. */
const HELD_BACK: u32 = 64;
/** Rows that are assigned to clusters in the time that one is inserted, about. */
const ROWS_PER_UNIT: u32 = 32;

/** Codes by slot; while they are there a build is going on. */
let codes: usize = 0;
/** Slots that the build is of. */
let slots: u32 = 0;
/** Their order, then the cluster of each slot as u16. */
let order: usize = 0;
let clusterOf: usize = 0;
let ordered: u32 = 0;
let clusters: u32 = 0;
let clusterStep: u32 = 0;
/** How far it has come: codes gathered and clusters assigned, then rows inserted. */
let prepared: u32 = 0;
let inserted: u32 = 0;

export function isBuilding(): bool {
  return codes !== 0;
}

/** Rows that the build has not inserted yet. */
export function buildLeft(): u32 {
  return codes === 0 ? 0 : max<u32>(ordered - inserted, 1);
}

/** Begins to build; false where there is no memory for it, and nothing has begun. */
export function beginBuild(): bool {
  if (codes !== 0) return true;
  slots = segmentCount() * SEGMENT_SLOTS;
  order = allocate(slots * 6);
  if (order === 0) return false;
  codes = allocate(slots * rowCodeBytes);
  if (codes === 0) {
    release(order, slots * 6);
    return false;
  }
  clusterOf = order + slots * 4;
  setRowCodes(codes);
  const pending = countPending();
  clusters = min<u32>(max<u32>(pending / CLUSTER_ROWS, 1), MAX_CLUSTERS);
  clusterStep = max<u32>(highWater / clusters, 1);
  prepared = 0;
  inserted = 0;
  ordered = pending;
  for (let cluster: u32 = 0; cluster < clusters; cluster++)
    gatherSigns(cluster * clusterStep, middleOf(cluster));
  return true;
}

/** Does so much of the work as inserting `units` rows takes, about. */
export function build(units: u32): void {
  for (; units !== 0 && prepared < highWater && prepared < slots; units--) assign(ROWS_PER_UNIT);
  if (units === 0) return;
  if (inserted === 0) sortByCluster();
  poolSegments(segmentCount());
  for (; units !== 0 && inserted < ordered; units--) {
    const slot = load<u32>(order + (inserted++ << 2));
    if (isPending(slot)) insertBySigns(slot);
  }
  if (inserted >= ordered) endBuild();
}

/** A row was stored in a slot while the graph is being built. */
export function noteRow(slot: u32): void {
  if (codes !== 0 && slot < slots) gatherSigns(slot, codes + slot * rowCodeBytes);
}

/** Ends a build, finished or not: the rows left are inserted one by one, or by the next. */
export function endBuild(): void {
  if (codes === 0) return;
  release(codes, slots * rowCodeBytes);
  release(order, slots * 6);
  codes = 0;
  setRowCodes(0);
}

/** Whether a row is there and not in the graph. */
export function isPending(slot: u32): bool {
  return (hasBit(alive, slot) & (hasBit(linked, slot) ^ 1)) !== 0;
}

/** The first slot from `from` on whose row is not in the graph, or NONE. */
export function nextPending(from: u32): u32 {
  for (let slot = from; slot < highWater; slot++) if (isPending(slot)) return slot;
  return NONE;
}

function countPending(): u32 {
  let pending: u32 = 0;
  for (let slot: u32 = 0; slot < highWater; slot++) pending += u32(isPending(slot));
  return pending;
}

/** Assigns the next rows to the cluster whose middle, a row itself, is nearest. */
function assign(rows: u32): void {
  const end = min<u32>(prepared + rows, min<u32>(highWater, slots));
  for (; prepared < end; prepared++) {
    const code = codes + prepared * rowCodeBytes;
    gatherSigns(prepared, code);
    let nearest = i32.MAX_VALUE;
    let best: u32 = 0;
    for (let cluster: u32 = 0; cluster < clusters; cluster++) {
      const distance = hamming(code, middleOf(cluster));
      if (distance >= nearest) continue;
      nearest = distance;
      best = cluster;
    }
    store<u16>(clusterOf + (prepared << 1), <u16>best);
  }
}

function middleOf(cluster: u32): usize {
  return codes + cluster * clusterStep * rowCodeBytes;
}

/**
 * Puts pending rows in order: by cluster, and each cluster after the nearest one before it; last a few of all
 * clusters, which the host can search for before they are inserted, to see what is found of rows never seen.
 */
function sortByCluster(): void {
  const chain = allocate(MAX_CLUSTERS * 4);
  const starts = allocate(STARTS_BYTES);
  if (starts !== 0) chainClusters(chain);
  const total = countPending();
  ordered = 0;
  if (starts === 0) {
    for (let slot: u32 = 0; slot < prepared; slot++)
      if (isPending(slot)) store<u32>(order + (ordered++ << 2), slot);
    return;
  }
  memory.fill(starts, 0, STARTS_BYTES);
  for (let slot: u32 = 0; slot < prepared; slot++) {
    if (!isPending(slot)) continue;
    const at = starts + (groupOf(slot) << 2);
    store<u32>(at, load<u32>(at) + 1);
  }
  for (let i: u32 = 0; i < clusters; i++) {
    const at = starts + (load<u32>(chain + (i << 2)) << 2);
    const size = load<u32>(at);
    store<u32>(at, ordered);
    ordered += size;
  }
  store<u32>(starts + (MAX_CLUSTERS << 2), ordered);
  ordered = total;
  for (let slot: u32 = 0; slot < prepared; slot++) {
    if (!isPending(slot)) continue;
    const at = starts + (groupOf(slot) << 2);
    const place = load<u32>(at);
    store<u32>(at, place + 1);
    store<u32>(order + (place << 2), slot);
  }
  release(starts, STARTS_BYTES);
  release(chain, MAX_CLUSTERS * 4);
}

/** The cluster of a row, or one beyond all where it is held back. */
function groupOf(slot: u32): u32 {
  const isHeldBack = slot % max<u32>(slots / HELD_BACK, 1) === 0;
  return isHeldBack ? MAX_CLUSTERS : <u32>load<u16>(clusterOf + (slot << 1));
}

/** Writes the clusters, each followed by the nearest of those left. */
function chainClusters(chain: usize): void {
  for (let i: u32 = 0; i < clusters; i++) store<u32>(chain + (i << 2), i);
  for (let i: u32 = 1; i < clusters; i++) {
    const from = middleOf(load<u32>(chain + ((i - 1) << 2)));
    let nearest = i32.MAX_VALUE;
    let best = i;
    for (let j = i; j < clusters; j++) {
      const distance = hamming(from, middleOf(load<u32>(chain + (j << 2))));
      if (distance >= nearest) continue;
      nearest = distance;
      best = j;
    }
    const next = load<u32>(chain + (best << 2));
    store<u32>(chain + (best << 2), load<u32>(chain + (i << 2)));
    store<u32>(chain + (i << 2), next);
  }
}

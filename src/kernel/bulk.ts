/**
 * Building the graph of many rows at once: searched by 1-bit codes, and in the order of clusters, so that
 * what one insertion has read the next one finds in the cache. It goes on in steps.
 */

import { allocate, release } from './arena';
import { hamming } from './distance';
import { insertBySigns } from './insert';
import { linksOf, rowCodeBytes, SEGMENT_SLOTS, segmentCount } from './layout';
import { poolSegments } from './links';
import { gatherSigns } from './signs';
import { alive, hasBit, highWater, linked, NONE } from './slots';
import { setRowCodes } from './walk';

/** Rows a cluster, about. */
const CLUSTER_ROWS: u32 = 256;
const MAX_CLUSTERS: u32 = 1_024;
/** A head for each cluster, one for the rows held back, and the chain. */
const TABLE_BYTES: usize = MAX_CLUSTERS * 8 + 4;
/** Rows held back to the end. */
const HELD_BACK: u32 = 128;
/** Rows that are assigned to clusters in the time that one is inserted, about. */
const ROWS_PER_UNIT: u32 = 32;

/** Codes by slot; while they are there a build is going on. */
let codes: usize = 0;
/** Slots that the build is of. */
let slots: u32 = 0;
/** For each cluster its first row plus one, the group held back behind them; then the clusters in their order. */
let heads: usize = 0;
let chain: usize = 0;
let clusters: u32 = 0;
let clusterStep: u32 = 0;
/** Slots whose codes are gathered and clusters found. */
let prepared: u32 = 0;
/** The place in the chain, and the next row of its cluster plus one. */
let place: u32 = 0;
let next: u32 = 0;

export function isBuilding(): bool {
  return codes !== 0;
}

/** Begins to build; false where there is no memory for it, and nothing has begun. */
export function beginBuild(): bool {
  if (codes !== 0) return true;
  slots = segmentCount() * SEGMENT_SLOTS;
  heads = allocate(TABLE_BYTES);
  if (heads === 0) return false;
  codes = allocate(slots * rowCodeBytes);
  if (codes === 0) {
    release(heads, TABLE_BYTES);
    return false;
  }
  chain = heads + MAX_CLUSTERS * 4 + 4;
  setRowCodes(codes);
  clusters = min<u32>(max<u32>(countPending() / CLUSTER_ROWS, 1), MAX_CLUSTERS);
  clusterStep = max<u32>(highWater / clusters, 1);
  prepared = 0;
  place = 0;
  next = 0;
  for (let cluster: u32 = 0; cluster < clusters; cluster++)
    gatherSigns(cluster * clusterStep, middleOf(cluster));
  return true;
}

/** Does so much of the work as inserting `units` rows takes, about. */
export function build(units: u32): void {
  const end = min<u32>(highWater, slots);
  for (; units !== 0 && prepared < end; units--) prepare(min<u32>(prepared + ROWS_PER_UNIT, end));
  if (units === 0 || codes === 0) return;
  if (place === 0) {
    chainClusters();
    next = load<u32>(heads + (load<u32>(chain) << 2));
    place = 1;
  }
  poolSegments(segmentCount());
  while (units !== 0) {
    if (next !== 0) {
      const slot = next - 1;
      next = load<u32>(followerOf(slot));
      units--;
      if (isPending(slot)) insertBySigns(slot);
    } else if (place < clusters) {
      next = load<u32>(heads + (load<u32>(chain + (place++ << 2)) << 2));
    } else if (place++ === clusters) {
      next = load<u32>(heads + (MAX_CLUSTERS << 2));
    } else {
      endBuild();
      return;
    }
  }
}

/** A row was stored in a slot while the graph is being built. */
export function noteRow(slot: u32): void {
  if (codes !== 0 && slot < slots) gatherSigns(slot, codes + slot * rowCodeBytes);
}

/** Ends a build, finished or not: the rows left are inserted one by one, or by the next. */
export function endBuild(): void {
  if (codes === 0) return;
  release(codes, slots * rowCodeBytes);
  release(heads, TABLE_BYTES);
  codes = 0;
  setRowCodes(0);
}

/** Whether a row is there and not in the graph. */
function isPending(slot: u32): bool {
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

/** Where the next row of a row's cluster is named, plus one: in its links, which it has none of yet. */
function followerOf(slot: u32): usize {
  return linksOf(slot) + 4;
}

/**
 * Gathers codes, and puts pending rows into the cluster whose middle, a row itself, is nearest. Some of all
 * clusters are held back to the end: the host can search for them before they are inserted, to see what is
 * found of rows never seen.
 */
function prepare(end: u32): void {
  for (; prepared < end; prepared++) {
    const code = codes + prepared * rowCodeBytes;
    gatherSigns(prepared, code);
    if (!isPending(prepared)) continue;
    const isHeldBack = prepared % max<u32>(slots / HELD_BACK, 1) === 0;
    const head = heads + ((isHeldBack ? MAX_CLUSTERS : nearestCluster(code)) << 2);
    store<u32>(followerOf(prepared), load<u32>(head));
    store<u32>(head, prepared + 1);
  }
}

function nearestCluster(code: usize): u32 {
  let nearest = i32.MAX_VALUE;
  let best: u32 = 0;
  for (let cluster: u32 = 0; cluster < clusters; cluster++) {
    const distance = hamming(code, middleOf(cluster));
    if (distance >= nearest) continue;
    nearest = distance;
    best = cluster;
  }
  return best;
}

function middleOf(cluster: u32): usize {
  return codes + cluster * clusterStep * rowCodeBytes;
}

/** Writes the clusters in their order, each followed by the nearest of those left. */
function chainClusters(): void {
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

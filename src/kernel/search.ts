/** Searching: every plan ends with the nearest rows judged by all their bits. */

import {
  count,
  judgeBytes,
  judgeFull,
  keepBest,
  keepNearest,
  reserveCandidates,
  reserveResults,
  resetJudged,
  takeNearest,
} from './candidates';
import { byteError } from './query';
import { collect, reserveScan, resetScanned, scanCodes } from './scan';
import { bitBytes, linked, NONE } from './slots';
import { descend, MAX_ENTRIES, Nibbles, resetWalked, walk } from './walk';

/** Rows that are judged with all bits beyond those asked for: the true nearest stand among so many by 8 bits. */
const FULL_SPARE: u32 = 20;
/** Candidates that a search of all rows holds beyond twice the results. */
const EXACT_ROOM: u32 = 16_384;
/** Bytes of a bitset whose rows are compared before the best are kept: 8,192 rows. */
const EXACT_BYTES: u32 = 1_024;

/** Compares every row of `set` by 8 bits and the best by all: exact, as far as the stored bits go. */
export function searchExact(set: usize, k: u32, out: usize): u32 {
  if (!begin(2 * k + EXACT_ROOM, k)) return NONE;
  const bytes = bitBytes();
  for (let at: u32 = 0; at < bytes; at += EXACT_BYTES) {
    const judged = count;
    collect(set, at, min<u32>(at + EXACT_BYTES, bytes));
    judgeBytes(judged);
    keepBest(k, 2 * byteError);
    // More are all but equal than there is room for: then all bits decide.
    if (count > k + EXACT_ROOM / 2) keepNearest(k, out);
  }
  judgeFull();
  return takeNearest(k, out);
}

/** Scans the codes of `set` and judges the best `judged` of them. */
export function searchCodes(set: usize, judged: u32, k: u32, out: usize): u32 {
  if (!begin(scanRoom(judged), k) || !reserveScan(judged)) return NONE;
  scanCodes(set, 0, judged);
  judgeBytes(0);
  return finish(k, out);
}

/**
 * Walks the graph among `accepted` (0: all that is in it), and scans the codes of those rows of `set` that
 * are not in it yet.
 */
export function searchGraph(
  set: usize,
  accepted: usize,
  ef: u32,
  judged: u32,
  pendingJudged: u32,
  k: u32,
  out: usize,
): u32 {
  if (!begin(MAX_ENTRIES + scanRoom(pendingJudged), k) || !reserveScan(pendingJudged)) return NONE;
  walk<Nibbles>(descend<Nibbles>(0), ef, 0, accepted);
  keepBest(judged, 0);
  if (pendingJudged !== 0) scanCodes(set, linked, pendingJudged);
  judgeBytes(0);
  return finish(k, out);
}

function finish(k: u32, out: usize): u32 {
  keepBest(k + FULL_SPARE, 0);
  judgeFull();
  return takeNearest(k, out);
}

/** A scan can leave more rows than are wanted, those of equal sums. */
function scanRoom(judged: u32): u32 {
  return max<u32>(4 * judged, 1_024) + 64;
}

function begin(candidates: u32, k: u32): bool {
  resetJudged();
  resetScanned();
  resetWalked();
  return reserveCandidates(candidates + 1) && reserveResults(k + 1);
}

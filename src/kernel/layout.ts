/**
 * Where things lie. Rows live in slots, slots in segments of 1,024. A segment holds, one after another:
 * the high nibbles of its vectors, each with its scale, the low nibbles, the residual bits, the ordinals, the
 * 1-bit codes (32 rows interleaved), the links of level 0, and a pool of lists for the levels above.
 */

import { allocateForRows } from './arena';

const SEGMENT_SHIFT: u32 = 10;
export const SEGMENT_SLOTS: u32 = 1_024;
const SEGMENT_MASK: u32 = 1_023;
/** 8.4 million slots: more than 4 GiB hold, and each has a number of 24 bits. */
const MAX_SEGMENTS: u32 = 8_192;
const DIRECTORY: usize = memory.data(32_768, 64);
/** Dimensions are padded with zeros to a multiple of this. */
const PADDING: u32 = 64;

/** Lists for upper levels, in sixteenths of the number expected; where there are none left a node stays lower. */
const UPPER_SIXTEENTHS: u32 = 20;

export let dimensions: u32 = 0;
export let padded: u32 = 0;
/** Bits a number, 8 to 12. */
export let bits: u32 = 0;
/** Whether rows and queries count as of unit length. */
export let isCosine: bool = true;
export let planeBytes: u32 = 0;
export let residualBytes: u32 = 0;
/**
 * Bytes of one row's code where it is stored by itself, a multiple of 16: it has two thirds of the dimensions,
 * which build as good a graph (measured: recall at ef 192 .9956 with 256 of 384 bits, .9948 with all) in 8.2
 * in place of 8.8 seconds.
 */
export let rowCodeBytes: u32 = 0;
/** Bytes of 32 rows' interleaved codes. */
export let codeBlockBytes: u32 = 0;
/** Most links of a node above level 0. */
export let maxLinks: u32 = 0;
/** Most links of a node at level 0. */
export let maxLinks0: u32 = 0;
export let linkBytes: u32 = 0;
let linkBytes0: u32 = 0;
export let uppersPerSegment: u32 = 0;

let lowOffset: usize = 0;
let residualOffset: usize = 0;
let highBytes: u32 = 0;
let ordinalOffset: usize = 0;
let codeOffset: usize = 0;
let linkOffset: usize = 0;
let upperPointerOffset: usize = 0;
let upperOffset: usize = 0;
let segmentBytes: usize = 0;
let segments: u32 = 0;

/** Sets the shape of the index, once, before anything else. */
export function setLayout(dims: u32, residual: u32, cosine: bool, m: u32): void {
  dimensions = dims;
  padded = (dims + PADDING - 1) & ~(PADDING - 1);
  bits = 8 + residual;
  isCosine = cosine;
  planeBytes = padded >> 1;
  residualBytes = (padded * residual) >> 3;
  rowCodeBytes = (padded / 12 + 15) & ~15;
  codeBlockBytes = padded << 2;
  maxLinks = m;
  maxLinks0 = m << 1;
  // A list: its length, the node's level, how many of it are settled, and 24 bits a link.
  linkBytes0 = 4 + 3 * maxLinks0;
  // Above level 0 the list of the next level up comes first.
  linkBytes = (8 + 3 * maxLinks + 3) & ~3;
  uppersPerSegment = ((SEGMENT_SLOTS / (m - 1)) * UPPER_SIXTEENTHS) / 16 + 8;
  highBytes = planeBytes + 4;
  let at: usize = SEGMENT_SLOTS * highBytes;
  lowOffset = at;
  at += SEGMENT_SLOTS * planeBytes;
  residualOffset = at;
  at += SEGMENT_SLOTS * residualBytes;
  ordinalOffset = at;
  at += SEGMENT_SLOTS * 4;
  codeOffset = at;
  at += (SEGMENT_SLOTS / 32) * codeBlockBytes;
  linkOffset = at;
  at += SEGMENT_SLOTS * linkBytes0;
  upperPointerOffset = at;
  at += SEGMENT_SLOTS * 4;
  upperOffset = at;
  at += uppersPerSegment * linkBytes;
  segmentBytes = (at + 63) & ~63;
}

/** Room for 1,024 rows more; false where there is none, or none would be left to search with. */
export function addSegment(): bool {
  if (segments === MAX_SEGMENTS) return false;
  const at = allocateForRows(segmentBytes);
  if (at === 0) return false;
  store<u32>(DIRECTORY + (segments << 2), <u32>at);
  segments++;
  return true;
}

export function segmentCount(): u32 {
  return segments;
}

/** A row's high nibbles, with its scale behind them: all that a walk reads of it. */
export function highPlane(slot: u32): usize {
  return segmentOf(slot) + (slot & SEGMENT_MASK) * highBytes;
}

export function lowPlane(slot: u32): usize {
  return segmentOf(slot) + lowOffset + (slot & SEGMENT_MASK) * planeBytes;
}

export function residualPlane(slot: u32): usize {
  return segmentOf(slot) + residualOffset + (slot & SEGMENT_MASK) * residualBytes;
}

export function scaleAddress(slot: u32): usize {
  return highPlane(slot) + planeBytes;
}

/** What a row's whole numbers are multiplied with. */
export function scaleOf(slot: u32): f32 {
  return load<f32>(scaleAddress(slot));
}

export function ordinalAddress(slot: u32): usize {
  return segmentOf(slot) + ordinalOffset + ((slot & SEGMENT_MASK) << 2);
}

/** The interleaved codes of the 32 slots that this one is among. */
export function codeBlock(slot: u32): usize {
  return segmentOf(slot) + codeOffset + ((slot & SEGMENT_MASK) >> 5) * codeBlockBytes;
}

export function linksOf(slot: u32): usize {
  return segmentOf(slot) + linkOffset + (slot & SEGMENT_MASK) * linkBytes0;
}

export function upperPointer(slot: u32): usize {
  return segmentOf(slot) + upperPointerOffset + ((slot & SEGMENT_MASK) << 2);
}

/** The pool of lists for the levels above 0 of a segment. */
export function upperPool(segment: u32): usize {
  return <usize>load<u32>(DIRECTORY + (segment << 2)) + upperOffset;
}

function segmentOf(slot: u32): usize {
  return <usize>load<u32>(DIRECTORY + ((slot >> SEGMENT_SHIFT) << 2));
}

/** What is searched for, in the forms that the different precisions need. */

import { allocate } from './arena';
import { dotPlane, dotPlanes, dotWide } from './distance';
import { bits, dimensions, highPlane, isCosine, lowPlane, padded, planeBytes, scaleOf } from './layout';
import { isUsable, largestLength, largestOf, largestScale, roundTo, squaredLength, unpack } from './quantize';

/** Steps of a query's largest number in plane form: 17 times as many must fit 16 bits. */
const PLANE_STEPS: f64 = 1_927;
/** Steps for judging with all bits: 64 products with 2,047 must fit 31 bits. */
const WIDE_STEPS: f64 = 8_191;

/** The query as f32, written by the host. */
export let queryVector: usize = 0;
/** The query in whole numbers, in the order of the dimensions. */
export let wideQuery: usize = 0;
let planeQuery: usize = 0;
let row: usize = 0;

let wideScale: f64 = 0;
/** A score of the high nibbles is (product × factor + offset) × the row's scale; likewise one of 8 bits. */
let nibbleFactor: f32 = 0;
let nibbleOffset: f32 = 0;
let byteFactor: f32 = 0;
let byteOffset: f32 = 0;
/** By how much a score of 8 bits can differ from one of all bits. */
export let byteError: f32 = 0;
/** Buckets of distances, over twice the best score that a row can have. */
export const BUCKETS: u32 = 2_048;
/** The best score that a row can have: where the buckets begin. */
export let bestScore: f32 = 1;
/** Buckets for a distance of one. */
export let bucketsPerUnit: f32 = 1;

export function allocateQuery(): bool {
  queryVector = allocate(padded * 4);
  wideQuery = allocate(padded * 2);
  planeQuery = allocate(padded * 2);
  row = allocate(padded * 2);
  return row !== 0;
}

/** Takes over what the host wrote to `queryVector`; false for NaN, infinity or zeros. */
export function prepareQuery(): bool {
  const squared = squaredLength(queryVector);
  if (!isUsable(squared)) return false;
  const largest = <f64>largestOf(queryVector);
  const length: f64 = isCosine ? sqrt<f64>(squared) : 1;
  roundTo(queryVector, WIDE_STEPS / largest, wideQuery);
  wideScale = largest / WIDE_STEPS / length;
  roundTo(queryVector, PLANE_STEPS / largest, row);
  toPlaneForm(largest / PLANE_STEPS / length);
  return true;
}

/** Takes a stored row as the query, for walking and judging with 8 bits. */
export function prepareRow(slot: u32): void {
  unpack(slot, row);
  const shift = bits > 11 ? bits - 11 : 0;
  for (let i: u32 = 0; i < padded; i++) store<i16>(row + (i << 1), load<i16>(row + (i << 1)) >> <i16>shift);
  toPlaneForm(<f64>scaleOf(slot) * <f64>(1 << shift));
}

/** The score of a row by its high nibbles, given where they are. */
export function nibbleScore(plane: usize): f32 {
  return (<f32>dotPlane(planeQuery, plane) * nibbleFactor + nibbleOffset) * load<f32>(plane + planeBytes);
}

/** A row's score by 8 bits a number. */
export function byteScore(slot: u32): f32 {
  const high = highPlane(slot);
  const product = dotPlanes(planeQuery, high, lowPlane(slot));
  return (<f32>product * byteFactor + byteOffset) * load<f32>(high + planeBytes);
}

/** A row's score by all its bits; after `prepareQuery` only. */
export function fullScore(slot: u32): f32 {
  unpack(slot, row);
  const score = <f32>(<f64>dotWide(wideQuery, row) * wideScale * <f64>scaleOf(slot));
  return isCosine ? min<f32>(max<f32>(score, -1), 1) : score;
}

/**
 * Reads a byte of each cache line that a score needs, and nothing of it: WASM has no prefetch, and lines
 * that are asked for together arrive together.
 */
export function touchNibbles(plane: usize): void {
  const end = plane + planeBytes;
  for (; plane < end; plane += 64) load<u8>(plane);
  load<u8>(end, 3);
}

export function touchBytes(slot: u32): void {
  const high = highPlane(slot);
  const low = lowPlane(slot);
  for (let at: usize = 0; at < <usize>planeBytes; at += 64) {
    load<u8>(high + at);
    load<u8>(low + at);
  }
  load<u8>(high + planeBytes);
}

/** Brings `row` into the form of `dotPlane`, and works out what undoes the flipped bits and the missing ones. */
function toPlaneForm(scale: f64): void {
  let flipped: i32 = 0;
  let unflipped: i32 = 0;
  let absolute: i64 = 0;
  let squares: i64 = 0;
  for (let group: usize = 0; group < <usize>(padded << 1); group += 64) {
    for (let lane: usize = 0; lane < 16; lane += 2) {
      const from = row + group + lane;
      const to = planeQuery + group + lane;
      let before: i32 = 0;
      for (let k: usize = 0; k < 64; k += 16) {
        const value = <i32>load<i16>(from + k);
        store<i16>(to + k, <i16>(value - (before << 4)));
        absolute += <i64>abs(value);
        squares += <i64>(value * value);
        before = value;
        if (k === 48) unflipped += value;
        else flipped += value;
      }
    }
  }
  const sum = flipped + unflipped;
  // What lies below the bits that are read is half of its range on average.
  const nibbleUnit = <f64>(1 << (bits - 4));
  const byteUnit = <f64>(1 << (bits - 8));
  nibbleFactor = <f32>(scale * nibbleUnit);
  nibbleOffset = <f32>(scale * (((nibbleUnit - 1) / 2) * <f64>sum - 8 * nibbleUnit * <f64>flipped));
  byteFactor = <f32>(scale * byteUnit);
  byteOffset = <f32>(
    (scale * (((byteUnit - 1) / 2) * <f64>sum + byteUnit * (8 * <f64>unflipped - 128 * <f64>flipped)))
  );
  // The bits left out, each at its worst; and the rounding of the query, by Cauchy and Schwarz.
  const rowError = ((byteUnit - 1) / 2) * scale * <f64>absolute;
  const queryError = ((scale + wideScale) / 2) * sqrt<f64>(<f64>dimensions) * <f64>largestLength;
  byteError = <f32>(rowError * <f64>largestScale + queryError);
  bestScore = isCosine
    ? 1
    : max<f32>(<f32>(scale * sqrt<f64>(<f64>squares)) * largestLength, f32.MIN_NORMAL_VALUE);
  bucketsPerUnit = <f32>(BUCKETS / 2) / bestScore;
}

/**
 * The kernel's rows and graph as bytes. Rows come in immutable blocks, one for each 1,024 slots, so that a
 * change touches one block. A block says what it is, in which version, of what shape, and carries a CRC-32
 * of all that follows it; so does a graph. Little-endian everywhere.
 */

import CRC32 from 'crc-32';
import { LociError } from '../errors.ts';
import type { Kernel } from './kernel.ts';
import type { Curves, RecallCurve } from './planner.ts';

/** What rows must agree in. */
export interface RowShape {
  readonly dimensions: number;
  readonly residualBits: number;
  readonly metric: 'cosine' | 'inner-product';
}

export interface LoadedRows {
  readonly rows: number;
  /** Blocks that were broken or of another shape, and rows that were there twice: none of them was taken. */
  readonly brokenBlocks: number;
  readonly brokenRows: number;
}

/** What became of a graph: taken over, not given, of rows that are no more these, or not whole. */
export type GraphState = 'loaded' | 'missing' | 'stale' | 'broken';

const VERSION = 1;
/** "LVEC", "LGRF" and "LIDX", as the first four bytes. */
const ROWS_MAGIC = 0x4345_564c;
const GRAPH_MAGIC = 0x4652_474c;
const CONTAINER_MAGIC = 0x5844_494c;
/** Magic, CRC, version, dimensions, residual bits and metric, count, renewals of the mean: u32 each but the third. */
const HEADER_BYTES = 24;
/** What the kernel answers where it has no memory for places, or the bytes are no graph. */
const NO_PLACES = 0xffff_ffff;
/** What `importRow` answers where there is no memory. */
const NO_ROOM = 2;
/** What the CRC is of begins behind it. */
const CHECKED_FROM = 8;
const BLOCK_SLOTS = 1_024;
/** Slots written at once: a full index has memory for no more. */
const SLOTS_AT_ONCE = 64;
/** Of a graph: for the graph and the codes each whether the curve was measured, its intercept and its slope, f32. */
const CURVES_BYTES = 24;

export function serializeRows(kernel: Kernel, shape: RowShape): readonly Uint8Array[] {
  const { call } = kernel;
  const blocks: Uint8Array[] = [];
  for (let first = 0; first < call.slotEnd(); first += BLOCK_SLOTS)
    blocks.push(writeBlock(kernel, shape, first));
  return blocks;
}

function writeBlock(kernel: Kernel, shape: RowShape, first: number): Uint8Array {
  const { call } = kernel;
  const size = call.recordBytes();
  const meanBytes = 4 * shape.dimensions;
  const bytes = new Uint8Array(HEADER_BYTES + meanBytes + BLOCK_SLOTS * size);
  bytes.set(kernel.bytes.subarray(call.meanAddress(), call.meanAddress() + meanBytes), HEADER_BYTES);
  const count = kernel.borrow(SLOTS_AT_ONCE * size, (at) => {
    let rows = 0;
    for (let slot = first; slot < first + BLOCK_SLOTS; slot += SLOTS_AT_ONCE) {
      const written = call.exportRows(slot, SLOTS_AT_ONCE, at);
      bytes.set(kernel.bytes.subarray(at, at + written * size), HEADER_BYTES + meanBytes + rows * size);
      rows += written;
    }
    return rows;
  });
  if (count === undefined) throw noRoom();
  const block = bytes.slice(0, HEADER_BYTES + meanBytes + count * size);
  return seal(block, ROWS_MAGIC, shape, count, call.meanRenewals());
}

export function serializeGraph(kernel: Kernel, shape: RowShape, curves: Curves): Uint8Array | undefined {
  const { call } = kernel;
  call.sweepAll();
  const size = call.graphBytes();
  if (size === 0) return undefined;
  return kernel.borrow(size, (at) => {
    const nodes = call.writeGraph(at) >>> 0;
    if (nodes === NO_PLACES) return undefined;
    const bytes = new Uint8Array(HEADER_BYTES + CURVES_BYTES + size);
    new Float32Array(bytes.buffer, HEADER_BYTES, CURVES_BYTES / 4).set([
      ...numbersOf(curves.graph),
      ...numbersOf(curves.codes),
    ]);
    bytes.set(kernel.bytes.subarray(at, at + size), HEADER_BYTES + CURVES_BYTES);
    return seal(bytes, GRAPH_MAGIC, shape, nodes, 0);
  });
}

function numbersOf({ isMeasured, intercept, slope }: RecallCurve): readonly number[] {
  return [isMeasured === true ? 1 : 0, intercept, slope];
}

function curveOf([isMeasured = 0, intercept = 0, slope = 0]: Float32Array): RecallCurve {
  return { isMeasured: isMeasured === 1, intercept, slope };
}

export function loadRows(kernel: Kernel, shape: RowShape, blocks: Iterable<Uint8Array>): LoadedRows {
  const { call } = kernel;
  let [rows, brokenBlocks, brokenRows] = [0, 0, 0];
  for (const block of blocks) {
    const content = openBlock(block, shape, call.recordBytes());
    if (content === undefined) {
      brokenBlocks++;
      continue;
    }
    if (call.size() === 0) {
      kernel.bytes.set(content.mean, call.meanAddress());
      call.setRenewals(content.renewals);
    }
    const taken = importRecords(kernel, content.records, content.count);
    rows += taken;
    brokenRows += content.count - taken;
  }
  return { rows, brokenBlocks, brokenRows };
}

export function loadGraph(
  kernel: Kernel,
  shape: RowShape,
  bytes: Uint8Array | undefined,
): { readonly state: GraphState; readonly curves?: Curves } {
  if (bytes === undefined) return { state: 'missing' };
  const header = open(bytes, GRAPH_MAGIC, shape);
  const size = bytes.byteLength - HEADER_BYTES - CURVES_BYTES;
  if (header === undefined || size < 0) return { state: 'broken' };
  const { call } = kernel;
  // Only where there is no graph yet.
  if (call.pending() !== call.size() || call.isBulkBuilding()) return { state: 'stale' };
  const nodes = kernel.borrow(size, (at) => {
    kernel.bytes.set(bytes.subarray(HEADER_BYTES + CURVES_BYTES), at);
    return call.readGraph(at, size, header.count) >>> 0;
  });
  if (nodes === NO_PLACES) return { state: 'broken' };
  if (nodes === undefined || nodes === 0) return { state: 'stale' };
  const curves = new Float32Array(bytes.slice(HEADER_BYTES, HEADER_BYTES + CURVES_BYTES).buffer);
  return {
    state: 'loaded',
    curves: { graph: curveOf(curves.subarray(0, 3)), codes: curveOf(curves.subarray(3)) },
  };
}

/** Rows and graph in one: magic, how many blocks and parts, the length of each part, and the parts. */
export function writeContainer(blocks: readonly Uint8Array[], graph: Uint8Array | undefined): Uint8Array {
  const parts = [...blocks, ...(graph === undefined ? [] : [graph])];
  const lengths = parts.map(({ byteLength }) => byteLength);
  const header = new Uint32Array([CONTAINER_MAGIC, blocks.length, parts.length, ...lengths]);
  const bytes = new Uint8Array(lengths.reduce((sum, length) => sum + length, header.byteLength));
  bytes.set(new Uint8Array(header.buffer));
  let at = header.byteLength;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.byteLength;
  }
  return bytes;
}

/** @throws LociError `STORAGE_CORRUPT` where a block of rows is not whole; a broken graph is found by `loadGraph`. */
export function readContainer(
  bytes: Uint8Array,
  shape: RowShape,
): { readonly rows: readonly Uint8Array[]; readonly graph: Uint8Array | undefined } {
  const [magic = 0, blocks = 0, count = 0] = words(bytes, 0, 3);
  const lengths = [...words(bytes, 12, count)];
  let at = 12 + 4 * count;
  const end = lengths.reduce((sum, length) => sum + length, at);
  if (magic !== CONTAINER_MAGIC || lengths.length !== count || blocks > count || bytes.byteLength !== end)
    throw corrupt('are no index, or not all of one');
  const parts = lengths.map((length) => {
    at += length;
    return bytes.subarray(at - length, at);
  });
  const rows = parts.slice(0, blocks);
  if (rows.some((block) => open(block, ROWS_MAGIC, shape) === undefined))
    throw corrupt('are not whole, or no index of these dimensions, bits and metric');
  return { rows, graph: parts[blocks] };
}

interface Header {
  readonly count: number;
  readonly renewals: number;
}

/** Writes the header of a block; answers the same bytes. */
function seal(
  bytes: Uint8Array,
  magic: number,
  shape: RowShape,
  count: number,
  renewals: number,
): Uint8Array {
  const view = new DataView(bytes.buffer);
  view.setUint32(0, magic, true);
  view.setUint16(8, VERSION, true);
  view.setUint16(10, shape.dimensions, true);
  view.setUint16(12, shape.residualBits, true);
  view.setUint16(14, shape.metric === 'cosine' ? 0 : 1, true);
  view.setUint32(16, count, true);
  view.setUint32(20, renewals, true);
  view.setInt32(4, CRC32.buf(bytes.subarray(CHECKED_FROM)), true);
  return bytes;
}

/** The header, or undefined where the bytes are not whole, of another version or of another shape. */
function open(bytes: Uint8Array, magic: number, shape: RowShape): Header | undefined {
  if (bytes.byteLength < HEADER_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isSame =
    view.getUint32(0, true) === magic &&
    view.getUint16(8, true) === VERSION &&
    view.getUint16(10, true) === shape.dimensions &&
    view.getUint16(12, true) === shape.residualBits &&
    view.getUint16(14, true) === (shape.metric === 'cosine' ? 0 : 1) &&
    view.getInt32(4, true) === CRC32.buf(bytes.subarray(CHECKED_FROM));
  return isSame ? { count: view.getUint32(16, true), renewals: view.getUint32(20, true) } : undefined;
}

function openBlock(block: Uint8Array, shape: RowShape, recordBytes: number) {
  const header = open(block, ROWS_MAGIC, shape);
  if (header === undefined) return undefined;
  const recordsAt = HEADER_BYTES + 4 * shape.dimensions;
  if (block.byteLength !== recordsAt + header.count * recordBytes) return undefined;
  return { ...header, mean: block.subarray(HEADER_BYTES, recordsAt), records: block.subarray(recordsAt) };
}

/** Brings records into the kernel; answers how many it took. */
export function importRecords(kernel: Kernel, records: Uint8Array, count: number): number {
  const { call } = kernel;
  const size = call.recordBytes();
  const taken = kernel.borrow(Math.max(records.byteLength, 1), (at) => {
    kernel.bytes.set(records, at);
    let rows = 0;
    for (let i = 0; i < count; i++) {
      const answer = call.importRow(at + i * size);
      if (answer === NO_ROOM) throw noRoom();
      if (answer === 0) rows++;
    }
    return rows;
  });
  if (taken === undefined) throw noRoom();
  return taken;
}

function words(bytes: Uint8Array, at: number, count: number): Uint32Array {
  const end = Math.min(at + 4 * count, bytes.byteLength - ((bytes.byteLength - at) % 4));
  return end <= at ? new Uint32Array(0) : new Uint32Array(bytes.slice(at, end).buffer);
}

function noRoom(): LociError {
  return new LociError('INDEX_FULL', 'the vector index has reached its maximum of memory', {
    hint: 'Raise maxBytes.',
  });
}

function corrupt(problem: string): LociError {
  return new LociError('STORAGE_CORRUPT', `the bytes ${problem}`, {
    hint: 'Build the index from its vectors.',
  });
}

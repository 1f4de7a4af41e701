/** The built-in model's table as it is read: checked once, and left packed. */

import crc32 from 'crc-32';
import { LociError } from '../../errors.ts';
import { decodeHalf } from './half.ts';
import {
  AXES_ABREAST,
  CHECKED_FROM,
  codeBytes,
  HEADER_BYTES,
  SHAPE_FIELDS,
  sectionsOf,
  TABLE_MAGIC,
  TABLE_VERSION,
  type TableShape,
} from './table-format.ts';

/** Bits of a hash by which the list of hashes is entered. */
const ENTRY_BITS = 12;
const ENTRIES = 2 ** ENTRY_BITS;
const CODE_BITS: readonly number[] = [2, 3, 4];

/** A checked table: views of its bytes, and nothing unpacked. */
export interface BuiltinTable {
  readonly shape: TableShape;
  /** Hashes of the words, ascending: the place of one is its row. */
  readonly hashes: Uint32Array;
  /** Where the hashes that begin with the same bits begin; one more than there are. */
  readonly entries: Uint16Array;
  /** Half precision, a row each. */
  readonly scales: Uint16Array;
  readonly words: PackedRows;
  readonly buckets: PackedRows;
  readonly axisScales: Float32Array;
  readonly axes: Int8Array;
}

/** Rows of codes: each code names a level, which the row's scale multiplies. */
export interface PackedRows {
  readonly bits: number;
  readonly bytesPerRow: number;
  readonly levels: Float32Array;
  readonly codes: Uint8Array;
}

/**
 * Reads a table; the bytes are not copied where they begin at a multiple of four, and must not be changed.
 *
 * @throws LociError `MODEL_UNAVAILABLE` of bytes that are no table, or a broken, cut off or newer one.
 */
export function readBuiltinTable(given: Uint8Array): BuiltinTable {
  const bytes = given.byteOffset % 4 === 0 ? given : given.slice();
  if (bytes.length < HEADER_BYTES) throw broken(`it has ${bytes.length} bytes only`);
  const header = new Uint32Array(bytes.buffer, bytes.byteOffset, HEADER_BYTES / 4);
  if (header[0] !== TABLE_MAGIC) throw broken('its first bytes are another file’s');
  if (header[1] !== TABLE_VERSION)
    throw broken(`it is of version ${header[1]}, and version ${TABLE_VERSION} is read`);
  const shape = Object.fromEntries(
    SHAPE_FIELDS.map((field, at) => [field, header[3 + at] ?? 0]),
  ) as unknown as TableShape;
  if (bytes.length !== shape.bytes) throw broken(`it has ${bytes.length} bytes of ${shape.bytes}`);
  if (crc32.buf(bytes.subarray(CHECKED_FROM)) >>> 0 !== header[2]) throw broken('its checksum is wrong');
  assertShape(shape);
  return viewsOf(bytes, shape);
}

function assertShape(shape: TableShape): void {
  const { dimensions, words, wordBits, bucketBits, buckets, reduced } = shape;
  const isWhole = dimensions > 0 && dimensions % 8 === 0 && words > 0 && words < 2 ** 16 && buckets > 0;
  if (
    !isWhole ||
    reduced % AXES_ABREAST !== 0 ||
    !CODE_BITS.includes(wordBits) ||
    !CODE_BITS.includes(bucketBits)
  )
    throw broken('its header names an impossible shape');
  if (sectionsOf(shape).end !== shape.bytes) throw broken('its sections do not fill it');
}

function viewsOf(bytes: Uint8Array, shape: TableShape): BuiltinTable {
  const { dimensions, words, buckets, wordBits, bucketBits, reduced } = shape;
  const at = sectionsOf(shape);
  const place = (section: number) => bytes.byteOffset + section;
  const rows = (bits: number, levels: number, codes: number, count: number): PackedRows => ({
    bits,
    bytesPerRow: codeBytes(dimensions, bits),
    levels: new Float32Array(bytes.buffer, place(levels), 2 ** bits),
    codes: bytes.subarray(codes, codes + count * codeBytes(dimensions, bits)),
  });
  const hashes = new Uint32Array(bytes.buffer, place(at.hashes), words);
  return {
    shape,
    hashes,
    entries: entriesOf(hashes),
    scales: new Uint16Array(bytes.buffer, place(at.scales), words + buckets),
    words: rows(wordBits, at.wordLevels, at.wordCodes, words),
    buckets: rows(bucketBits, at.bucketLevels, at.bucketCodes, buckets),
    axisScales: new Float32Array(bytes.buffer, place(at.axisScales), reduced),
    axes: new Int8Array(bytes.buffer, place(at.axes), reduced * dimensions),
  };
}

/** @throws LociError where the hashes do not ascend: words would not be found. */
function entriesOf(hashes: Uint32Array): Uint16Array {
  const entries = new Uint16Array(ENTRIES + 1);
  let before = -1;
  for (const hash of hashes) {
    if (hash <= before) throw broken('its hashes do not ascend');
    before = hash;
    const entry = (hash >>> (32 - ENTRY_BITS)) + 1;
    entries[entry] = (entries[entry] ?? 0) + 1;
  }
  for (let entry = 1; entry <= ENTRIES; entry++)
    entries[entry] = (entries[entry] ?? 0) + (entries[entry - 1] ?? 0);
  return entries;
}

/** The row of a word by its hash, or −1. */
export function findRow({ hashes, entries }: BuiltinTable, hash: number): number {
  const entry = hash >>> (32 - ENTRY_BITS);
  const end = entries[entry + 1] ?? 0;
  for (let row = entries[entry] ?? 0; row < end; row++) if (hashes[row] === hash) return row;
  return -1;
}

/** Adds a row, times a weight, to a sum of as many numbers. */
export function addRow(table: BuiltinTable, row: number, weight: number, sum: Float64Array): void {
  const isWord = row < table.hashes.length;
  const { bits, bytesPerRow, levels, codes } = isWord ? table.words : table.buckets;
  const factor = weight * decodeHalf(table.scales[row] ?? 0);
  for (let code = 0; code < levels.length; code++) VALUES[code] = factor * (levels[code] ?? 0);
  const from = (isWord ? row : row - table.hashes.length) * bytesPerRow;
  if (bits === 3) addEights(codes, from, bytesPerRow, sum);
  else addEven(codes, from, bytesPerRow, bits, sum);
}

/** The levels times the factor of the row that is being added. */
const VALUES = new Float64Array(16);

/** Eight codes of three bits lie in three bytes. */
function addEights(codes: Uint8Array, from: number, bytes: number, sum: Float64Array): void {
  const values = VALUES;
  const end = from + bytes;
  for (let at = from, to = 0; at < end; at += 3, to += 8) {
    const eight =
      (codes[at] as number) | ((codes[at + 1] as number) << 8) | ((codes[at + 2] as number) << 16);
    sum[to] = (sum[to] as number) + (values[eight & 7] as number);
    sum[to + 1] = (sum[to + 1] as number) + (values[(eight >>> 3) & 7] as number);
    sum[to + 2] = (sum[to + 2] as number) + (values[(eight >>> 6) & 7] as number);
    sum[to + 3] = (sum[to + 3] as number) + (values[(eight >>> 9) & 7] as number);
    sum[to + 4] = (sum[to + 4] as number) + (values[(eight >>> 12) & 7] as number);
    sum[to + 5] = (sum[to + 5] as number) + (values[(eight >>> 15) & 7] as number);
    sum[to + 6] = (sum[to + 6] as number) + (values[(eight >>> 18) & 7] as number);
    sum[to + 7] = (sum[to + 7] as number) + (values[eight >>> 21] as number);
  }
}

/** Codes of two or four bits. */
function addEven(codes: Uint8Array, from: number, bytes: number, bits: number, sum: Float64Array): void {
  const values = VALUES;
  const mask = 2 ** bits - 1;
  const end = from + bytes;
  for (let at = from, to = 0; at < end; at++)
    for (let byte = codes[at] as number, left = 8; left > 0; left -= bits, byte >>>= bits, to++)
      sum[to] = (sum[to] as number) + (values[byte & mask] as number);
}

function broken(why: string): LociError {
  return new LociError('MODEL_UNAVAILABLE', `the built-in model's table cannot be read: ${why}`, {
    hint: 'Fetch the table of this version of the package anew.',
  });
}

/** Packs learnt rows into the table that the package ships. */

import crc32 from 'crc-32';
import { encodeHalf } from '../../src/embedding/builtin/half.ts';
import {
  CHECKED_FROM,
  codeBytes,
  SHAPE_FIELDS,
  sectionsOf,
  TABLE_MAGIC,
  TABLE_VERSION,
} from '../../src/embedding/builtin/table-format.ts';
import { gaussianLevels, nearestLevel } from './levels.ts';

export interface LearntModel {
  readonly dimensions: number;
  /** Ascending, one a row. */
  readonly hashes: Uint32Array;
  readonly buckets: number;
  readonly hasPairs: boolean;
  /** Rows as they learnt, of the words and then of the buckets. */
  readonly rows: Float32Array;
  readonly wordBits: number;
  readonly bucketBits: number;
  /** Unit vectors. */
  readonly axes: Float64Array;
  /** Names the training. */
  readonly model: number;
}

/** The bytes of the table. */
export function packTable(learnt: LearntModel): Uint8Array {
  const { dimensions, hashes, buckets, wordBits, bucketBits, axes, model, rows } = learnt;
  const words = hashes.length;
  const reduced = axes.length / dimensions;
  const pairs = learnt.hasPairs ? 1 : 0;
  const open = { dimensions, words, buckets, wordBits, bucketBits, pairs, reduced, model };
  const at = sectionsOf(open);
  const shape = { ...open, bytes: at.end };
  const bytes = new Uint8Array(at.end);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, TABLE_MAGIC, true);
  view.setUint32(4, TABLE_VERSION, true);
  for (const [i, field] of SHAPE_FIELDS.entries()) view.setUint32(CHECKED_FROM + 4 * i, shape[field], true);
  for (const [row, hash] of hashes.entries()) view.setUint32(at.hashes + 4 * row, hash, true);
  const parts = [
    { first: 0, count: words, bits: wordBits, levelsAt: at.wordLevels, codesAt: at.wordCodes },
    { first: words, count: buckets, bits: bucketBits, levelsAt: at.bucketLevels, codesAt: at.bucketCodes },
  ];
  for (const { first, count, bits, levelsAt, codesAt } of parts) {
    const levels = gaussianLevels(bits);
    for (const [i, level] of levels.entries()) view.setFloat32(levelsAt + 4 * i, level, true);
    for (let i = 0; i < count; i++) {
      const row = rows.subarray((first + i) * dimensions, (first + i + 1) * dimensions);
      const scale = rootMeanSquare(row);
      view.setUint16(at.scales + 2 * (first + i), encodeHalf(scale), true);
      packRow(row, scale, levels, bits, bytes, codesAt + i * codeBytes(dimensions, bits));
    }
  }
  packAxes(axes, dimensions, view, at.axisScales, at.axes);
  view.setUint32(8, crc32.buf(bytes.subarray(CHECKED_FROM)) >>> 0, true);
  return bytes;
}

function rootMeanSquare(row: Float32Array): number {
  let square = 0;
  for (const value of row) square += value * value;
  return Math.sqrt(square / row.length);
}

/** Codes from the low bits up, in bytes. */
function packRow(
  row: Float32Array,
  scale: number,
  levels: Float32Array,
  bits: number,
  bytes: Uint8Array,
  from: number,
): void {
  for (const [i, value] of row.entries()) {
    const code = nearestLevel(levels, scale === 0 ? 0 : value / scale);
    const bit = i * bits;
    const place = from + (bit >>> 3);
    const shifted = code << (bit & 7);
    bytes[place] = (bytes[place] ?? 0) | (shifted & 255);
    if (shifted > 255) bytes[place + 1] = (bytes[place + 1] ?? 0) | (shifted >>> 8);
  }
}

function packAxes(
  axes: Float64Array,
  dimensions: number,
  view: DataView,
  scalesAt: number,
  at: number,
): void {
  for (let axis = 0; axis * dimensions < axes.length; axis++) {
    const values = axes.subarray(axis * dimensions, (axis + 1) * dimensions);
    const scale = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 127;
    view.setFloat32(scalesAt + 4 * axis, scale, true);
    for (const [i, value] of values.entries())
      view.setInt8(at + axis * dimensions + i, Math.round(value / scale));
  }
}

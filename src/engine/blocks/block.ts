/**
 * Blocks: the rows of many memories by ordinal as one immutable run of bytes. A checksum covers the
 * table of rows and another one each row, so that damage costs what it hit and nothing else.
 *
 * Layout, unsigned little-endian: magic u32 · version u16 · 0 u16 · count u32 · CRC-32 of what comes before
 * it and of the table u32 · table of (ordinal u32, length u32, CRC-32 u32), ordinals ascending · rows.
 */

import CRC32 from 'crc-32';
import { LociError } from '../../errors.ts';
import { partitionPoint } from '../../partition-point.ts';

/** "LBLK" as the first four bytes. */
const MAGIC = 0x4b4c_424c;
/** 1: the layout above. */
const VERSION = 1;
const HEADER_BYTES = 16;
const ENTRY_BYTES = 12;
const TABLE_CRC_AT = 12;

/** A row and the memory it belongs to. */
export interface BlockRow {
  readonly ordinal: number;
  readonly bytes: Uint8Array;
}

/** Bytes of a block's beginning, which tells where each of so many rows lies: enough to open it and read single rows. */
export function headBytes(rows: number): number {
  return HEADER_BYTES + rows * ENTRY_BYTES;
}

/** Bytes of a block with so many rows of so many bytes in all. */
export function blockBytes(rows: number, rowBytes: number): number {
  return headBytes(rows) + rowBytes;
}

/** A block of rows, which must come by ascending ordinal. */
export function encodeBlock(rows: readonly BlockRow[]): Uint8Array {
  const rowBytes = rows.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
  const block = new Uint8Array(blockBytes(rows.length, rowBytes));
  const view = new DataView(block.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint16(4, VERSION, true);
  view.setUint32(8, rows.length, true);
  let entry = HEADER_BYTES;
  let at = HEADER_BYTES + rows.length * ENTRY_BYTES;
  for (const { ordinal, bytes } of rows) {
    view.setUint32(entry, ordinal, true);
    view.setUint32(entry + 4, bytes.byteLength, true);
    view.setInt32(entry + 8, CRC32.buf(bytes), true);
    block.set(bytes, at);
    entry += ENTRY_BYTES;
    at += bytes.byteLength;
  }
  view.setInt32(TABLE_CRC_AT, tableChecksum(block, rows.length), true);
  return block;
}

/** What tells a block from every other one: the checksum of its table, which holds those of its rows. */
export function blockChecksum(block: Uint8Array): number {
  return new DataView(block.buffer, block.byteOffset).getUint32(TABLE_CRC_AT, true);
}

export class Block {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  /** Where each row begins, and where the last one ends. */
  readonly #starts: Uint32Array;

  /**
   * @param bytes the block, or its head alone, of which no rows are read then.
   *
   * @throws LociError `STORAGE_CORRUPT` where the table is broken, `NEWER_FORMAT` for a later version's block.
   */
  constructor(bytes: Uint8Array) {
    if (bytes.byteLength < HEADER_BYTES) throw corrupt('its header');
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const count = view.getUint32(8, true);
    const isTableThere =
      view.getUint32(0, true) === MAGIC && HEADER_BYTES + count * ENTRY_BYTES <= bytes.byteLength;
    if (!isTableThere || view.getInt32(TABLE_CRC_AT, true) !== tableChecksum(bytes, count))
      throw corrupt('its table of rows');
    const version = view.getUint16(4, true);
    if (version > VERSION)
      throw new LociError('NEWER_FORMAT', `a block has version ${version}`, {
        hint: 'A newer version of this application wrote it: update this one.',
      });
    this.bytes = bytes;
    this.#view = view;
    this.#starts = new Uint32Array(count + 1);
    let at = HEADER_BYTES + count * ENTRY_BYTES;
    for (let i = 0; i < count; i++) {
      this.#starts[i] = at;
      at += view.getUint32(HEADER_BYTES + i * ENTRY_BYTES + 4, true);
    }
    this.#starts[count] = at;
  }

  get count(): number {
    return this.#starts.length - 1;
  }

  ordinalAt(index: number): number {
    return this.#view.getUint32(HEADER_BYTES + index * ENTRY_BYTES, true);
  }

  /** A view on the bytes of a row, or undefined where they are broken. */
  rowAt(index: number): Uint8Array | undefined {
    const { at, bytes } = this.spanOf(index);
    const row = this.bytes.subarray(at, at + bytes);
    return this.isRow(index, row) ? row : undefined;
  }

  /** Where a row lies in the block. */
  spanOf(index: number): { readonly at: number; readonly bytes: number } {
    const at = this.#starts[index] as number;
    return { at, bytes: (this.#starts[index + 1] as number) - at };
  }

  /** Whether bytes are those of a row, and whole. */
  isRow(index: number, row: Uint8Array): boolean {
    return (
      row.byteLength === this.spanOf(index).bytes &&
      CRC32.buf(row) === this.#view.getInt32(HEADER_BYTES + index * ENTRY_BYTES + 8, true)
    );
  }

  /** The place of a memory's row, or −1. */
  indexOf(ordinal: number): number {
    const { count } = this;
    const place = partitionPoint(count, (index) => this.ordinalAt(index) < ordinal);
    return place < count && this.ordinalAt(place) === ordinal ? place : -1;
  }

  /** All rows behind the table, one after another. */
  get rowArea(): Uint8Array {
    return this.bytes.subarray(HEADER_BYTES + this.count * ENTRY_BYTES);
  }
}

function tableChecksum(bytes: Uint8Array, count: number): number {
  const head = CRC32.buf(bytes.subarray(0, TABLE_CRC_AT));
  return CRC32.buf(bytes.subarray(HEADER_BYTES, HEADER_BYTES + count * ENTRY_BYTES), head);
}

function corrupt(part: string): LociError {
  return new LociError('STORAGE_CORRUPT', `a stored block is damaged: ${part}`, {
    hint: 'Rebuild from what is left, or restore a snapshot; the damaged bytes cannot be trusted.',
    details: { part },
  });
}

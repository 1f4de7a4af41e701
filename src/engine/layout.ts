/**
 * Which rows a namespace has, and how each is written. Everything carries a checksum.
 *
 * | key | what |
 * |---|---|
 * | `manifest`, `manifest/copy` | format, last folded operation, which blocks there are |
 * | `log/SEQ` | operations, those of one commit in one row or several, until they are folded |
 * | `op/ID` | what a call answered, for a retry of it |
 * | `record/N`, `content/N`, `vector/SPACE/N` | blocks of folded memories: fields, texts, vectors |
 * | `words/N` | segments of the word index |
 * | `graph/SPACE/N` | a space's graph in pieces; it can be missing or old |
 * | `history/ID/SEQ` | a change of a memory, folded |
 * | `access/PAGE` | access counts and times, written when idle |
 * | `learnt/PAGE` | what use has joined, written when idle |
 */

import { LOG_ROW_BYTES } from '../limits.ts';
import { normalizeId } from '../memory/ids.ts';
import type { Operation } from '../memory/operation.ts';
import { bytesToFloats, decodeFrame, encodeFrame } from '../storage/codec.ts';
import type { KeyRange, Row } from '../storage/storage.ts';
import { prefixRange } from '../storage/storage.ts';
import type { HistoryEntry, MemoryFields } from '../types.ts';
import { packedBytes, packVector, unpackVector } from '../vector/packed-vector.ts';

export const LOG_ROWS = prefixRange('log/');
export const OP_ROWS = prefixRange('op/');
export const ACCESS_ROWS = prefixRange('access/');
export const LEARNT_ROWS = prefixRange('learnt/');

// Keys sort as text: numbers have a fixed width.
const padded = (value: number, width: number) => String(value).padStart(width, '0');

export const logKey = (seq: number) => `log/${padded(seq, 16)}`;
export const opKey = (opId: string) => `op/${opId}`;
export const accessKey = (page: number) => `access/${padded(page, 10)}`;
export const learntKey = (page: number) => `learnt/${padded(page, 10)}`;
const historyKey = (id: string, seq: number) => `history/${id}/${padded(seq, 16)}`;
export const HISTORY_ROWS = prefixRange('history/');
export const historyRows = (id: string): KeyRange => prefixRange(`history/${id}/`);
export const seqOfKey = (key: string) => Number(key.slice(key.lastIndexOf('/') + 1));
/** The memory that a row of history is of. */
export const idOfHistoryKey = (key: string) => key.slice(HISTORY_ROWS.from.length, key.lastIndexOf('/'));
export const ordinalOfKey = (key: string) => Number(key.slice(key.indexOf('/') + 1));

/** The rows of the log that begin at an operation up to this one. */
export const logRowsUpTo = (seq: number): KeyRange => ({ from: LOG_ROWS.from, to: `${logKey(seq)}\u0000` });

/** A row of the log, and what is in it. */
export interface LogRow extends Row {
  readonly operations: readonly Operation[];
}

/** The operations of one commit as rows of the log, none of them much longer than LOG_ROW_BYTES. */
export function logRowsOf(operations: readonly Operation[]): readonly LogRow[] {
  const parts: Operation[][] = [];
  let room = 0;
  for (const operation of operations) {
    const bytes = aboutBytes(operation);
    if (parts.length === 0 || bytes > room) {
      parts.push([]);
      room = LOG_ROW_BYTES;
    }
    parts.at(-1)?.push(operation);
    room -= bytes;
  }
  return parts.map((part) => ({
    key: logKey(part[0]?.seq ?? 0),
    value: encodeBatch(part),
    operations: part,
  }));
}

/** Names and numbers of an operation, bytes. */
const PLAIN_BYTES = 500;

function aboutBytes(operation: Operation): number {
  const vector = 'vector' in operation ? packedBytes(operation.vector?.length ?? 0) : 0;
  const content = operation.type === 'add' ? operation.fields.content.length : 0;
  return PLAIN_BYTES + vector + content;
}

/** The version of frames from which on vectors of operations are packed as those of blocks are: earlier ones have floats. */
const PACKED_SINCE = 2;

/** Fields of memories that releases before version 3 of frames do not know: they would drop them without a word. */
const NEW_FIELDS = [
  'supersedes',
  'contradicts',
  'feedback',
] as const satisfies readonly (keyof MemoryFields)[];
/** The version of frames that says so; the manifest has it once such a memory is in a block. */
export const NEW_FIELDS_SINCE = 3;

/** Whether a memory has a field that an earlier release would drop. */
export function hasNewFields(table: { field(ordinal: number, name: string): unknown }, ordinal: number) {
  return NEW_FIELDS.some((field) => table.field(ordinal, field) !== undefined);
}

/** The operations of one row. */
export function encodeBatch(operations: readonly Operation[]): Uint8Array {
  const blobs: Uint8Array[] = [];
  const plain = operations.map((operation) => {
    const vector = 'vector' in operation ? operation.vector : undefined;
    const blob = vector === undefined ? undefined : blobs.push(packVector(0, vector)) - 1;
    // JSON has no undefined, and a cleared field is one.
    const after = operation.type === 'update' ? { after: nullsFor(operation.after) } : {};
    return { ...operation, ...after, vector: undefined, blob };
  });
  const version = operations.some(setsNewFields) ? NEW_FIELDS_SINCE : blobs.length === 0 ? 1 : PACKED_SINCE;
  return encodeFrame({ operations: plain }, blobs, version);
}

function setsNewFields(operation: Operation): boolean {
  if (operation.type === 'add') return NEW_FIELDS.some((field) => operation.fields[field] !== undefined);
  return operation.type === 'update' && NEW_FIELDS.some((field) => field in operation.after);
}

export function decodeBatch(bytes: Uint8Array): readonly Operation[] {
  const { version, header, blobs } = decodeFrame(bytes);
  const operations = header.operations as unknown as readonly (Operation & { readonly blob?: number })[];
  return operations.map(({ blob, ...operation }) => {
    const bytes = blob === undefined ? undefined : blobs[blob];
    const isPacked = version >= PACKED_SINCE;
    return {
      ...operation,
      // Earlier releases logged an id as it was given.
      id: normalizeId(operation.id),
      ...(bytes === undefined
        ? {}
        : { vector: isPacked ? unpacked(bytes, operation) : bytesToFloats(bytes) }),
      ...(operation.type === 'update' ? { after: undefinedForNulls(operation.after) } : {}),
    } as Operation;
  });
}

/** A vector of an operation; an empty one, which counts as lost, where the bytes are not of its length. */
function unpacked(bytes: Uint8Array, operation: Operation): Float32Array {
  const dimensions = 'embedding' in operation ? (operation.embedding?.dimensions ?? 0) : 0;
  return bytes.byteLength === packedBytes(dimensions) ? unpackVector(bytes, dimensions) : new Float32Array(0);
}

function nullsFor(fields: object): object {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, value ?? null]));
}

function undefinedForNulls(fields: object): object {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, value ?? undefined]));
}

export function encodeHistoryEntry(id: string, entry: HistoryEntry): Row {
  return { key: historyKey(id, entry.seq), value: encodeFrame(entry) };
}

export function decodeHistoryEntry(bytes: Uint8Array): HistoryEntry {
  return decodeFrame(bytes).header as unknown as HistoryEntry;
}

/** Asks storage to keep all that was written before it. */
export const FLUSH_ROW: Row = { key: 'flush', value: encodeFrame({}) };

/** What a call answered. */
export interface StoredAnswer {
  readonly method: string;
  readonly at: number;
  readonly result: Readonly<Record<string, unknown>>;
}

export function encodeAnswer(opId: string, answer: StoredAnswer): Row {
  return { key: opKey(opId), value: encodeFrame(answer) };
}

export function decodeAnswer(bytes: Uint8Array): StoredAnswer {
  return decodeFrame(bytes).header as unknown as StoredAnswer;
}

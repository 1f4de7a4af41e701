/**
 * Which rows a namespace has, and how each is written. Every row is a frame with a checksum.
 *
 * | key | what |
 * |---|---|
 * | `manifest` | format, last folded operation, next ordinal |
 * | `log/SEQ` | the operations of one commit, until they are folded |
 * | `op/ID` | what a call answered, for a retry of it |
 * | `meta/ORDINAL`, `content/ORDINAL`, `vector/ORDINAL` | a memory, folded |
 * | `history/ID/SEQ` | a change of a memory, folded |
 * | `access/PAGE` | access counts and times, written when idle |
 */

import { LociError } from '../errors.ts';
import type { MemoryState, Operation } from '../memory/operation.ts';
import { bytesToFloats, decodeFrame, encodeFrame, floatsToBytes } from '../storage/codec.ts';
import type { KeyRange, Row } from '../storage/storage.ts';
import { prefixRange } from '../storage/storage.ts';
import type { HistoryEntry } from '../types.ts';

/**
 * The format of the rows, raised whenever an older engine could not read them; part of the
 * database's name.
 *
 * 1: log, op, meta, content, vector, history and access rows as frames of codec version 1.
 */
export const STORAGE_FORMAT = 1;

export const MANIFEST_KEY = 'manifest';
export const LOG_ROWS = prefixRange('log/');
export const OP_ROWS = prefixRange('op/');
export const META_ROWS = prefixRange('meta/');
export const CONTENT_ROWS = prefixRange('content/');
export const VECTOR_ROWS = prefixRange('vector/');
export const ACCESS_ROWS = prefixRange('access/');

// Keys sort as text: numbers have a fixed width.
const padded = (value: number, width: number) => String(value).padStart(width, '0');

export const logKey = (seq: number) => `log/${padded(seq, 16)}`;
export const opKey = (opId: string) => `op/${opId}`;
export const metaKey = (ordinal: number) => `meta/${padded(ordinal, 10)}`;
export const contentKey = (ordinal: number) => `content/${padded(ordinal, 10)}`;
export const vectorKey = (ordinal: number) => `vector/${padded(ordinal, 10)}`;
export const accessKey = (page: number) => `access/${padded(page, 10)}`;
export const historyKey = (id: string, seq: number) => `history/${id}/${padded(seq, 16)}`;
export const historyRows = (id: string): KeyRange => prefixRange(`history/${id}/`);
export const ordinalOfKey = (key: string) => Number(key.slice(key.indexOf('/') + 1));

export interface Manifest {
  readonly format: number;
  readonly createdAt: number;
  /** Operations up to this one are in the memories' own rows. */
  readonly foldedSeq: number;
  /** Ordinals from this one on were never used by a folded memory. */
  readonly nextOrdinal: number;
}

export function encodeManifest(manifest: Manifest): Row {
  return { key: MANIFEST_KEY, value: encodeFrame(manifest) };
}

/** @throws LociError `STORAGE_CORRUPT`, or `NEWER_FORMAT` for a later engine's. */
export function decodeManifest(bytes: Uint8Array): Manifest {
  const manifest = decodeFrame(bytes).header as unknown as Manifest;
  if (manifest.format > STORAGE_FORMAT)
    throw new LociError('NEWER_FORMAT', `the memories are stored in format ${manifest.format}`, {
      hint: `This version of Loci reads formats up to ${STORAGE_FORMAT}: reload the page, or update Loci.`,
    });
  return manifest;
}

/** The operations of one commit. */
export function encodeBatch(operations: readonly Operation[]): Uint8Array {
  const blobs: Uint8Array[] = [];
  const plain = operations.map((operation) => {
    const vector = 'vector' in operation ? operation.vector : undefined;
    const blob = vector === undefined ? undefined : blobs.push(floatsToBytes(vector)) - 1;
    // JSON has no undefined, and a cleared field is one.
    const after = operation.type === 'update' ? { after: nullsFor(operation.after) } : {};
    return { ...operation, ...after, vector: undefined, blob };
  });
  return encodeFrame({ operations: plain }, blobs);
}

export function decodeBatch(bytes: Uint8Array): readonly Operation[] {
  const { header, blobs } = decodeFrame(bytes);
  const operations = header.operations as unknown as readonly (Operation & { readonly blob?: number })[];
  return operations.map(({ blob, ...operation }) => {
    const bytes = blob === undefined ? undefined : blobs[blob];
    return {
      ...operation,
      ...(bytes === undefined ? {} : { vector: bytesToFloats(bytes) }),
      ...(operation.type === 'update' ? { after: undefinedForNulls(operation.after) } : {}),
    } as Operation;
  });
}

function nullsFor(fields: object): object {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, value ?? null]));
}

function undefinedForNulls(fields: object): object {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, value ?? undefined]));
}

/** The rows of a memory that storage does not have yet. */
export function encodeState(state: MemoryState): readonly Row[] {
  const { content, vector, ordinal, ...meta } = state;
  const rows: Row[] = [{ key: metaKey(ordinal), value: encodeFrame(meta) }];
  if (content !== undefined) rows.push({ key: contentKey(ordinal), value: encodeFrame({ content }) });
  if (vector !== undefined)
    rows.push({ key: vectorKey(ordinal), value: encodeFrame({}, [floatsToBytes(vector)]) });
  return rows;
}

/** A folded memory, without content and vector. */
export function decodeState({ key, value }: Row): MemoryState {
  const meta = decodeFrame(value).header as unknown as Omit<MemoryState, 'ordinal' | 'content' | 'vector'>;
  return { ...meta, ordinal: ordinalOfKey(key), content: undefined, vector: undefined };
}

export function decodeContent(bytes: Uint8Array): string {
  return String(decodeFrame(bytes).header.content);
}

export function decodeVector(bytes: Uint8Array): Float32Array {
  const [blob] = decodeFrame(bytes).blobs;
  if (blob === undefined) throw new LociError('STORAGE_CORRUPT', 'a vector’s row holds no vector');
  return bytesToFloats(blob);
}

export function encodeHistoryEntry(id: string, entry: HistoryEntry): Row {
  return { key: historyKey(id, entry.seq), value: encodeFrame(entry) };
}

export function decodeHistoryEntry(bytes: Uint8Array): HistoryEntry {
  return decodeFrame(bytes).header as unknown as HistoryEntry;
}

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

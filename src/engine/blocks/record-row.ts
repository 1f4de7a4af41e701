/**
 * A memory without content and vector as a row of a block: what every memory has as numbers of fixed
 * width, and the fields that differ from their defaults as JSON.
 *
 * Layout, little-endian: id 16 bytes · id of the operation that added it 16 bytes, zeros where that is no
 * UUID and in the JSON instead · seq, seq and time of that operation, createdAt, updatedAt, importance f64
 * each · revision, bytes of content, bytes of metadata u32 each · JSON.
 */

import { parse } from 'uuid';
import { LociError } from '../../errors.ts';
import type { MemoryState } from '../../memory/operation.ts';
import type { EmbeddingInfo } from '../../types.ts';
import { isPlainUuid } from '../table/uuid-column.ts';
import type { BlockRow } from './block.ts';

const ADDED_BY_AT = 16;
const DOUBLES_AT = 32;
const COUNTS_AT = DOUBLES_AT + 6 * 8;
const FIXED_BYTES = COUNTS_AT + 3 * 4;
const [OPENING_BRACKET, COMMA, CLOSING_BRACKET] = [0x5b, 0x2c, 0x5d];

/** What a field is not written for. */
export const RECORD_DEFAULTS = {
  kind: 'episodic',
  tier: 'working',
  priority: 'medium',
  source: 'unknown',
  tags: [],
  related: [],
  metadata: {},
  legalHold: false,
} as const;
const DEFAULT_JSON: ReadonlyMap<string, string> = new Map(
  Object.entries(RECORD_DEFAULTS).map(([name, value]) => [name, JSON.stringify(value)]),
);

type StoredState = Omit<MemoryState, 'ordinal' | 'content' | 'vector'>;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

export function encodeRecord(state: StoredState): Uint8Array {
  const { record, seq, added, contentBytes, metadataBytes, contentHash } = state;
  const { id, createdAt, updatedAt, importance, revision, ...others } = record;
  const fields = Object.entries(others).filter(
    ([name, value]) => value !== undefined && JSON.stringify(value) !== DEFAULT_JSON.get(name),
  );
  const isUuid = isPlainUuid(added.opId);
  const named = isUuid ? {} : { addedBy: added.opId };
  const json = encoder.encode(JSON.stringify({ ...Object.fromEntries(fields), ...named, contentHash }));
  const bytes = new Uint8Array(FIXED_BYTES + json.length);
  bytes.set(parse(id));
  if (isUuid) bytes.set(parse(added.opId), ADDED_BY_AT);
  const view = new DataView(bytes.buffer);
  [seq, added.seq, added.at, createdAt, updatedAt, importance].forEach((value, i) => {
    view.setFloat64(DOUBLES_AT + 8 * i, value, true);
  });
  [revision, contentBytes, metadataBytes].forEach((value, i) => {
    view.setUint32(COUNTS_AT + 4 * i, value, true);
  });
  bytes.set(json, FIXED_BYTES);
  return bytes;
}

/** A record as it lies in a block: what a table of columns takes in without making a memory of it. */
export interface StoredRecord {
  /** The UUID's bytes. */
  readonly id: Uint8Array;
  /** The UUID's bytes, or another name, of the operation that added it. */
  readonly addedBy: Uint8Array | string;
  readonly seq: number;
  readonly addedSeq: number;
  readonly addedAt: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly importance: number;
  readonly revision: number;
  readonly contentBytes: number;
  readonly metadataBytes: number;
  readonly contentHash: number | undefined;
  /** The fields that differ from {@link RECORD_DEFAULTS}, by name. */
  readonly fields: Partial<MemoryState['record']>;
}

/** The fields in a record's JSON; beside them, the hash of a fact's content, and the name of the operation that added it where that is no UUID. */
type Json = StoredRecord['fields'] & { readonly addedBy?: string; readonly contentHash?: number };

/** @throws LociError `STORAGE_CORRUPT` for bytes that are no record, whole as they may be. */
export function decodeRecord(ordinal: number, bytes: Uint8Array): StoredRecord {
  try {
    return recordOf(bytes, JSON.parse(decoder.decode(bytes.subarray(FIXED_BYTES))) as Json);
  } catch (cause) {
    throw new LociError('STORAGE_CORRUPT', `the record of memory number ${ordinal} cannot be read`, {
      hint: 'Restore a snapshot; the damaged bytes cannot be trusted.',
      cause,
    });
  }
}

/**
 * The records of a block's rows, in order: their JSON is read as one, which takes two thirds of the time.
 *
 * @throws LociError `STORAGE_CORRUPT` as {@link decodeRecord} does.
 */
export function decodeRecords(rows: readonly BlockRow[]): readonly StoredRecord[] {
  const parsed = parseTogether(rows.map(({ bytes }) => bytes.subarray(FIXED_BYTES)));
  // One that cannot be read spoils all: on their own the others can.
  if (parsed?.length !== rows.length) return rows.map(({ ordinal, bytes }) => decodeRecord(ordinal, bytes));
  let embedding: EmbeddingInfo | undefined;
  return rows.map(({ bytes }, i) => {
    const json = parsed[i] ?? {};
    // Neighbours are of one model for the most part: kept once, it need not be told from others again.
    if (json.embedding === undefined) return recordOf(bytes, json);
    if (!isSameEmbedding(json.embedding, embedding)) ({ embedding } = json);
    return recordOf(bytes, json, embedding);
  });
}

function parseTogether(texts: readonly Uint8Array[]): readonly Json[] | undefined {
  const bytes = new Uint8Array(texts.reduce((sum, { length }) => sum + length + 1, 1));
  let at = 0;
  for (const text of texts) {
    bytes[at] = at === 0 ? OPENING_BRACKET : COMMA;
    bytes.set(text, at + 1);
    at += 1 + text.length;
  }
  bytes[at] = CLOSING_BRACKET;
  try {
    return JSON.parse(decoder.decode(bytes)) as readonly Json[];
  } catch {
    return undefined; // each is read by itself then, and tells what is wrong
  }
}

function recordOf(bytes: Uint8Array, json: Json, embedding = json.embedding): StoredRecord {
  const { addedBy, contentHash, ...fields } = json;
  if (embedding !== undefined) fields.embedding = embedding;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    id: bytes.subarray(0, ADDED_BY_AT),
    addedBy: addedBy ?? bytes.subarray(ADDED_BY_AT, DOUBLES_AT),
    seq: doubleAt(view, 0),
    addedSeq: doubleAt(view, 1),
    addedAt: doubleAt(view, 2),
    createdAt: doubleAt(view, 3),
    updatedAt: doubleAt(view, 4),
    importance: doubleAt(view, 5),
    revision: countAt(view, 0),
    contentBytes: countAt(view, 1),
    metadataBytes: countAt(view, 2),
    contentHash,
    fields,
  };
}

function isSameEmbedding(one: EmbeddingInfo, other: EmbeddingInfo | undefined): boolean {
  return (
    one.modelId === other?.modelId &&
    one.space === other.space &&
    one.dimensions === other.dimensions &&
    one.origin === other.origin
  );
}

function doubleAt(view: DataView, i: number): number {
  return view.getFloat64(DOUBLES_AT + 8 * i, true);
}

function countAt(view: DataView, i: number): number {
  return view.getUint32(COUNTS_AT + 4 * i, true);
}

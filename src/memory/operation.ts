/**
 * The operation log's words and its one rule. Every change of a memory is an operation; the state of
 * a memory is the fold of its operations by `apply`. The journal, replay on open, history and what
 * other tabs are told are all made of these.
 */

import type { EmbeddingInfo, HistoryEntry, MemoryFields } from '../types.ts';
import { contentHashOf } from './fact.ts';
import { type MemoryRecord, utf8Length } from './record.ts';

interface OperationBase {
  /** The memory changed. */
  readonly id: string;
  /** Its place in the log of the namespace. */
  readonly seq: number;
  /** When, ms since the epoch. */
  readonly at: number;
  /** The call that made it. */
  readonly opId: string;
}

export interface AddOperation extends OperationBase {
  readonly type: 'add';
  /** The number by which indexes know the memory. */
  readonly ordinal: number;
  readonly fields: MemoryFields;
  readonly embedding?: EmbeddingInfo | undefined;
  readonly vector?: Float32Array | undefined;
}

export interface UpdateOperation extends OperationBase {
  readonly type: 'update';
  /** The fields changed, with their new values; undefined clears one. */
  readonly after: Partial<MemoryFields>;
  /** The same fields before, so that history needs nothing else. */
  readonly before: Partial<MemoryFields>;
  /** Of the content as it stays, where its memory becomes a fact of a subject and predicate. */
  readonly contentHash?: number | undefined;
  /** Of feedback: the query that it was told for. */
  readonly query?: string | undefined;
  /** Given where the content changed. */
  readonly embedding?: EmbeddingInfo | undefined;
  readonly vector?: Float32Array | undefined;
}

export interface EmbedOperation extends OperationBase {
  readonly type: 'embed';
  readonly embedding: EmbeddingInfo;
  readonly vector: Float32Array;
}

export interface DeleteOperation extends OperationBase {
  readonly type: 'delete';
  /** The memory's ordinal, by which its rows are found. */
  readonly ordinal: number;
  readonly reason: 'request' | 'expired' | 'evicted';
}

export type Operation = AddOperation | UpdateOperation | EmbedOperation | DeleteOperation;

/** A memory as the log makes it. */
export interface MemoryState {
  readonly ordinal: number;
  readonly record: MemoryRecord;
  /** What the log brought and storage does not have as a row of its own yet; undefined once it has. */
  readonly content: string | undefined;
  readonly vector: Float32Array | undefined;
  /** UTF-8 bytes of the content, and of the metadata as JSON. */
  readonly contentBytes: number;
  readonly metadataBytes: number;
  /** By which facts of one subject and predicate are told from repetitions; undefined of all others, and of facts of earlier releases. */
  readonly contentHash?: number | undefined;
  /** The last operation that is in it: an operation up to it is not applied again. */
  readonly seq: number;
  /** The operation that added it. */
  readonly added: Pick<OperationBase, 'seq' | 'at' | 'opId'>;
}

/**
 * The state of a memory after an operation; undefined where there is none.
 * Pure, and idempotent: an operation that is in the state already changes nothing, and neither does
 * one for a memory that is gone.
 */
export function apply(state: MemoryState | undefined, operation: Operation): MemoryState | undefined {
  if (state !== undefined && operation.seq <= state.seq) return state;
  switch (operation.type) {
    case 'add':
      return state ?? added(operation);
    case 'update':
      return state && updated(state, operation);
    case 'embed':
      return state && embedded(state, operation);
    case 'delete':
      return undefined;
  }
}

function added({ id, ordinal, seq, at, opId, fields, embedding, vector }: AddOperation): MemoryState {
  const { content, ...rest } = fields;
  return {
    ordinal,
    seq,
    content,
    vector,
    contentBytes: utf8Length(content),
    metadataBytes: jsonBytes(fields.metadata),
    contentHash: isFact(rest) ? contentHashOf(content) : undefined,
    added: { seq, at, opId },
    record: { ...rest, id, updatedAt: at, revision: 1, embedding },
  };
}

function updated(state: MemoryState, operation: UpdateOperation): MemoryState {
  const { seq, at, after, embedding, vector } = operation;
  const { content, ...rest } = after;
  const { record } = state;
  return {
    ...state,
    seq,
    content: content ?? state.content,
    vector: vector ?? state.vector,
    contentBytes: content === undefined ? state.contentBytes : utf8Length(content),
    metadataBytes: rest.metadata === undefined ? state.metadataBytes : jsonBytes(rest.metadata),
    contentHash: hashAfter(state, operation),
    record: {
      ...record,
      ...rest,
      updatedAt: at,
      revision: record.revision + 1,
      embedding: embedding ?? record.embedding,
    },
  };
}

function hashAfter({ record, contentHash }: MemoryState, operation: UpdateOperation): number | undefined {
  const { content } = operation.after;
  if (!isFact({ ...record, ...operation.after })) return undefined;
  return content === undefined ? (operation.contentHash ?? contentHash) : contentHashOf(content);
}

function isFact({ subject, predicate }: Pick<MemoryFields, 'subject' | 'predicate'>): boolean {
  return subject !== undefined && predicate !== undefined;
}

function embedded(state: MemoryState, { seq, embedding, vector }: EmbedOperation): MemoryState {
  return { ...state, seq, vector, record: { ...state.record, embedding } };
}

/** Bytes a memory takes: content and metadata as UTF-8, four for each number of its vector. */
export function sizeOf({
  contentBytes,
  metadataBytes,
  record,
}: Pick<MemoryState, 'contentBytes' | 'metadataBytes'> & {
  readonly record: Pick<MemoryState['record'], 'embedding'>;
}): number {
  return contentBytes + metadataBytes + 4 * (record.embedding?.dimensions ?? 0);
}

function jsonBytes(value: unknown): number {
  return utf8Length(JSON.stringify(value));
}

/** The entry of a memory's history that an operation makes; a new vector is no event of the memory's own. */
export function historyEntryOf(operation: Operation): HistoryEntry | undefined {
  const { seq, at, opId, type } = operation;
  if (type === 'embed') return undefined;
  if (type === 'delete') return { seq, at, opId, type, changes: {}, reason: operation.reason };
  if (type === 'add') return { seq, at, opId, type, changes: {} };
  const { query } = operation;
  return { seq, at, opId, type, changes: changesOf(operation), ...(query === undefined ? {} : { query }) };
}

function changesOf({ before, after }: UpdateOperation): HistoryEntry['changes'] {
  const keys = Object.keys(after) as (keyof MemoryFields)[];
  return Object.fromEntries(keys.map((key) => [key, { before: before[key], after: after[key] }]));
}

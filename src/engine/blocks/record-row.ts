/**
 * A memory without content and vector as a row of a block: what every memory has as numbers of fixed
 * width, and the fields that differ from their defaults as JSON.
 *
 * Layout, little-endian: id 16 bytes · id of the operation that added it 16 bytes, zeros where that is no
 * UUID and in the JSON instead · seq, seq and time of that operation, createdAt, updatedAt, importance f64
 * each · revision, bytes of content, bytes of metadata u32 each · JSON.
 */

import { parse, stringify } from 'uuid';
import { LociError } from '../../errors.ts';
import type { MemoryState } from '../../memory/operation.ts';
import { isPlainUuid } from '../table/uuid-column.ts';

const ADDED_BY_AT = 16;
const DOUBLES_AT = 32;
const COUNTS_AT = DOUBLES_AT + 6 * 8;
const FIXED_BYTES = COUNTS_AT + 3 * 4;

/** What a field is not written for. */
const DEFAULTS = {
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
  Object.entries(DEFAULTS).map(([name, value]) => [name, JSON.stringify(value)]),
);

type StoredState = Omit<MemoryState, 'ordinal' | 'content' | 'vector'>;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

export function encodeRecord({ record, seq, added, contentBytes, metadataBytes }: StoredState): Uint8Array {
  const { id, createdAt, updatedAt, importance, revision, ...others } = record;
  const fields = Object.entries(others).filter(
    ([name, value]) => value !== undefined && JSON.stringify(value) !== DEFAULT_JSON.get(name),
  );
  const isUuid = isPlainUuid(added.opId);
  const named = isUuid ? {} : { addedBy: added.opId };
  const json = encoder.encode(JSON.stringify({ ...Object.fromEntries(fields), ...named }));
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

/** @throws LociError `STORAGE_CORRUPT` for bytes that are no record, whole as they may be. */
export function decodeRecord(ordinal: number, bytes: Uint8Array): MemoryState {
  try {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const { addedBy, ...fields } = JSON.parse(textOf(bytes, FIXED_BYTES)) as Partial<
      MemoryState['record']
    > & {
      readonly addedBy?: string;
    };
    return {
      ordinal,
      record: {
        ...DEFAULTS,
        ...fields,
        id: stringify(bytes),
        createdAt: view.getFloat64(DOUBLES_AT + 24, true),
        updatedAt: view.getFloat64(DOUBLES_AT + 32, true),
        importance: view.getFloat64(DOUBLES_AT + 40, true),
        revision: view.getUint32(COUNTS_AT, true),
      },
      content: undefined,
      vector: undefined,
      seq: view.getFloat64(DOUBLES_AT, true),
      added: {
        seq: view.getFloat64(DOUBLES_AT + 8, true),
        at: view.getFloat64(DOUBLES_AT + 16, true),
        opId: addedBy ?? stringify(bytes, ADDED_BY_AT),
      },
      contentBytes: view.getUint32(COUNTS_AT + 4, true),
      metadataBytes: view.getUint32(COUNTS_AT + 8, true),
    };
  } catch (cause) {
    throw new LociError('STORAGE_CORRUPT', `the record of memory number ${ordinal} cannot be read`, {
      hint: 'Restore a snapshot; the damaged bytes cannot be trusted.',
      cause,
    });
  }
}

/** The text from a place on. Most is ASCII, which is put together faster than a decoder begins. */
function textOf(bytes: Uint8Array, from: number): string {
  let text = '';
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte > 127) return decoder.decode(bytes.subarray(from));
    text += String.fromCharCode(byte);
  }
  return text;
}

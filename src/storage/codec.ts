/** Frames: a JSON header and binary blobs as one checked run of bytes. */

import crc32 from 'crc-32';
import { LociError } from '../errors.ts';
import type { JsonValue } from '../types.ts';

/*
 * Layout, numbers as unsigned 32-bit little-endian:
 *   magic byte · codec version byte · length of header · count of blobs · length of each blob
 *   · header as UTF-8 JSON · blobs · CRC-32 of everything before it
 * Every version keeps the first two bytes and the last four, so that damage and a newer version can
 * be told apart.
 */
const MAGIC = 0x4c;
/**
 * The latest; each frame has the least that its reader must know.
 *
 * 1: the layout above.
 * 2: the same; vectors in blobs are packed.
 * 3: the same; memories have fields that an earlier release would drop (what they replace, feedback).
 */
const CODEC_VERSION = 3;
const FIXED_BYTES = 10;
const CRC_BYTES = 4;

/** What a frame holds. */
export interface Frame {
  /** Of the codec. */
  readonly version: number;
  readonly header: { readonly [key: string]: JsonValue };
  /** Copies, each at the start of its own buffer, so that any typed array may be laid over them. */
  readonly blobs: readonly Uint8Array[];
}

/**
 * The frame as bytes; the header must be an object of values JSON can hold.
 *
 * @param version what its reader must know at least: an older one refuses it. Default 1.
 */
export function encodeFrame(
  header: object,
  blobs: readonly Uint8Array[] = [],
  version: 1 | 2 | 3 = 1,
): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const lengthsEnd = FIXED_BYTES + 4 * blobs.length;
  const total = blobs.reduce((sum, blob) => sum + blob.length, lengthsEnd + json.length) + CRC_BYTES;
  const bytes = new Uint8Array(total);
  const view = new DataView(bytes.buffer);
  bytes[0] = MAGIC;
  bytes[1] = version;
  view.setUint32(2, json.length, true);
  view.setUint32(6, blobs.length, true);
  blobs.forEach((blob, i) => {
    view.setUint32(FIXED_BYTES + 4 * i, blob.length, true);
  });
  let at = lengthsEnd;
  for (const part of [json, ...blobs]) {
    bytes.set(part, at);
    at += part.length;
  }
  view.setUint32(at, checksum(bytes.subarray(0, at)), true);
  return bytes;
}

/** The frame again. Throws `STORAGE_CORRUPT` for damaged bytes, `NEWER_FORMAT` for a later codec's. */
export function decodeFrame(bytes: Uint8Array): Frame {
  const view = checked(bytes);
  const jsonLength = view.getUint32(2, true);
  const count = view.getUint32(6, true);
  const end = bytes.length - CRC_BYTES;
  let at = FIXED_BYTES + 4 * count;
  if (at > end) throw corrupt('lengths', { blobs: count, sizeBytes: bytes.length });
  const lengths = Array.from({ length: count }, (_, i) => view.getUint32(FIXED_BYTES + 4 * i, true));
  const expected = lengths.reduce((sum, length) => sum + length, at + jsonLength);
  if (expected !== end) throw corrupt('lengths', { expectedBytes: expected, foundBytes: end });

  const header = parseHeader(bytes.subarray(at, at + jsonLength));
  at += jsonLength;
  const blobs = lengths.map((length) => {
    const blob = new Uint8Array(bytes.subarray(at, at + length));
    at += length;
    return blob;
  });
  return { version: bytes[1] ?? 0, header, blobs };
}

/** The floats as little-endian bytes, a copy. */
export function floatsToBytes(floats: Float32Array): Uint8Array {
  const bytes = new Uint8Array(new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength));
  return IS_LITTLE_ENDIAN ? bytes : swapped(bytes);
}

/** The floats of little-endian bytes, a copy. Throws `STORAGE_CORRUPT` unless the length is a multiple of 4. */
export function bytesToFloats(bytes: Uint8Array): Float32Array {
  if (bytes.length % 4 !== 0) throw corrupt('float count', { sizeBytes: bytes.length });
  const copy = new Uint8Array(bytes);
  return new Float32Array((IS_LITTLE_ENDIAN ? copy : swapped(copy)).buffer);
}

const IS_LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

function swapped(bytes: Uint8Array): Uint8Array {
  for (let at = 0; at < bytes.length; at += 4) bytes.subarray(at, at + 4).reverse();
  return bytes;
}

/** The checksum comes before the version: a flipped version byte is damage, not a newer format. */
function checked(bytes: Uint8Array): DataView<ArrayBufferLike> {
  const end = bytes.length - CRC_BYTES;
  if (end < FIXED_BYTES) throw corrupt('length', { sizeBytes: bytes.length });
  if (bytes[0] !== MAGIC) throw corrupt('magic byte', { found: bytes[0] });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stored = view.getUint32(end, true);
  const computed = checksum(bytes.subarray(0, end));
  if (stored !== computed) throw corrupt('checksum', { stored, computed, sizeBytes: bytes.length });
  const version = bytes[1] ?? 0;
  if (version > CODEC_VERSION) {
    throw new LociError(
      'NEWER_FORMAT',
      `The frame has codec version ${version}, newer than ${CODEC_VERSION}`,
      {
        hint: 'A newer version of this application wrote it: update this one.',
        details: { version, newest: CODEC_VERSION },
      },
    );
  }
  if (version < 1) throw corrupt('version', { version });
  return view;
}

function parseHeader(json: Uint8Array): Frame['header'] {
  try {
    const header: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json));
    if (isObject(header)) return header;
  } catch (error) {
    throw corrupt('header', { sizeBytes: json.length }, error);
  }
  throw corrupt('header', { sizeBytes: json.length });
}

function isObject(value: unknown): value is Frame['header'] {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function checksum(bytes: Uint8Array): number {
  return crc32.buf(bytes) >>> 0;
}

function corrupt(part: string, facts: Readonly<Record<string, unknown>>, cause?: unknown): LociError {
  return new LociError('STORAGE_CORRUPT', `Stored bytes are damaged: wrong ${part}`, {
    hint: 'Rebuild from what is left, or restore a snapshot; the damaged bytes cannot be trusted.',
    details: { part, ...facts },
    cause,
  });
}

/** Base64 of vectors, the same in browsers, Node 20 and workerd (none of which need `toBase64`). */
import { LociError } from '../errors.ts';

/** Arguments of one `fromCharCode` call: more may overflow the stack. */
const CHARS_AT_ONCE = 0x2000;

/** A vector as base64 of its float32 values, little-endian. */
export function encodeVector(vector: Float32Array): string {
  const bytes = new Uint8Array(vector.length * 4);
  const view = new DataView(bytes.buffer);
  vector.forEach((value, i) => {
    view.setFloat32(i * 4, value, true);
  });
  let binary = '';
  for (let at = 0; at < bytes.length; at += CHARS_AT_ONCE) {
    binary += String.fromCharCode(...bytes.subarray(at, at + CHARS_AT_ONCE));
  }
  return btoa(binary);
}

/**
 * The vector again.
 *
 * @throws LociError INVALID_VECTOR if it is not base64 of so many finite float32 values.
 */
export function decodeVector(text: string, dimensions: number): Float32Array<ArrayBuffer> {
  const binary = decodeBase64(text);
  if (binary.length !== dimensions * 4) {
    throw new LociError('INVALID_VECTOR', `A vector of ${dimensions} has ${binary.length} bytes`);
  }
  const view = new DataView(new ArrayBuffer(binary.length));
  for (let i = 0; i < binary.length; i++) view.setUint8(i, binary.charCodeAt(i));
  const vector = new Float32Array(dimensions);
  for (let i = 0; i < dimensions; i++) vector[i] = view.getFloat32(i * 4, true);
  if (!vector.every(Number.isFinite)) {
    throw new LociError('INVALID_VECTOR', 'A vector holds a value that is not finite');
  }
  return vector;
}

function decodeBase64(text: string): string {
  try {
    return atob(text);
  } catch (cause) {
    throw new LociError('INVALID_VECTOR', 'A vector is not base64', { cause });
  }
}

/** Reads a body as a stream and stops at a limit, whatever its headers said. */
import { LociError } from '../errors.ts';

/**
 * All bytes of a body, at most `limitBytes`.
 *
 * @throws LociError PAYLOAD_TOO_LARGE as soon as the limit is passed; the rest is not read.
 */
export async function readLimited(
  body: ReadableStream<Uint8Array> | null,
  limitBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  if (body === null) return new Uint8Array(0);
  const parts: Uint8Array[] = [];
  let lengthBytes = 0;
  const reader = body.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    lengthBytes += next.value.byteLength;
    if (lengthBytes > limitBytes) {
      const error = tooLarge(limitBytes);
      // The sender may be gone already; what counts is the limit that was passed.
      await reader.cancel(error).catch(() => undefined);
      throw error;
    }
    parts.push(next.value);
  }
  return concatBytes(parts, lengthBytes);
}

/** The error of a body above its limit. */
export function tooLarge(limitBytes: number): LociError {
  return new LociError('PAYLOAD_TOO_LARGE', `More than ${limitBytes} bytes are not taken here`, {
    hint: 'Send it in smaller parts.',
    details: { limitBytes },
  });
}

/** Parts of a known total length as one array. */
export function concatBytes(parts: readonly Uint8Array[], lengthBytes: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(lengthBytes);
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.byteLength;
  }
  return bytes;
}

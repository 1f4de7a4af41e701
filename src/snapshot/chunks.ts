/** Cuts lines into chunks named by their SHA-256, and checks the chunks when they come back. */
import { LociError } from '../errors.ts';
import { SNAPSHOT_CHUNK_BYTES } from '../limits.ts';
import type { ChunkRef } from './manifest.ts';
import { concatBytes, tooLarge } from './read-limited.ts';

/** A chunk with its bytes. */
export interface Chunk extends ChunkRef {
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * The lines as chunks of whole lines, each line ended by a newline. Equal beginnings give equal
 * chunks, so that what was uploaded before is not uploaded again.
 *
 * @param limitBytes largest chunk, bytes; a longer line is PAYLOAD_TOO_LARGE.
 */
export async function* chunkLines(
  lines: AsyncIterable<string>,
  limitBytes = SNAPSHOT_CHUNK_BYTES,
): AsyncGenerator<Chunk> {
  const encoder = new TextEncoder();
  let parts: Uint8Array[] = [];
  let lengthBytes = 0;
  for await (const line of lines) {
    const bytes = encoder.encode(`${line}\n`);
    if (bytes.length > limitBytes) throw tooLarge(limitBytes);
    if (lengthBytes + bytes.length > limitBytes) {
      yield await makeChunk(parts, lengthBytes);
      parts = [];
      lengthBytes = 0;
    }
    parts.push(bytes);
    lengthBytes += bytes.length;
  }
  if (lengthBytes > 0) yield await makeChunk(parts, lengthBytes);
}

/**
 * The lines that chunks hold, without their newlines; a line may go on in the next chunk.
 *
 * @throws LociError STORAGE_CORRUPT if the bytes are not UTF-8 or the last line has no end.
 */
export function* linesOfChunks(chunks: Iterable<Uint8Array>): Generator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let rest = '';
  let index = 0;
  for (const chunk of chunks) {
    const lines = (rest + decodeText(decoder, chunk, index)).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
    index += 1;
  }
  rest += decodeText(decoder, undefined, index - 1);
  if (rest !== '') throw corrupt('The last line of the snapshot has no end', index - 1);
}

/**
 * Ends quietly if the bytes are those the manifest names.
 *
 * @throws LociError STORAGE_CORRUPT with the chunk's index in `details.chunk`.
 */
export async function verifyChunk(
  bytes: Uint8Array<ArrayBuffer>,
  ref: ChunkRef,
  index: number,
): Promise<void> {
  if (bytes.byteLength !== ref.length) {
    throw corrupt(`Chunk ${index} has ${bytes.byteLength} of ${ref.length} bytes`, index);
  }
  if ((await sha256Hex(bytes)) !== ref.sha256) {
    throw corrupt(`Chunk ${index} does not have the SHA-256 that names it`, index);
  }
}

/** SHA-256 as 64 lower-case hexadecimal digits. */
export async function sha256Hex(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  // Browsers hide it from pages that did not come over https or from localhost.
  if (typeof crypto === 'undefined' || crypto.subtle === undefined) {
    throw new LociError('STORAGE_UNAVAILABLE', 'This page cannot compute SHA-256', {
      hint: 'Open the page over https or from localhost.',
    });
  }
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function makeChunk(parts: readonly Uint8Array[], lengthBytes: number): Promise<Chunk> {
  const bytes = concatBytes(parts, lengthBytes);
  return { sha256: await sha256Hex(bytes), length: lengthBytes, bytes };
}

function decodeText(decoder: TextDecoder, chunk: Uint8Array | undefined, index: number): string {
  try {
    return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
  } catch (cause) {
    throw corrupt(`Chunk ${index} is not UTF-8`, index, cause);
  }
}

function corrupt(message: string, chunk: number, cause?: unknown): LociError {
  return new LociError('STORAGE_CORRUPT', message, {
    hint: 'Try again; if it stays so, restore an earlier snapshot.',
    details: { chunk },
    ...(cause === undefined ? {} : { cause }),
  });
}

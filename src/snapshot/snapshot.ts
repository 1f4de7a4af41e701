/** Memories as the lines of a snapshot, and back: a header, one JSON line per memory, a trailer. */
import * as v from 'valibot';
import { LociError, toLociError } from '../errors.ts';
import { isPrototypeKey } from '../memory/record.ts';
import type { EmbeddingInfo, Memory, NewMemory } from '../types.ts';
import { decodeVector, encodeVector } from './base64.ts';
import { checksumText, EMPTY_CHECKSUM, extendChecksum } from './checksum.ts';
import { entrySchema, FIELD_NAMES, headerSchema, trailerSchemas } from './entry-schema.ts';

/**
 * Version of the lines that is written, and the newest that is read.
 * 1: header, memories with all fields a host may set and their vectors in base64, trailer with count.
 * 2: the trailer also has the CRC-32 of all lines before it, and where memories could not be read, how many.
 * 3: memories may also say what they supersede and contradict, and have feedback.
 */
export const SNAPSHOT_VERSION = 3;

/** A memory read from a snapshot. */
export interface SnapshotEntry {
  /** With its id, and with its vector if it had one. */
  readonly memory: NewMemory & { readonly id: string };
  /** Who had made the vector: one of the engine's own may be made anew, one of the host's may not. */
  readonly vectorOrigin?: EmbeddingInfo['origin'] | undefined;
}

const encoder = new TextEncoder();

/**
 * The lines of a snapshot, without newlines. They hold nothing of when or how often a memory was
 * read, so that memories left alone give the same lines, and the same chunks, in every snapshot.
 *
 * @param memories as `list({ includeVector: true })` gives them.
 * @param unreadable how many were left out because they could not be read; asked after the last of them.
 */
export async function* encodeSnapshot(
  memories: AsyncIterable<Memory> | Iterable<Memory>,
  unreadable: () => number = () => 0,
): AsyncGenerator<string> {
  let count = 0;
  let checksum = EMPTY_CHECKSUM;
  const summed = (line: string) => {
    checksum = extendChecksum(checksum, encoder.encode(`${line}\n`));
    return line;
  };
  yield summed(JSON.stringify({ format: 'loci-snapshot', version: SNAPSHOT_VERSION }));
  for await (const memory of memories) {
    yield summed(encodeMemory(memory));
    count += 1;
  }
  const missing = unreadable() === 0 ? {} : { unreadable: unreadable() };
  yield JSON.stringify({ end: true, count, ...missing, crc32: checksumText(checksum) });
}

/**
 * The memories of a snapshot's lines, one at a time. All lines are good only when the last memory
 * was given and no error came.
 *
 * @throws LociError IMPORT_INVALID with `details.line` (from 1), NEWER_FORMAT of a later version.
 */
export function* decodeSnapshot(lines: Iterable<string>): Generator<SnapshotEntry> {
  const decoder = new SnapshotDecoder();
  for (const line of lines) {
    const entry = decoder.push(line);
    if (entry !== undefined) yield entry;
  }
  decoder.end();
}

/** Takes the lines of a snapshot one after the other and checks them; for who cannot wait for all. */
export class SnapshotDecoder {
  readonly #ids = new Set<string>();
  #line = 0;
  #version: 1 | 2 | 3 = SNAPSHOT_VERSION;
  #checksum = EMPTY_CHECKSUM;
  #hasEnded = false;

  /** Lines taken. */
  get line(): number {
    return this.#line;
  }

  /** Of the bytes of all lines taken. */
  get checksum(): number {
    return this.#checksum;
  }

  /**
   * Takes the next line, and answers the memory it holds; header and trailer hold none.
   *
   * @param line without its newline.
   * @param bytes the line and its newline, where they are at hand.
   * @throws LociError as {@link decodeSnapshot}; the decoder is not to be used after it.
   */
  push(line: string, bytes?: Uint8Array): SnapshotEntry | undefined {
    this.#line += 1;
    if (this.#hasEnded) throw brokenLine(this.#line, 'A line follows the end');
    const before = this.#checksum;
    this.#checksum = extendChecksum(before, bytes ?? encoder.encode(`${line}\n`));
    const value = parseLine(line, this.#line);
    if (this.#line === 1) {
      this.#version = readHeader(value);
    } else if (Object.hasOwn(value, 'end')) {
      this.#checkTrailer(value, before);
      this.#hasEnded = true;
    } else {
      return this.#entry(value);
    }
    return undefined;
  }

  /** To be called after the last line. */
  end(): void {
    if (!this.#hasEnded) throw brokenLine(this.#line + 1, 'The snapshot ends too early');
  }

  #entry(value: object): SnapshotEntry {
    const entry = decodeMemory(value, this.#line);
    if (this.#ids.has(entry.memory.id)) throw brokenLine(this.#line, 'A memory comes twice');
    this.#ids.add(entry.memory.id);
    return entry;
  }

  #checkTrailer(value: object, checksum: number): void {
    const trailer = parse(trailerSchemas[this.#version], value, this.#line);
    const seen = this.#ids.size;
    if (trailer.count !== seen)
      throw brokenLine(this.#line, `The end names ${trailer.count} memories and ${seen} came`);
    if ('crc32' in trailer && trailer.crc32 !== checksumText(checksum))
      throw brokenLine(
        this.#line,
        `The lines before have the checksum ${checksumText(checksum)}, and the end names ${trailer.crc32}: something was changed on the way`,
      );
  }
}

/** The error of a line that is not one. */
export function brokenLine(line: number, reason: string, cause?: unknown): LociError {
  return new LociError('IMPORT_INVALID', `Line ${line} of the snapshot cannot be read. ${reason}`, {
    hint: 'Nothing was changed. Restore an earlier snapshot.',
    details: { line, reason },
    ...(cause === undefined ? {} : { cause }),
  });
}

function encodeMemory(memory: Memory): string {
  const { embedding, vector } = memory;
  return JSON.stringify({
    id: memory.id,
    ...Object.fromEntries(FIELD_NAMES.map((name) => [name, memory[name]])),
    ...(embedding === undefined || vector === undefined
      ? {}
      : {
          embedding: {
            modelId: embedding.modelId,
            space: embedding.space,
            dimensions: vector.length,
            origin: embedding.origin,
            vector: encodeVector(vector),
          },
        }),
  });
}

function decodeMemory(value: object, line: number): SnapshotEntry {
  const { embedding, ...memory } = parse(entrySchema, value, line);
  if (embedding === undefined) return { memory };
  const { modelId, space, dimensions, origin } = embedding;
  try {
    const vector = decodeVector(embedding.vector, dimensions);
    return { memory: { ...memory, embedding: { modelId, space, vector } }, vectorOrigin: origin };
  } catch (cause) {
    throw brokenLine(line, toLociError(cause).message, cause);
  }
}

function parseLine(text: string, line: number): object {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw brokenLine(line, 'It is not JSON', cause);
  }
  if (typeof value !== 'object' || value === null) throw brokenLine(line, 'It is not a JSON object');
  return value;
}

function readHeader(value: object): 1 | 2 | 3 {
  const isOurs = 'format' in value && value.format === 'loci-snapshot';
  if (isOurs && 'version' in value && Number(value.version) > SNAPSHOT_VERSION) {
    throw new LociError('NEWER_FORMAT', `The snapshot has version ${String(value.version)}`, {
      hint: 'A newer Loci wrote it: update, and nothing is lost.',
      details: { supported: SNAPSHOT_VERSION },
    });
  }
  return parse(headerSchema, value, 1).version;
}

function parse<const S extends v.GenericSchema>(schema: S, value: object, line: number): v.InferOutput<S> {
  refusePrototypeKeys(value, line);
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw brokenLine(line, `${v.getDotPath(issue) ?? 'The line'}: ${issue.message}`);
}

/** How deep the objects of a line lie that are not metadata: the line, a list of links, a link. */
const LINE_DEPTH = 2;

/** A strict object of valibot lets these pass, for every object inherits them. Metadata are the engine's to judge. */
function refusePrototypeKeys(value: object, line: number, depth = 0): void {
  for (const [key, inner] of Object.entries(value)) {
    if (isPrototypeKey(key)) throw brokenLine(line, "It has a key that reaches an object's prototype");
    const isOurs = key !== 'metadata' && depth < LINE_DEPTH;
    if (isOurs && typeof inner === 'object' && inner !== null) refusePrototypeKeys(inner, line, depth + 1);
  }
}

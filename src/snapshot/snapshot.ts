/** Memories as the lines of a snapshot, and back: a header, one JSON line per memory, a trailer. */
import * as v from 'valibot';
import { LociError, toLociError } from '../errors.ts';
import type { EmbeddingInfo, Memory, NewMemory } from '../types.ts';
import { decodeVector, encodeVector } from './base64.ts';
import { entrySchema, FIELD_NAMES, headerSchema, trailerSchema } from './entry-schema.ts';

/**
 * Version of the lines that is written, and the newest that is read.
 * 1: header, memories with all fields a host may set and their vectors in base64, trailer with count.
 */
export const SNAPSHOT_VERSION = 1;

/** A memory read from a snapshot. */
export interface SnapshotEntry {
  /** With its id, and with its vector if it had one. */
  readonly memory: NewMemory & { readonly id: string };
  /** Who had made the vector: one of the engine's own may be made anew, one of the host's may not. */
  readonly vectorOrigin?: EmbeddingInfo['origin'] | undefined;
}

/**
 * The lines of a snapshot, without newlines. They hold nothing of when or how often a memory was
 * read, so that memories left alone give the same lines, and the same chunks, in every snapshot.
 *
 * @param memories as `list({ includeVector: true })` gives them.
 */
export async function* encodeSnapshot(
  memories: AsyncIterable<Memory> | Iterable<Memory>,
): AsyncGenerator<string> {
  yield JSON.stringify({ format: 'loci-snapshot', version: SNAPSHOT_VERSION });
  let count = 0;
  for await (const memory of memories) {
    yield encodeMemory(memory);
    count += 1;
  }
  yield JSON.stringify({ end: true, count });
}

/**
 * The memories of a snapshot's lines, one at a time. All lines are good only when the last memory
 * was given and no error came.
 *
 * @throws LociError IMPORT_INVALID with `details.line` (from 1), NEWER_FORMAT of a later version.
 */
export function* decodeSnapshot(lines: Iterable<string>): Generator<SnapshotEntry> {
  const seen = new Set<string>();
  let line = 0;
  let hasEnded = false;
  for (const text of lines) {
    line += 1;
    if (hasEnded) throw broken(line, 'A line follows the end');
    const value = parseLine(text, line);
    if (line === 1) {
      checkHeader(value);
    } else if ('end' in value) {
      checkTrailer(value, seen.size, line);
      hasEnded = true;
    } else {
      const entry = decodeMemory(value, line);
      if (seen.has(entry.memory.id)) throw broken(line, 'A memory comes twice');
      seen.add(entry.memory.id);
      yield entry;
    }
  }
  if (!hasEnded) throw broken(line + 1, 'The snapshot ends too early');
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
    throw broken(line, toLociError(cause).message, cause);
  }
}

function parseLine(text: string, line: number): object {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw broken(line, 'It is not JSON', cause);
  }
  if (typeof value !== 'object' || value === null) throw broken(line, 'It is not a JSON object');
  return value;
}

function checkHeader(value: object): void {
  const isOurs = 'format' in value && value.format === 'loci-snapshot';
  if (isOurs && 'version' in value && Number(value.version) > SNAPSHOT_VERSION) {
    throw new LociError('NEWER_FORMAT', `The snapshot has version ${String(value.version)}`, {
      hint: 'A newer Loci wrote it: update, and nothing is lost.',
      details: { supported: SNAPSHOT_VERSION },
    });
  }
  parse(headerSchema, value, 1);
}

function checkTrailer(value: object, seen: number, line: number): void {
  const { count } = parse(trailerSchema, value, line);
  if (count !== seen) throw broken(line, `The end names ${count} memories and ${seen} came`);
}

function parse<const S extends v.GenericSchema>(schema: S, value: object, line: number): v.InferOutput<S> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw broken(line, `${v.getDotPath(issue) ?? 'The line'}: ${issue.message}`);
}

function broken(line: number, reason: string, cause?: unknown): LociError {
  return new LociError('IMPORT_INVALID', `Line ${line} of the snapshot cannot be read. ${reason}`, {
    hint: 'Nothing was changed. Restore an earlier snapshot.',
    details: { line },
    ...(cause === undefined ? {} : { cause }),
  });
}

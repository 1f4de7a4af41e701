/** The manifest of a snapshot: which chunks it is made of, in order, and how much they hold. */
import * as v from 'valibot';
import { LociError } from '../errors.ts';
import { MAX_SNAPSHOT_BYTES, MAX_SNAPSHOT_CHUNKS, SNAPSHOT_CHUNK_BYTES } from '../limits.ts';

/**
 * Version of the manifest that is written, and the newest that is read.
 * 1: chunks with SHA-256 and length, the count of memories, and the time.
 */
export const MANIFEST_VERSION = 1;

const wholeNumber = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const manifestSchema = v.strictObject({
  version: v.literal(MANIFEST_VERSION),
  /** ms since the epoch. */
  createdAt: wholeNumber,
  /** Memories in the snapshot. */
  count: wholeNumber,
  /** Bytes of all chunks. */
  sizeBytes: wholeNumber,
  chunks: v.pipe(
    v.array(
      v.strictObject({
        sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
        /** Bytes. */
        length: v.pipe(wholeNumber, v.minValue(1), v.maxValue(SNAPSHOT_CHUNK_BYTES)),
      }),
    ),
    v.minLength(1),
    v.maxLength(MAX_SNAPSHOT_CHUNKS),
  ),
});

/** What a snapshot is made of. */
export type SnapshotManifest = v.InferOutput<typeof manifestSchema>;

/** One chunk as its manifest names it: `length` in bytes. */
export type ChunkRef = SnapshotManifest['chunks'][number];

/** A snapshot as the list shows it. */
export interface SnapshotSummary {
  /** A UUIDv7: its order is the order of time. */
  readonly snapshotId: string;
  /** ms since the epoch. */
  readonly createdAt: number;
  readonly count: number;
  readonly sizeBytes: number;
}

/**
 * A manifest from outside, checked: shape, limits, and that its lengths add up.
 *
 * @throws LociError NEWER_FORMAT of a later version, PAYLOAD_TOO_LARGE above the size limit, else INVALID_INPUT.
 */
export function parseManifest(value: unknown): SnapshotManifest {
  refuseNewer(value);
  const result = v.safeParse(manifestSchema, value);
  if (!result.success) {
    const [issue] = result.issues;
    throw invalid(`The manifest is not valid at "${v.getDotPath(issue) ?? ''}": ${issue.message}`);
  }
  const manifest = result.output;
  const sumBytes = manifest.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  if (sumBytes !== manifest.sizeBytes) {
    throw invalid(`The manifest says ${manifest.sizeBytes} bytes and its chunks have ${sumBytes}`);
  }
  if (sumBytes > MAX_SNAPSHOT_BYTES) throw snapshotTooLarge();
  return manifest;
}

/** The error of a snapshot above {@link MAX_SNAPSHOT_BYTES}. */
export function snapshotTooLarge(): LociError {
  return new LociError('PAYLOAD_TOO_LARGE', `A snapshot has at most ${MAX_SNAPSHOT_BYTES} bytes`, {
    hint: 'Spread the memories over several namespaces.',
    details: { limitBytes: MAX_SNAPSHOT_BYTES },
  });
}

function refuseNewer(value: unknown): void {
  if (typeof value !== 'object' || value === null || !('version' in value)) return;
  if (typeof value.version !== 'number' || value.version <= MANIFEST_VERSION) return;
  throw new LociError('NEWER_FORMAT', `The manifest has version ${value.version}`, {
    hint: 'A newer Loci wrote it: update, and nothing is lost.',
    details: { supported: MANIFEST_VERSION },
  });
}

function invalid(message: string): LociError {
  return new LociError('INVALID_INPUT', message, { hint: 'Make the manifest with the snapshot client.' });
}

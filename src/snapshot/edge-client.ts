/** Backs up a namespace to the edge and restores it from there. */
import { v7 as uuidV7 } from 'uuid';
import * as v from 'valibot';
import { isLociError, LociError } from '../errors.ts';
import { EDGE_ANSWER_BYTES, MAX_SNAPSHOT_BYTES, SNAPSHOT_CHUNK_BYTES } from '../limits.ts';
import type { MemoryEngine } from '../types.ts';
import { type Chunk, chunkLines, verifyChunk } from './chunks.ts';
import { createEdgeRequest, type EdgeAddress, type EdgeRequest, parseJson } from './edge-request.ts';
import {
  type ChunkRef,
  MANIFEST_VERSION,
  parseManifest,
  type SnapshotManifest,
  type SnapshotSummary,
  snapshotTooLarge,
} from './manifest.ts';
import {
  countMemories,
  type RestoreCounts,
  readMemories,
  type SnapshotProgress,
  writeMemories,
} from './memories.ts';
import { checkNamespace, checkSnapshotId } from './names.ts';
import { encodeSnapshot } from './snapshot.ts';

export interface BackUpResult extends SnapshotSummary {
  /** Chunks of the snapshot. */
  readonly chunks: number;
  /** Of which were not at the edge before. */
  readonly chunksUploaded: number;
  /** Memories that are not in it because their contents are lost to damage. */
  readonly unreadable: number;
}

export interface RestoreResult extends RestoreCounts {
  readonly snapshotId: string;
}

export interface SnapshotPage {
  /** Newest first. */
  readonly snapshots: readonly SnapshotSummary[];
  /** Give it to the next call; absent on the last page. */
  readonly nextCursor?: string | undefined;
}

export interface EdgeClientOptions extends EdgeAddress {
  /** The time, ms since the epoch. Default: the clock's. */
  readonly now?: (() => number) | undefined;
  /** A new UUIDv7 of that time. */
  readonly newId?: ((now: number) => string) | undefined;
}

/** Snapshots of one tenant at the edge. */
export interface EdgeClient {
  /**
   * Uploads all memories and then their manifest: a snapshot exists whole or not at all. After an
   * error call it again; chunks that arrived are not sent twice.
   */
  backUp(
    engine: MemoryEngine,
    namespace: string,
    onProgress?: (progress: SnapshotProgress) => void,
  ): Promise<BackUpResult>;
  /** A page of snapshots, newest first; `limit` 1–1,000, default 50. */
  list(namespace: string, options?: { limit?: number; cursor?: string }): Promise<SnapshotPage>;
  /**
   * Writes the memories of a snapshot that the engine does not hold. Nothing is written before all of
   * it is downloaded, verified and read; after an error while writing, whose `details` have the counts, call it again.
   */
  restore(
    engine: MemoryEngine,
    namespace: string,
    snapshotId: string,
    onProgress?: (progress: SnapshotProgress) => void,
  ): Promise<RestoreResult>;
}

/**
 * A client of one edge; the token says which tenant.
 *
 * @example
 * const edge = createEdgeClient({ url: 'http://127.0.0.1:8801', token });
 * await edge.backUp(memory, 'default');
 * await edge.restore(memory, 'default', 'latest');
 */
export function createEdgeClient(options: EdgeClientOptions): EdgeClient {
  const request = createEdgeRequest(options);
  const now = options.now ?? Date.now;
  const newId = options.newId ?? ((msecs) => uuidV7({ msecs }));
  return {
    backUp: async (engine, namespace, onProgress = ignore) => {
      const path = pathOf(namespace);
      const uploaded = await uploadChunks(request, path, engine, onProgress);
      const createdAt = now();
      const { count, sizeBytes, chunks } = uploaded;
      const manifest: SnapshotManifest = { version: MANIFEST_VERSION, createdAt, count, sizeBytes, chunks };
      const snapshotId = newId(createdAt);
      const body = JSON.stringify(parseManifest(manifest));
      await request({ method: 'PUT', path: `${path}/${snapshotId}`, body, limitBytes: EDGE_ANSWER_BYTES });
      const { chunksUploaded, unreadable } = uploaded;
      return { snapshotId, createdAt, count, sizeBytes, chunks: chunks.length, chunksUploaded, unreadable };
    },
    list: (namespace, page = {}) => listSnapshots(request, pathOf(namespace), page),
    restore: async (engine, namespace, snapshotId, onProgress = ignore) => {
      const path = pathOf(namespace);
      const found = await fetchManifest(request, path, snapshotId);
      const chunks = await downloadChunks(request, path, found.manifest, onProgress);
      countMemories(chunks, found.manifest.count, onProgress);
      const written = await writeMemories(engine, chunks, found.manifest.count, onProgress);
      return { snapshotId: found.snapshotId, ...written };
    },
  };
}

interface Uploaded {
  readonly count: number;
  readonly sizeBytes: number;
  readonly chunks: ChunkRef[];
  readonly chunksUploaded: number;
  readonly unreadable: number;
}

async function uploadChunks(
  request: EdgeRequest,
  path: string,
  engine: MemoryEngine,
  onProgress: (progress: SnapshotProgress) => void,
): Promise<Uploaded> {
  const read = { count: 0, total: 0, unreadable: 0 };
  const chunks: ChunkRef[] = [];
  let sizeBytes = 0;
  let chunksUploaded = 0;
  for await (const chunk of chunkLines(encodeSnapshot(readMemories(engine, read), () => read.unreadable))) {
    sizeBytes += chunk.length;
    if (sizeBytes > MAX_SNAPSHOT_BYTES) throw snapshotTooLarge();
    if (await uploadChunk(request, path, chunk)) chunksUploaded += 1;
    chunks.push({ sha256: chunk.sha256, length: chunk.length });
    onProgress({ phase: 'upload', done: read.count, total: Math.max(read.total, read.count) });
  }
  return { count: read.count, sizeBytes, chunks, chunksUploaded, unreadable: read.unreadable };
}

/** Answers whether the chunk had to be sent. */
async function uploadChunk(request: EdgeRequest, path: string, chunk: Chunk): Promise<boolean> {
  const at = `${path}/chunks/${chunk.sha256}`;
  try {
    await request({ method: 'HEAD', path: at, limitBytes: 0 });
    return false;
  } catch (error) {
    if (!isLociError(error) || error.code !== 'NOT_FOUND') throw error;
  }
  await request({ method: 'PUT', path: at, body: chunk.bytes, limitBytes: EDGE_ANSWER_BYTES });
  return true;
}

const pageSchema = v.object({
  snapshots: v.array(
    v.object({ snapshotId: v.string(), createdAt: v.number(), count: v.number(), sizeBytes: v.number() }),
  ),
  nextCursor: v.optional(v.string()),
});

async function listSnapshots(
  request: EdgeRequest,
  path: string,
  { limit, cursor }: { limit?: number; cursor?: string },
): Promise<SnapshotPage> {
  const query = new URLSearchParams();
  if (limit !== undefined) query.set('limit', String(limit));
  if (cursor !== undefined) query.set('cursor', cursor);
  const at = query.size === 0 ? path : `${path}?${query}`;
  const answer = await request({ method: 'GET', path: at, limitBytes: EDGE_ANSWER_BYTES });
  return readAnswer(pageSchema, answer);
}

const foundSchema = v.object({ snapshotId: v.string(), manifest: v.unknown() });

async function fetchManifest(
  request: EdgeRequest,
  path: string,
  snapshotId: string,
): Promise<{ snapshotId: string; manifest: SnapshotManifest }> {
  const name = snapshotId === 'latest' ? snapshotId : checkSnapshotId(snapshotId);
  const answer = await request({ method: 'GET', path: `${path}/${name}`, limitBytes: EDGE_ANSWER_BYTES });
  const found = readAnswer(foundSchema, answer);
  return { snapshotId: found.snapshotId, manifest: parseManifest(found.manifest) };
}

/** All chunks, verified; they are kept as bytes, a fraction of what the decoded memories take. */
async function downloadChunks(
  request: EdgeRequest,
  path: string,
  manifest: SnapshotManifest,
  onProgress: (progress: SnapshotProgress) => void,
): Promise<Uint8Array<ArrayBuffer>[]> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  for (const ref of manifest.chunks) {
    const at = `${path}/chunks/${ref.sha256}`;
    const bytes = await request({ method: 'GET', path: at, limitBytes: SNAPSHOT_CHUNK_BYTES });
    await verifyChunk(bytes, ref, chunks.length);
    chunks.push(bytes);
    onProgress({ phase: 'download', done: chunks.length, total: manifest.chunks.length });
  }
  return chunks;
}

function readAnswer<const S extends v.GenericSchema>(schema: S, answer: Uint8Array): v.InferOutput<S> {
  const result = v.safeParse(schema, parseJson(answer));
  if (result.success) return result.output;
  throw new LociError('REMOTE_FAILED', 'The edge gave an answer that cannot be read', {
    hint: 'Check that the address is that of a Loci edge.',
  });
}

function pathOf(namespace: string): string {
  return `/v1/snapshots/${encodeURIComponent(checkNamespace(namespace))}`;
}

function ignore(): undefined {
  return undefined;
}

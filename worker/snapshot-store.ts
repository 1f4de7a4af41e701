/** Snapshots of one tenant in R2: immutable chunks named by their SHA-256, and small manifests. */
import { LociError, toLociError } from '../src/errors.ts';
import { EDGE_LOOKUPS_AT_ONCE } from '../src/limits.ts';
import { parseManifest, type SnapshotManifest, type SnapshotSummary } from '../src/snapshot/manifest.ts';

/** One namespace of one tenant; the names are checked already. */
export interface Scope {
  readonly tenant: string;
  readonly namespace: string;
}

/** R2's own most objects of one list. */
const R2_LIST_MAX = 1_000;
/** R2 writes only where nothing is. */
const ONLY_NEW = new Headers({ 'If-None-Match': '*' });

/** Keeps a chunk; answers false where it was there already, and then writes nothing. */
export async function putChunk(
  bucket: R2Bucket,
  scope: Scope,
  sha256: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  const key = chunkKey(scope, sha256);
  return (await attempt(() => bucket.put(key, bytes, { onlyIf: ONLY_NEW, sha256 }))) !== null;
}

/** A chunk with its bytes, or null. The caller must consume its body. */
export async function getChunk(bucket: R2Bucket, scope: Scope, sha256: string): Promise<R2ObjectBody | null> {
  return attempt(() => bucket.get(chunkKey(scope, sha256)));
}

/** What is known of a chunk without its bytes, or null. */
export async function headChunk(bucket: R2Bucket, scope: Scope, sha256: string): Promise<R2Object | null> {
  return attempt(() => bucket.head(chunkKey(scope, sha256)));
}

/** The names of the chunks that a manifest names and that are absent or of another length. */
export async function missingChunks(
  bucket: R2Bucket,
  scope: Scope,
  manifest: SnapshotManifest,
): Promise<string[]> {
  const missing = new Set<string>();
  for (let at = 0; at < manifest.chunks.length; at += EDGE_LOOKUPS_AT_ONCE) {
    const refs = manifest.chunks.slice(at, at + EDGE_LOOKUPS_AT_ONCE);
    const found = await Promise.all(refs.map((ref) => headChunk(bucket, scope, ref.sha256)));
    refs.forEach((ref, i) => {
      if (found[i]?.size !== ref.length) missing.add(ref.sha256);
    });
  }
  return [...missing];
}

/**
 * Keeps a manifest; answers false where the same one was there already.
 *
 * @throws LociError CONFLICT where another manifest has this id: snapshots do not change.
 */
export async function putManifest(
  bucket: R2Bucket,
  scope: Scope,
  snapshotId: string,
  manifest: SnapshotManifest,
): Promise<boolean> {
  const { createdAt, count, sizeBytes } = manifest;
  const text = JSON.stringify(manifest);
  const customMetadata = {
    createdAt: String(createdAt),
    count: String(count),
    sizeBytes: String(sizeBytes),
  };
  const key = manifestKey(scope, snapshotId);
  const written = await attempt(() => bucket.put(key, text, { onlyIf: ONLY_NEW, customMetadata }));
  if (written !== null) return true;
  const held = await attempt(async () => (await bucket.get(key))?.text());
  if (held === text) return false;
  throw new LociError('CONFLICT', 'Another snapshot has this id', { hint: 'Make the snapshot a new id.' });
}

/** A manifest, or null. */
export async function getManifest(
  bucket: R2Bucket,
  scope: Scope,
  snapshotId: string,
): Promise<SnapshotManifest | null> {
  const text = await attempt(async () => (await bucket.get(manifestKey(scope, snapshotId)))?.text());
  return text === undefined ? null : parseManifest(JSON.parse(text));
}

/**
 * A page of a namespace's snapshots, newest first.
 *
 * @param page `limit` snapshots after the id `cursor`; `atOnce` is how many R2 is asked for at a time.
 */
export async function listManifests(
  bucket: R2Bucket,
  scope: Scope,
  page: { readonly limit: number; readonly cursor?: string | undefined; readonly atOnce?: number },
): Promise<{ snapshots: SnapshotSummary[]; nextCursor?: string }> {
  const prefix = manifestPrefix(scope);
  const startAfter = page.cursor === undefined ? undefined : manifestKey(scope, page.cursor);
  const snapshots: SnapshotSummary[] = [];
  let cursor: string | undefined;
  do {
    const limit = Math.min(page.limit - snapshots.length, page.atOnce ?? R2_LIST_MAX);
    const from = cursor === undefined ? { startAfter } : { cursor };
    const listed = await attempt(() => bucket.list({ prefix, limit, include: ['customMetadata'], ...from }));
    for (const object of listed.objects) snapshots.push(summaryOf(object, prefix));
    cursor = listed.truncated ? listed.cursor : undefined;
  } while (cursor !== undefined && snapshots.length < page.limit);
  const last = snapshots.at(-1);
  return cursor === undefined || last === undefined
    ? { snapshots }
    : { snapshots, nextCursor: last.snapshotId };
}

function summaryOf(object: R2Object, prefix: string): SnapshotSummary {
  const { createdAt, count, sizeBytes } = object.customMetadata ?? {};
  return {
    snapshotId: idOfReversed(object.key.slice(prefix.length)),
    createdAt: Number(createdAt),
    count: Number(count),
    sizeBytes: Number(sizeBytes),
  };
}

function chunkKey(scope: Scope, sha256: string): string {
  return `t/${scope.tenant}/n/${scope.namespace}/chunks/${sha256}`;
}

function manifestPrefix(scope: Scope): string {
  return `t/${scope.tenant}/n/${scope.namespace}/manifests/`;
}

/** R2 lists by rising key, so the id's digits are taken from 15: then the newest comes first. */
function manifestKey(scope: Scope, snapshotId: string): string {
  return manifestPrefix(scope) + reverseDigits(snapshotId.replaceAll('-', ''));
}

function idOfReversed(name: string): string {
  const digits = reverseDigits(name);
  return [0, 8, 12, 16, 20].map((from, i, cuts) => digits.slice(from, cuts[i + 1])).join('-');
}

function reverseDigits(digits: string): string {
  return digits.replace(/[0-9a-f]/g, (digit) => (15 - Number.parseInt(digit, 16)).toString(16));
}

async function attempt<T>(operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (cause) {
    throw new LociError('STORAGE_FAILED', 'The storage of the edge failed', {
      retryable: true,
      hint: 'Try again in a moment.',
      cause: toLociError(cause),
    });
  }
}

/** The routes of snapshots; `requireTenant` must run before them. */
import { type Context, Hono } from 'hono';
import { LociError } from '../src/errors.ts';
import {
  DEFAULT_LIST_LIMIT,
  MAX_LIMIT,
  SNAPSHOT_CHUNK_BYTES,
  SNAPSHOT_CLOCK_AHEAD_MS,
  SNAPSHOT_MANIFEST_BYTES,
} from '../src/limits.ts';
import { sha256Hex } from '../src/snapshot/chunks.ts';
import { parseManifest } from '../src/snapshot/manifest.ts';
import { checkNamespace, checkSha256, checkSnapshotId, snapshotIdTime } from '../src/snapshot/names.ts';
import { readLimited, tooLarge } from '../src/snapshot/read-limited.ts';
import type { EdgeContext } from './env.ts';
import { notFound } from './errors.ts';
import {
  getChunk,
  getManifest,
  headChunk,
  listManifests,
  missingChunks,
  putChunk,
  putManifest,
  type Scope,
} from './snapshot-store.ts';

export const snapshotRoutes = new Hono<EdgeContext>();

snapshotRoutes.put('/:namespace/chunks/:sha256', async (c) => {
  const scope = scopeOf(c);
  const sha256 = checkSha256(c.req.param('sha256'));
  const bytes = await readBody(c, SNAPSHOT_CHUNK_BYTES);
  if ((await sha256Hex(bytes)) !== sha256) {
    throw new LociError('INVALID_INPUT', 'The bytes do not have the SHA-256 that names them', {
      hint: 'Send the chunk again.',
      retryable: true,
    });
  }
  const isNew = await putChunk(c.env.SNAPSHOTS, scope, sha256, bytes);
  return c.json({ sha256, length: bytes.length }, isNew ? 201 : 200);
});

snapshotRoutes.get('/:namespace/chunks/:sha256', async (c) => {
  const scope = scopeOf(c);
  const sha256 = checkSha256(c.req.param('sha256'));
  // Hono sends HEAD here too and drops the body, and a body of R2 must be consumed.
  if (c.req.raw.method === 'HEAD') {
    const head = await headChunk(c.env.SNAPSHOTS, scope, sha256);
    if (head === null) throw notFound();
    setChunkHeaders(c, head);
    return c.body(null);
  }
  const object = await getChunk(c.env.SNAPSHOTS, scope, sha256);
  if (object === null) throw notFound();
  setChunkHeaders(c, object);
  return c.body(object.body);
});

snapshotRoutes.put('/:namespace/:snapshotId', async (c) => {
  const scope = scopeOf(c);
  const snapshotId = checkSnapshotId(c.req.param('snapshotId'));
  if (snapshotIdTime(snapshotId) > Date.now() + SNAPSHOT_CLOCK_AHEAD_MS) {
    throw new LociError('INVALID_INPUT', 'The id of the snapshot lies in the future', {
      hint: 'Set the clock of the device.',
    });
  }
  const manifest = parseManifest(parseJson(await readBody(c, SNAPSHOT_MANIFEST_BYTES)));
  const missing = await missingChunks(c.env.SNAPSHOTS, scope, manifest);
  if (missing.length > 0) {
    throw new LociError('CONFLICT', 'Chunks of the snapshot are not here', {
      hint: 'Upload the missing chunks and then the manifest again.',
      details: { missing },
    });
  }
  const isNew = await putManifest(c.env.SNAPSHOTS, scope, snapshotId, manifest);
  return c.json({ snapshotId }, isNew ? 201 : 200);
});

snapshotRoutes.get('/:namespace/:snapshotId', async (c) => {
  const scope = scopeOf(c);
  const snapshotId = await resolveId(c, scope, c.req.param('snapshotId'));
  const manifest = await getManifest(c.env.SNAPSHOTS, scope, snapshotId);
  if (manifest === null) throw notFound();
  return c.json({ snapshotId, manifest });
});

snapshotRoutes.get('/:namespace', async (c) => {
  const scope = scopeOf(c);
  const limit = limitOf(c.req.query('limit'));
  const after = c.req.query('cursor');
  const cursor = after === undefined ? undefined : checkSnapshotId(after);
  return c.json(await listManifests(c.env.SNAPSHOTS, scope, { limit, cursor }));
});

function setChunkHeaders(c: Context<EdgeContext>, object: R2Object): void {
  c.header('Content-Type', 'application/octet-stream');
  c.header('Content-Length', String(object.size));
}

/** The tenant of the token with the namespace of the path. */
function scopeOf(c: Context<EdgeContext>): Scope {
  return { tenant: c.get('tenant'), namespace: checkNamespace(c.req.param('namespace') ?? '') };
}

async function resolveId(c: Context<EdgeContext>, scope: Scope, name: string): Promise<string> {
  if (name !== 'latest') return checkSnapshotId(name);
  const [latest] = (await listManifests(c.env.SNAPSHOTS, scope, { limit: 1 })).snapshots;
  if (latest === undefined) throw notFound();
  return latest.snapshotId;
}

/** The body, refused by its announced length where it has one, and in any case by its real one. */
async function readBody(c: Context<EdgeContext>, limitBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const body = c.req.raw.body;
  if (Number(c.req.header('Content-Length') ?? 0) > limitBytes) {
    const error = tooLarge(limitBytes);
    await body?.cancel(error);
    throw error;
  }
  return readLimited(body, limitBytes);
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes));
  } catch (cause) {
    throw new LociError('INVALID_INPUT', 'The body is not JSON', {
      hint: 'Send the manifest as JSON.',
      cause,
    });
  }
}

function limitOf(text: string | undefined): number {
  if (text === undefined) return DEFAULT_LIST_LIMIT;
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw new LociError('INVALID_INPUT', 'The limit is not a whole number in its range', {
    hint: `Ask for 1 to ${MAX_LIMIT} snapshots.`,
  });
}

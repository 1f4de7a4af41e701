/** For tests in workerd: tokens, and requests to the Worker under test. */
import { env, exports } from 'cloudflare:workers';
import { SignJWT } from 'jose';
import { sha256Hex } from '../src/snapshot/chunks.ts';
import type { SnapshotManifest } from '../src/snapshot/manifest.ts';

export const BASE = 'https://edge.test';

/** A valid token of a tenant, or one with what is given. */
export async function makeToken(
  tenant: unknown,
  more: { secret?: string; issuer?: string; expires?: number | string } = {},
): Promise<string> {
  return new SignJWT({ tenant })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer(more.issuer ?? 'loci')
    .setExpirationTime(more.expires ?? '5m')
    .sign(new TextEncoder().encode(more.secret ?? env.LOCI_TOKEN_SECRET));
}

/** A request with a tenant's token. */
export async function call(
  tenant: string,
  method: string,
  path: string,
  body?: BodyInit,
  headers: Record<string, string> = {},
): Promise<Response> {
  const token = await makeToken(tenant);
  return exports.default.fetch(BASE + path, {
    method,
    headers: { Authorization: `Bearer ${token}`, ...headers },
    ...(body === undefined ? {} : { body }),
  });
}

/** The code of an error's answer. */
export async function codeOf(response: Response): Promise<string> {
  const { error } = await response.json<{ error: { code: string } }>();
  return error.code;
}

/** A snapshot's id of a time. */
export function idAt(ms: number, n = 0): string {
  const time = ms.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${n.toString(16).padStart(12, '0')}`;
}

/** Uploads one small chunk and answers a manifest of it. */
export async function uploadedManifest(tenant: string, namespace: string): Promise<SnapshotManifest> {
  const bytes = Uint8Array.from(new TextEncoder().encode('some lines\n'));
  const sha256 = await sha256Hex(bytes);
  const response = await call(tenant, 'PUT', `/v1/snapshots/${namespace}/chunks/${sha256}`, bytes);
  await response.arrayBuffer();
  const chunks = [{ sha256, length: bytes.length }];
  return { version: 1, createdAt: 1, count: 0, sizeBytes: bytes.length, chunks };
}

/** Who calls: verifies the bearer token and takes the tenant from it. */
import { createMiddleware } from 'hono/factory';
import { jwtVerify } from 'jose';
import { LociError } from '../src/errors.ts';
import { MAX_SCOPE_CHARS, TOKEN_CLOCK_TOLERANCE_S, TOKEN_SECRET_MIN_BYTES } from '../src/limits.ts';
import type { EdgeContext, Env } from './env.ts';

/** It becomes part of every storage key, so it may not hold what separates the parts of a key. */
const SAFE_TENANT = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** Lets a request pass only with a valid token, and sets `tenant`. */
export const requireTenant = createMiddleware<EdgeContext>(async (c, next) => {
  const [, token] = /^Bearer +([^\s]+)$/i.exec(c.req.header('Authorization') ?? '') ?? [];
  if (token === undefined) throw unauthorized();
  c.set('tenant', await verifyTenant(token, c.env));
  await next();
});

async function verifyTenant(token: string, env: Env): Promise<string> {
  const key = signatureKey(env.LOCI_TOKEN_SECRET);
  if (!env.LOCI_TOKEN_ISSUER) throw misconfigured('LOCI_TOKEN_ISSUER is not set');
  const claims = await jwtVerify(token, key, {
    algorithms: ['HS256'],
    issuer: env.LOCI_TOKEN_ISSUER,
    requiredClaims: ['exp', 'tenant'],
    clockTolerance: TOKEN_CLOCK_TOLERANCE_S,
  }).catch((cause: unknown) => {
    throw unauthorized(cause);
  });
  const { tenant } = claims.payload;
  if (typeof tenant !== 'string' || tenant.length > MAX_SCOPE_CHARS || !SAFE_TENANT.test(tenant)) {
    throw unauthorized();
  }
  return tenant;
}

/** Without a key long enough nobody gets in: an empty one would verify what anybody signs with it. */
function signatureKey(secret: string | undefined): Uint8Array {
  const key = new TextEncoder().encode(secret ?? '');
  if (key.length < TOKEN_SECRET_MIN_BYTES) {
    throw misconfigured(`LOCI_TOKEN_SECRET has fewer than ${TOKEN_SECRET_MIN_BYTES} bytes`);
  }
  return key;
}

/** One answer for every reason, so that it helps nobody to guess. */
function unauthorized(cause?: unknown): LociError {
  return new LociError('UNAUTHORIZED', 'The token is missing or not valid', {
    hint: 'Send "Authorization: Bearer …" with a current token of this edge.',
    ...(cause === undefined ? {} : { cause }),
  });
}

function misconfigured(reason: string): LociError {
  return new LociError('INTERNAL', 'The edge is not set up', {
    hint: 'Ask its operator to look at the log.',
    cause: reason,
  });
}

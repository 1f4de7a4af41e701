/** Which pages may call from a browser: those of the configured origins. */

import type { Context } from 'hono';
import { cors } from 'hono/cors';
import type { EdgeContext } from './env.ts';

const PREFLIGHT_MAX_AGE_S = 3600;

/** Answers preflights before anything else, since they carry no token. */
export const allowConfiguredOrigins = cors({
  origin: (origin, c: Context<EdgeContext>) =>
    allowedOrigins(c.env.LOCI_ALLOWED_ORIGINS).includes(origin) ? origin : null,
  allowMethods: ['GET', 'HEAD', 'PUT'],
  allowHeaders: ['Authorization', 'Content-Type'],
  maxAge: PREFLIGHT_MAX_AGE_S,
});

function allowedOrigins(list: string | undefined): string[] {
  return (list ?? '')
    .split(',')
    .map((origin) => origin.trim())
    .filter((origin) => origin !== '');
}

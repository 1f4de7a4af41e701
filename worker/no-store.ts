/** Keeps answers out of every cache: a copy there would outlive the erasure of what it holds. */
import { createMiddleware } from 'hono/factory';
import type { EdgeContext } from './env.ts';

/** Marks every answer as not to be stored. */
export const forbidCaching = createMiddleware<EdgeContext>(async (c, next) => {
  c.header('Cache-Control', 'no-store');
  await next();
});

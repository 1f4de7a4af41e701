/** Entry of the edge: which handlers a request passes, in order. */
import { Hono } from 'hono';
import { requireTenant } from './auth.ts';
import { allowConfiguredOrigins } from './cors.ts';
import type { EdgeContext } from './env.ts';
import { notFound, respondError } from './errors.ts';
import { forbidCaching } from './no-store.ts';
import { snapshotRoutes } from './snapshot-routes.ts';

const app = new Hono<EdgeContext>();
app.use(allowConfiguredOrigins);
app.use(forbidCaching);
app.use('/v1/*', requireTenant);
app.route('/v1/snapshots', snapshotRoutes);
app.notFound((c) => respondError(notFound(), c));
app.onError(respondError);

export default app;

/** Builds and serves the demo once for all specs; its address is in `LOCI_E2E_URL`. */

import { existsSync } from 'node:fs';
import { serveDemo } from '../scripts/serve-demo.ts';
import { MODELS } from './support.ts';

// biome-ignore lint/style/noDefaultExport: Playwright takes the setup from the default export.
export default async function setUp(): Promise<() => Promise<void>> {
  const server = await serveDemo({ port: 0, modelDirectory: existsSync(MODELS) ? MODELS : undefined });
  process.env.LOCI_E2E_URL = server.url;
  return () => server.close();
}

/** A benchmark's page: built by Vite, and served on a port of its own. */

import { fileURLToPath } from 'node:url';
import { build, type InlineConfig, type Plugin, preview } from 'vite';

/** With these a page's clock is exact to 5 µs, without them to 100, and it may be asked for its memory. */
const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export interface PageOptions {
  /** The page's folder, whose `index.html` is built. */
  readonly folder: URL;
  /** What it is built as, in `bench/.cache/`. */
  readonly name: string;
  /** Plugins of the build, for the page and for its workers; made anew for each. */
  readonly plugins?: () => Plugin[];
  /** Plugins of the server. */
  readonly served?: readonly Plugin[];
}

export interface ServedPage {
  readonly port: number;
  close(): Promise<void>;
}

export async function servePage({
  folder,
  name,
  plugins = () => [],
  served = [],
}: PageOptions): Promise<ServedPage> {
  const config: InlineConfig = {
    configFile: false,
    root: fileURLToPath(folder),
    base: './',
    logLevel: 'error',
    plugins: plugins(),
    worker: { format: 'es', plugins },
    build: {
      outDir: fileURLToPath(new URL(`./.cache/${name}`, import.meta.url)),
      emptyOutDir: true,
      target: 'es2022',
    },
  };
  await build(config);
  const server = await preview({
    ...config,
    plugins: [...served],
    preview: { host: '127.0.0.1', port: 0, headers: ISOLATION },
  });
  const address = server.httpServer.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return { port: address.port, close: () => server.close() };
}

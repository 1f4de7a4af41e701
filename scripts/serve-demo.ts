/** Builds the demo and serves the build, as a user's browser gets it. */

import { fileURLToPath } from 'node:url';
import { build, preview } from 'vite';

const configFile = fileURLToPath(new URL('../vite.config.ts', import.meta.url));

export interface Served {
  /** The page's address, with a slash at its end. */
  readonly url: string;
  close(): Promise<void>;
}

export interface ServeOptions {
  /** 0 for any free one. Default 4173, or the next free one. */
  readonly port?: number | undefined;
  /** Folder with models to serve under `/models/`. Default `$LOCI_MODEL_DIR`. */
  readonly modelDirectory?: string | undefined;
}

/** Builds into `dist-demo/` and serves it on this machine only. */
export async function serveDemo({ port, modelDirectory }: ServeOptions = {}): Promise<Served> {
  if (modelDirectory !== undefined) process.env.LOCI_MODEL_DIR = modelDirectory;
  await build({ configFile, logLevel: 'error' });
  const server = await preview({
    configFile,
    logLevel: 'error',
    preview: { host: '127.0.0.1', ...(port === undefined ? {} : { port, strictPort: port !== 0 }) },
  });
  const address = server.httpServer.address();
  if (address === null || typeof address === 'string') throw new Error('the preview server has no port');
  return { url: `http://127.0.0.1:${address.port}/`, close: () => server.close() };
}

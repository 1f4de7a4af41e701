/** A Vite plugin that serves `$LOCI_MODEL_DIR` under `/models/`, so that a page needs no hub. */

import { createReadStream, existsSync, statSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join, normalize, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

/** The path under which the models are served. */
export const MODEL_URL = '/models/';

type Next = () => void;

/** Where the models lie: `$LOCI_MODEL_DIR`; for the tests also beside the project, with its evaluation data. */
export function modelDirectory(): string | undefined {
  const named = process.env.LOCI_MODEL_DIR;
  if (named !== undefined && named !== '') return resolve(named);
  const beside = fileURLToPath(new URL('../../shared/models', import.meta.url));
  return process.env.VITEST !== undefined && existsSync(beside) ? beside : undefined;
}

/** Serves the folder's files in `vite` and `vite preview`; where it is unset, `/models/` answers 404. */
export function modelFolder(root = modelDirectory()): Plugin {
  const serve = (request: IncomingMessage, response: ServerResponse, next: Next) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (!pathname.startsWith(MODEL_URL)) return next();
    const file = root === undefined ? undefined : fileBelow(root, pathname.slice(MODEL_URL.length));
    if (file === undefined) {
      // Not the page's own fallback to index.html: a model loader would take it for a model.
      response.statusCode = 404;
      return response.end();
    }
    const type = file.endsWith('.json') ? 'application/json' : 'application/octet-stream';
    response.setHeader('Content-Type', type);
    response.setHeader('Content-Length', statSync(file).size);
    if (request.method === 'HEAD') return response.end();
    return createReadStream(file).pipe(response);
  };
  return {
    name: 'loci-model-folder',
    configureServer: ({ middlewares }) => void middlewares.use(serve),
    configurePreviewServer: ({ middlewares }) => void middlewares.use(serve),
  };
}

function fileBelow(root: string, path: string): string | undefined {
  const file = normalize(join(root, decodeURIComponent(path)));
  const isBelow = file.startsWith(root + sep);
  return isBelow && existsSync(file) && statSync(file).isFile() ? file : undefined;
}

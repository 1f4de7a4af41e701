/** The benchmark in a worker of a headless Chromium: builds the page, serves it with the data, and drives it. */

import { existsSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright';
import type { Plugin } from 'vite';
import { CHROMIUM_ARGS, ensureBrowser } from '../../scripts/browser.ts';
import { servePage } from '../page.ts';
import type { Bench } from './bench.ts';
import type { Dataset } from './dataset.ts';
import { buildTrial } from './node-platform.ts';
import type {} from './page/main.ts';
import { filesOf, TRIAL_URL } from './wire.ts';

/** Where packages are looked for. */
const folders = ['../node_modules', '../../node_modules'].map((folder) =>
  fileURLToPath(new URL(folder, import.meta.url)),
);

export interface BrowserBench {
  readonly bench: Bench;
  /** Name and version. */
  readonly browser: string;
  close(): Promise<void>;
}

export async function openBrowserBench(dataset: Dataset, say: (line: string) => void): Promise<BrowserBench> {
  const found = ensureBrowser(say);
  const files = new Map(filesOf(dataset));
  try {
    files.set(TRIAL_URL, await buildTrial());
  } catch (error) {
    say(`no trial for the browser: ${error instanceof Error ? error.message : error}`);
  }
  say('Building the page …');
  const served = await servePage({
    folder: new URL('./page', import.meta.url),
    name: 'page',
    plugins: () => [missingRivals()],
    served: [dataFiles(files)],
  });
  const browser = await chromium.launch({
    executablePath: found.path,
    headless: true,
    args: [...CHROMIUM_ARGS],
  });
  const close = async () => {
    await browser.close();
    await served.close();
  };
  try {
    const tab = await browser.newPage();
    tab.on('console', (message) => {
      if (message.type() === 'info') say(message.text());
    });
    await tab.goto(`http://127.0.0.1:${served.port}/`);
    await tab.waitForFunction(() => 'bench' in window);
    await tab.evaluate(() => window.bench.open());
    const bench: Bench = {
      build: (name) => tab.evaluate((each) => window.bench.build(each), name),
      round: (name) => tab.evaluate((each) => window.bench.round(each), name),
      rest: (name, ef) =>
        tab.evaluate(([each, width]) => window.bench.rest(each, width), [name, ef] as const),
    };
    return { bench, browser: `Chromium ${browser.version()}`, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Serves what the worker fetches. */
function dataFiles(files: ReadonlyMap<string, Uint8Array>): Plugin {
  const serve = (request: IncomingMessage, response: ServerResponse, next: () => void) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (!pathname.startsWith('/data/')) return next();
    const file = files.get(pathname);
    if (file === undefined) {
      response.statusCode = 404;
      return response.end(`there is no ${pathname}`);
    }
    response.setHeader('Content-Type', 'application/octet-stream');
    response.setHeader('Content-Length', file.byteLength);
    return response.end(file);
  };
  return {
    name: 'loci-bench-data',
    configurePreviewServer: ({ middlewares }) => void middlewares.use(serve),
  };
}

/** Turns a rival that is not installed into a module that throws, so that the others can be bundled. */
function missingRivals(): Plugin {
  const prefix = '\0missing:';
  return {
    name: 'loci-bench-missing-rivals',
    enforce: 'pre',
    resolveId: (id) => {
      const [name] = /^(edgevec|mememo|voy-search|@orama\/orama|hnswlib-wasm)(?=\/|$)/.exec(id) ?? [];
      return name === undefined || folders.some((folder) => existsSync(join(folder, name)))
        ? null
        : prefix + id;
    },
    load: (id) =>
      id.startsWith(prefix)
        ? `throw new Error(${JSON.stringify(`${id.slice(prefix.length)} is not installed`)});`
        : null,
  };
}

/** A headless Chromium with the benchmark's page in it. */

import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright';
import { build, type InlineConfig, preview } from 'vite';
import { CHROMIUM_ARGS, ensureBrowser } from '../../scripts/browser.ts';
import { modelFolder as modelFiles } from '../../scripts/model-folder.ts';
import { type EmbedderName, modelFolder } from './embedders.ts';
import type {} from './page/main.ts';

const page = fileURLToPath(new URL('./page', import.meta.url));
const outDir = fileURLToPath(new URL('../.cache/embedding-page', import.meta.url));

export interface TimingBrowser {
  /** Name and version. */
  readonly version: string;
  /** Sentences a second, on a new page. */
  time(name: EmbedderName, sentences: readonly string[]): Promise<number>;
  close(): Promise<void>;
}

export async function openTimingBrowser(say: (line: string) => void): Promise<TimingBrowser> {
  const found = ensureBrowser(say);
  say('Building the page …');
  const config: InlineConfig = {
    configFile: false,
    root: page,
    base: './',
    logLevel: 'error',
    worker: { format: 'es' },
    plugins: [modelFiles(modelFolder())],
    build: { outDir, emptyOutDir: true, target: 'es2022' },
  };
  await build(config);
  const server = await preview({ ...config, preview: { host: '127.0.0.1', port: 0 } });
  const address = server.httpServer.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const browser = await chromium.launch({
    executablePath: found.path,
    headless: true,
    args: [...CHROMIUM_ARGS],
  });
  return {
    version: `Chromium ${browser.version()}`,
    time: async (name, sentences) => {
      const tab = await browser.newPage();
      try {
        await tab.goto(`http://127.0.0.1:${address.port}/`);
        await tab.waitForFunction(() => 'embeddingBench' in window);
        return await tab.evaluate(([each, texts]) => window.embeddingBench.time(each, texts), [
          name,
          sentences,
        ] as const);
      } finally {
        await tab.close();
      }
    },
    close: async () => {
      await browser.close();
      await server.close();
    },
  };
}

/** A headless Chromium with the benchmark's page in it. */

import { chromium } from 'playwright';
import { CHROMIUM_ARGS, ensureBrowser } from '../../scripts/browser.ts';
import { modelFolder as modelFiles } from '../../scripts/model-folder.ts';
import { servePage } from '../page.ts';
import { type EmbedderName, modelFolder } from './embedders.ts';
import type {} from './page/main.ts';

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
  const served = await servePage({
    folder: new URL('./page', import.meta.url),
    name: 'embedding-page',
    served: [modelFiles(modelFolder())],
  });
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
        await tab.goto(`http://127.0.0.1:${served.port}/`);
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
      await served.close();
    },
  };
}

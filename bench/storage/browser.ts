/** A headless Chromium with a profile on disk, and the benchmark's page in it. */

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Page } from 'playwright';
import type { Plugin } from 'vite';
import { CHROMIUM_ARGS, ensureBrowser } from '../../scripts/browser.ts';
import { servePage } from '../page.ts';
import type {} from './page/main.ts';

const dexie = fileURLToPath(new URL('../node_modules/dexie', import.meta.url));

export interface BenchBrowser {
  /** Name and version. */
  readonly version: string;
  /** Runs work on a new page of an origin, which is closed after it, its workers with it. */
  onPage<T>(origin: string, work: (page: Page) => Promise<T>): Promise<T>;
  /** The same, but the page's process is killed after it: nothing gets a chance to tidy up. */
  onDoomedPage<T>(origin: string, work: (page: Page) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** A page that is driven. */
export interface PageSpec {
  /** The page's folder, whose `index.html` is built. */
  readonly folder: URL;
  /** What it is built as, in `bench/.cache/`. */
  readonly name: string;
  /** What its script puts into `window` when it is ready. */
  readonly global: string;
}

const STORAGE_PAGE: PageSpec = {
  folder: new URL('./page', import.meta.url),
  name: 'storage-page',
  global: 'storageBench',
};

/** A profile on disk: in Playwright's usual contexts, which are private windows, IndexedDB is in memory only. */
export async function openBrowser(
  say: (line: string) => void,
  { folder, name, global }: PageSpec = STORAGE_PAGE,
): Promise<BenchBrowser> {
  const found = ensureBrowser(say);
  say('Building the page …');
  const served = await servePage({ folder, name, plugins: () => [missingDexie()] });
  const profile = mkdtempSync(join(tmpdir(), 'loci-bench-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: found.path,
    headless: true,
    args: [...CHROMIUM_ARGS],
  });
  const withPage = async <T>(
    origin: string,
    work: (page: Page) => Promise<T>,
    end: (page: Page) => Promise<void>,
  ) => {
    const tab = await context.newPage();
    tab.on('console', (message) => {
      if (message.type() === 'info') say(message.text());
      if (message.type() === 'error') say(`the page: ${message.text()}`);
    });
    try {
      // An origin each: what is stored is told by origin. Browsers find *.localhost without asking.
      await tab.goto(`http://${origin}.localhost:${served.port}/`);
      await tab.waitForFunction((key) => key in window, global);
      return await work(tab);
    } finally {
      await end(tab);
    }
  };
  return {
    version: `Chromium ${context.browser()?.version() ?? 'of unknown version'}`,
    onPage: (origin, work) => withPage(origin, work, (tab) => tab.close()),
    onDoomedPage: (origin, work) => withPage(origin, work, crash),
    close: async () => {
      await context.close();
      await served.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}

async function crash(tab: Page): Promise<void> {
  const session = await tab.context().newCDPSession(tab);
  const crashed = tab.waitForEvent('crash');
  session.send('Page.crash').catch(() => undefined); // nobody is left to answer
  await crashed;
  await tab.close();
}

/** Makes of Dexie, where it is not installed, a module that throws, so that the others can be bundled. */
function missingDexie(): Plugin {
  const id = '\0missing:dexie';
  return {
    name: 'loci-bench-missing-dexie',
    enforce: 'pre',
    resolveId: (source) => (source === 'dexie' && !existsSync(dexie) ? id : null),
    load: (source) =>
      source === id ? `export const Dexie = null; throw new Error('dexie is not installed');` : null,
  };
}

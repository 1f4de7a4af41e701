/** A browser's worker as a place where engines run. */

import type { Platform } from '../engine.ts';
import { TRIAL_URL } from '../wire.ts';

/** Written out, for the bundler must see them; one that is not installed becomes a module that throws. */
const RIVALS: Readonly<Record<string, () => Promise<unknown>>> = {
  // @ts-expect-error: the package types its own loader only
  'hnswlib-wasm/lib/hnswlib.mjs': () => import('hnswlib-wasm/lib/hnswlib.mjs'),
  edgevec: () => import('edgevec'),
  mememo: () => import('mememo'),
  'voy-search/voy_search_bg.js': () => import('voy-search/voy_search_bg.js'),
  '@orama/orama': () => import('@orama/orama'),
};
const WASM_FILES: Readonly<Record<string, () => Promise<{ readonly default: string }>>> = {
  'edgevec/edgevec_bg.wasm': () => import('edgevec/edgevec_bg.wasm?url'),
  'voy-search/voy_search_bg.wasm': () => import('voy-search/voy_search_bg.wasm?url'),
};

export function createBrowserPlatform(): Platform {
  return {
    runtime: 'chromium',
    importRival: (name) => known(RIVALS, name)(),
    compileRival: async (path) => compile((await known(WASM_FILES, path)()).default),
    compileTrial: () => compile(TRIAL_URL),
    // A worker cannot ask for its own heap alone.
    heapBytes: () => null,
    files: null,
  };
}

async function compile(url: string): Promise<WebAssembly.Module> {
  const response = await fetch(new URL(url, self.location.href));
  if (!response.ok) throw new Error(await response.text());
  return WebAssembly.compile(await response.arrayBuffer());
}

function known<T>(table: Readonly<Record<string, T>>, name: string): T {
  const found = table[name];
  if (found === undefined) throw new Error(`${name} is not bundled`);
  return found;
}

/**
 * Firefox, where it is installed: the kernel in its worker gives the same bytes as in Node, a memory
 * outlives its engine and its page, and two tabs share it. The page runs by itself and reports to the test, so no driver is needed.
 */

import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import { createServer, type Plugin } from 'vite';
import { checkKernel } from './firefox/kernel-check.ts';

const NAMES = ['firefox-esr', 'firefox'];
const firefox = NAMES.find((name) => spawnSync(name, ['--version']).status === 0);
const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Serves the page, and takes what it posts. */
function pageServer(found: (told: string) => void): Plugin {
  return {
    name: 'firefox-page',
    configureServer: ({ middlewares }) => {
      middlewares.use((request, response, next) => {
        if (request.method === 'POST' && request.url === '/found') {
          let body = '';
          request.on('data', (chunk) => {
            body += String(chunk);
          });
          request.on('end', () => {
            response.end();
            found(body);
          });
        } else if (request.url === '/' || request.url === '/?second') {
          response.setHeader('content-type', 'text/html');
          response.end('<!doctype html><script type="module" src="/e2e/firefox/page.ts"></script>');
        } else next();
      });
    },
  };
}

test('the kernel, a memory and two tabs work in Firefox as they do elsewhere', async () => {
  test.skip(firefox === undefined, `none of ${NAMES.join(', ')} is installed`);
  const profile = mkdtempSync(join(tmpdir(), 'loci-firefox-'));
  writeFileSync(
    join(profile, 'user.js'),
    [
      'user_pref("network.captive-portal-service.enabled", false);',
      'user_pref("app.update.enabled", false);',
      // The page opens its second tab by itself.
      'user_pref("dom.disable_open_during_load", false);',
    ].join('\n'),
  );
  let resolve: (told: string) => void = () => undefined;
  const promise = new Promise<string>((settle) => {
    resolve = settle;
  });
  const server = await createServer({
    root: ROOT,
    configFile: false,
    logLevel: 'error',
    appType: 'custom',
    worker: { format: 'es' },
    server: { port: 0, host: '127.0.0.1', hmr: false, watch: null },
    optimizeDeps: {
      include: [
        'comlink',
        'idb',
        'valibot',
        'uuid',
        'lru-cache',
        'crc-32',
        'jsonc-parser',
        'date-fns',
        'chrono-node/en',
      ],
      exclude: ['@huggingface/transformers', 'hnswlib-wasm', '@orama/stemmers', '@orama/stopwords'],
    },
    plugins: [pageServer((told) => resolve(told))],
  });
  await server.listen();
  const address = server.resolvedUrls?.local[0] ?? '';
  const browser = spawn(firefox ?? '', ['--headless', '--no-remote', '--profile', profile, address], {
    stdio: 'ignore',
  });
  try {
    const { kernel, memory, reload, tabs, error } = JSON.parse(await promise);
    expect(error).toBeUndefined();
    expect(kernel).toEqual(await checkKernel());
    expect(kernel.recall).toBeGreaterThan(0.97);
    expect(memory).toEqual({
      durability: 'journaled',
      content: 'Ana lives in Lisbon',
      index: 'kernel',
      storage: 'indexeddb',
    });
    expect(reload).toEqual({ content: 'Bo moved to Porto', origin: 'existing', connection: 'open' });
    expect(tabs).toEqual({
      role: 'owner',
      contents: ['of the first', 'of the second'],
      second: { before: 'follower', after: 'owner', count: 22, different: 22 },
    });
  } finally {
    browser.kill('SIGKILL');
    await server.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
});

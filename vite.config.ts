import { fileURLToPath } from 'node:url';
import { cloudflareTest } from '@cloudflare/vitest-pool-workers';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { CHROMIUM_ARGS, findBrowser } from './scripts/browser.ts';
import { modelFolder } from './scripts/model-folder.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const browserPath = findBrowser()?.path;
const launchOptions = {
  args: [...CHROMIUM_ARGS],
  ...(browserPath === undefined ? {} : { executablePath: browserPath }),
};
/** Found by Vite only while a page loads, which would reload it in the middle of a test. */
const optimizeDeps = {
  include: [
    ...['comlink', 'idb', 'valibot', 'uuid', 'lru-cache', 'crc-32', 'jsonc-parser', 'date-fns'],
    'chrono-node/en',
    ...['fast-check', 'preact', '@preact/signals', 'eventsource-parser/stream'],
  ],
  // Those of Orama are modules, of which a page loads the languages that it needs.
  exclude: ['@huggingface/transformers', 'hnswlib-wasm', '@orama/stemmers', '@orama/stopwords'],
};

export default defineConfig({
  root: 'demo',
  base: './',
  plugins: [modelFolder()],
  build: {
    outDir: '../dist-demo',
    emptyOutDir: true,
    target: 'es2022',
    rolldownOptions: { input: [`${here}demo/index.html`, `${here}demo/console.html`] },
  },
  worker: { format: 'es' },
  optimizeDeps,
  preview: { port: 4173 },
  test: {
    projects: [
      {
        root: here,
        test: {
          name: 'node',
          environment: 'node',
          include: ['{src,demo,scripts,worker,bench}/**/*.test.ts'],
          exclude: ['**/*.browser.test.ts', '**/*.workerd.test.ts', '**/node_modules/**'],
        },
      },
      {
        root: here,
        plugins: [modelFolder()],
        worker: { format: 'es' },
        optimizeDeps,
        test: {
          name: 'chromium',
          include: ['{src,demo}/**/*.browser.test.ts'],
          testTimeout: 30_000,
          // A worker may take seconds to start where others use the processor too.
          expect: { poll: { timeout: 10_000 } },
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
      {
        root: here,
        plugins: [
          cloudflareTest({
            wrangler: { configPath: './wrangler.toml' },
            miniflare: {
              bindings: {
                LOCI_TOKEN_SECRET: 'a-secret-for-tests-and-nothing-else',
                LOCI_ALLOWED_ORIGINS: 'https://page.example, http://localhost:5173',
              },
            },
          }),
        ],
        test: { name: 'workerd', include: ['{src,worker}/**/*.workerd.test.ts'] },
      },
    ],
  },
});

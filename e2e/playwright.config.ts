/** End-to-end tests: the built demo in a real Chromium. */

import { defineConfig } from '@playwright/test';
import { CHROMIUM_ARGS, findBrowser } from '../scripts/browser.ts';

const executablePath = findBrowser()?.path;

export default defineConfig({
  testDir: '.',
  outputDir: '../test-results',
  globalSetup: './global-setup.ts',
  timeout: 90_000,
  expect: { timeout: 15_000 },
  workers: 1,
  reporter: [['list']],
  use: {
    launchOptions: {
      args: [...CHROMIUM_ARGS],
      ...(executablePath === undefined ? {} : { executablePath }),
    },
    trace: 'retain-on-failure',
  },
});

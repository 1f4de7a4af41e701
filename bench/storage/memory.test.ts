import { chromium } from 'playwright';
import { expect, test } from 'vitest';
import { CHROMIUM_ARGS, ensureBrowser } from '../../scripts/browser.ts';
import { measureWorker } from './memory.ts';

const ORIGIN = 'http://counted.localhost';
const PAGES = 800;
const FLOATS = 5_000_000;
const WORKER = `
  const wasm = new WebAssembly.Memory({ initial: ${PAGES} });
  const floats = new Float32Array(${FLOATS}).fill(1);
  const objects = Array.from({ length: 100_000 }, (_, n) => ({ n, text: 'text ' + n }));
  let garbage = Array.from({ length: 200_000 }, (_, n) => ({ n }));
  garbage = undefined;
  self.kept = { wasm, floats, objects };
  postMessage('ready');
`;

test('a worker’s WASM memory, array buffers and objects are counted, its garbage is not', async () => {
  const executablePath = ensureBrowser(() => undefined).path;
  const browser = await chromium.launch({ executablePath, headless: true, args: [...CHROMIUM_ARGS] });
  try {
    const page = await browser.newPage();
    await page.route(`${ORIGIN}/**`, (route) =>
      route.request().url().endsWith('.js')
        ? route.fulfill({ contentType: 'text/javascript', body: WORKER })
        : route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }),
    );
    await page.goto(`${ORIGIN}/`);
    await page.evaluate(
      () =>
        new Promise((resolve) => {
          const worker = new Worker('/other.js');
          worker.onmessage = () => {
            const counted = new Worker('/counted.js');
            counted.onmessage = resolve;
            Object.assign(window, { workers: [worker, counted] });
          };
        }),
    );
    const bytes = await measureWorker(page, 'counted.js');
    expect(bytes.wasm).toBe(PAGES * 65_536);
    expect(bytes.arrayBuffers).toBeGreaterThanOrEqual(FLOATS * 4);
    expect(bytes.arrayBuffers).toBeLessThan(FLOATS * 4 * 1.1);
    // 100,000 objects of two fields and a string each.
    expect(bytes.jsHeap).toBeGreaterThan(3e6);
    expect(bytes.jsHeap).toBeLessThan(12e6);
    expect(bytes.total).toBe(bytes.wasm + bytes.arrayBuffers + bytes.jsHeap + bytes.embedder);
  } finally {
    await browser.close();
  }
}, 60_000);

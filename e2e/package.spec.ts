/** The published package, used by another project's bundler. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import { build, preview } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The README's ten lines, as they stand. */
function readmeCode(): string {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const [, code] = /## Ten lines that persist\s+```ts\n([\s\S]*?)```/.exec(readme) ?? [];
  if (code === undefined) throw new Error('the README has lost its ten lines');
  return code;
}

/** Goes on from there, in a worker that the project makes. */
const OWN_WORKER = `
await memory.close();
const createWorker = () => new Worker(new URL('loci-memory/engine-worker', import.meta.url), { type: 'module' });
const again = await openMemory({ namespace: 'notes', createWorker });
document.body.dataset.count = String((await again.stats()).count);
await again.search('In which town does she reside?');
document.body.dataset.model = (await again.status()).embedder.builtin?.state ?? 'none';
`;

/** What is no JavaScript, and has to come along. */
const ASSETS = ['dist/embedding/builtin/table.bin', 'dist/kernel/build/kernel.wasm'];

/** What `npm pack` would put into the package. */
function packedFiles(): readonly string[] {
  const said = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'ignore'],
    encoding: 'utf8',
  });
  const [packed] = JSON.parse(said) as { files: { path: string }[] }[];
  return packed?.files.map(({ path }) => path) ?? [];
}

test('the README’s ten lines persist across a reload, in a project of its own with the built package', async ({
  page,
}) => {
  execFileSync('npm', ['run', '-s', 'build:package'], { cwd: root, stdio: 'ignore' });
  expect(packedFiles()).toEqual(expect.arrayContaining(ASSETS));
  mkdirSync(join(root, '.tmp'), { recursive: true });
  const project = mkdtempSync(join(root, '.tmp', 'consumer-'));
  try {
    mkdirSync(join(project, 'node_modules'));
    symlinkSync(root, join(project, 'node_modules', 'loci-memory'), 'dir');
    writeFileSync(join(project, 'index.html'), '<body><script type="module" src="./app.ts"></script></body>');
    writeFileSync(join(project, 'app.ts'), readmeCode() + OWN_WORKER);
    const config = { root: project, configFile: false, logLevel: 'error', worker: { format: 'es' } } as const;
    await build({ ...config, build: { target: 'es2022' } });
    const server = await preview({ ...config, preview: { port: 0, host: '127.0.0.1' } });
    try {
      await page.goto(server.resolvedUrls?.local[0] ?? '');
      for (let visit = 1; visit <= 2; visit++) {
        await expect(page.locator('body')).toHaveText('Ana lives in Lisbon.');
        await expect(page.locator('body')).toHaveAttribute('data-count', '1');
        await expect(page.locator('body')).toHaveAttribute('data-model', 'ready');
        await page.reload();
      }
    } finally {
      await server.close();
    }
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
});

/** Node as a place where engines run. */

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Platform } from './engine.ts';

const bench = fileURLToPath(new URL('..', import.meta.url));
const cache = join(bench, '.cache');

/** Remove its files with `close`. */
export function createNodePlatform(): Platform & { close(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'loci-bench-'));
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  let paths = 0;
  return {
    runtime: 'node',
    // By a name in a variable: the type checker must not look for rivals that are not installed.
    importRival: (name) => import(name),
    compileRival: async (path) => {
      const file = join(bench, 'node_modules', path);
      return WebAssembly.compile(readFileSync(file));
    },
    compileTrial: async () => WebAssembly.compile(readFileSync(buildTrial())),
    heapBytes: () => {
      collect();
      const { heapUsed, external } = process.memoryUsage();
      return heapUsed + external;
    },
    files: {
      path: () => join(folder, `${paths++}.index`),
      sizeOf: (path) => statSync(path).size,
      remove: (path) => rmSync(path, { force: true }),
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Compiles the trial's source, which lies beside the project, and tells where the module is. */
export function buildTrial(): string {
  const folder =
    process.env.LOCI_SPIKE_DIR || fileURLToPath(new URL('../../../shared/spike', import.meta.url));
  const source = join(folder, 'kernel-trial.ts');
  if (!existsSync(source)) throw new Error(`there is no ${source} (or $LOCI_SPIKE_DIR/kernel-trial.ts)`);
  const out = join(cache, 'trial.wasm');
  mkdirSync(cache, { recursive: true });
  const asc = createRequire(import.meta.url)
    .resolve('assemblyscript/asc')
    .replace(/dist[\\/]asc\.js$/, 'bin/asc.js');
  const flags = '-O3 --noAssert --runtime stub --enable simd --importMemory --zeroFilledMemory';
  execFileSync(process.execPath, [asc, source, '-o', out, ...flags.split(' ')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return out;
}

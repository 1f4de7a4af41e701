/** Node as a place where engines run. */

import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Platform } from './engine.ts';

const bench = fileURLToPath(new URL('..', import.meta.url));
const TRIAL = 'kernel-trial.ts';

/** Remove its files with `close`. */
export function createNodePlatform(): Platform & { close(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'loci-bench-'));
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  let paths = 0;
  return {
    runtime: 'node',
    // By a name in a variable: the type checker must not look for rivals that are not installed.
    importRival: async (name) => {
      try {
        return await import(name);
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')
          throw new Error(`${name} is not installed in bench/`, { cause: error });
        throw error;
      }
    },
    compileRival: async (path) => {
      const file = join(bench, 'node_modules', path);
      return WebAssembly.compile(readFileSync(file));
    },
    compileTrial: async () => WebAssembly.compile(Uint8Array.from(await buildTrial())),
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

/** Compiles the trial's source, which lies beside the project. */
export async function buildTrial(): Promise<Uint8Array> {
  const folder =
    process.env.LOCI_SPIKE_DIR || fileURLToPath(new URL('../../../shared/spike', import.meta.url));
  if (!existsSync(join(folder, TRIAL)))
    throw new Error(`${TRIAL} is not beside the project or in $LOCI_SPIKE_DIR`);
  const { default: asc } = await import('assemblyscript/asc');
  const written: Uint8Array[] = [];
  const flags = '-O3 --noAssert --runtime stub --enable simd --importMemory --zeroFilledMemory';
  const { error } = await asc.main(
    [TRIAL, '--baseDir', folder, '--outFile', 'trial.wasm', ...flags.split(' ')],
    {
      writeFile: (_name: string, contents: string | Uint8Array) => {
        if (contents instanceof Uint8Array) written.push(contents);
      },
    },
  );
  const [binary] = written;
  if (error !== null || binary === undefined) throw new Error('the trial does not compile', { cause: error });
  return binary;
}

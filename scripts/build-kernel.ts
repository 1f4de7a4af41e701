/** `npm run build:kernel`: compiles the vector kernel, with SIMD and without; prints sizes and hashes. */

import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OUT = 'src/kernel/build';
/** What is built: the same sources twice. */
export const KERNELS = { 'kernel.wasm': ['--enable', 'simd'], 'kernel-scalar.wasm': ['--disable', 'simd'] };
const OPTIONS = [
  ...['-O3', '--noAssert', '--runtime', 'stub'],
  // The host makes the memory, and so sets its maximum; it is zeroed, so no zeros need to be shipped.
  ...['--importMemory', '--zeroFilledMemory'],
];

/** Compiles a kernel; `text` is its text form, where asked for. */
export async function compileKernel(
  flags: readonly string[],
): Promise<{ readonly binary: Uint8Array; readonly text: string }> {
  const files = new Map<string, string | Uint8Array>();
  const { error, stderr } = await asc.main(
    [
      'src/kernel/index.ts',
      '--baseDir',
      ROOT,
      '--outFile',
      'kernel.wasm',
      '--textFile',
      'kernel.wat',
      ...OPTIONS,
      ...flags,
    ],
    {
      writeFile: (name: string, contents: string | Uint8Array) => void files.set(name, contents),
    },
  );
  if (error !== null) throw new Error(`the kernel does not compile:\n${stderr.toString()}`, { cause: error });
  const [binary, text] = [files.get('kernel.wasm'), files.get('kernel.wat')];
  if (!(binary instanceof Uint8Array) || typeof text !== 'string') throw new Error('asc wrote no kernel');
  return { binary, text };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  mkdirSync(join(ROOT, OUT), { recursive: true });
  for (const [name, flags] of Object.entries(KERNELS)) {
    const { binary } = await compileKernel(flags);
    writeFileSync(join(ROOT, OUT, name), binary);
    const hash = createHash('sha256').update(binary).digest('hex').slice(0, 16);
    console.log(`${OUT}/${name}: ${(binary.length / 1024).toFixed(1)} KB, sha256 ${hash}…`);
  }
}

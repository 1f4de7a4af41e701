import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { compileKernel, KERNELS } from './build-kernel.ts';

const BUILD = fileURLToPath(new URL('../src/kernel/build/', import.meta.url));

it.each(Object.entries(KERNELS))(
  'builds %s to the same bytes each time',
  { timeout: 60_000 },
  async (name, flags) => {
    const [one, other] = [await compileKernel(flags), await compileKernel(flags)];
    expect(Buffer.compare(one.binary, other.binary)).toBe(0);
    expect(Buffer.compare(one.binary, await readFile(`${BUILD}${name}`))).toBe(0);
  },
);

it('keeps the loads that only touch cache lines, and imports nothing but its memory', {
  timeout: 60_000,
}, async () => {
  const { text } = await compileKernel(KERNELS['kernel.wasm']);
  // A load whose value is dropped: in the walk by nibbles, the walk by signs, the judging and the links.
  const touches = text.match(/i32\.load8_u(?: offset=\d+)?\s+drop/g) ?? [];
  expect(touches.length).toBeGreaterThanOrEqual(8);
  expect(text.match(/\(import [^\n]*/g)).toEqual([expect.stringContaining('(memory')]);
});

it('has no SIMD in the build for machines without', { timeout: 60_000 }, async () => {
  const { text } = await compileKernel(KERNELS['kernel-scalar.wasm']);
  expect(text).not.toContain('v128');
});

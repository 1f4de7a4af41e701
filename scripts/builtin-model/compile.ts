/** Compiles the trainer's arithmetic: AssemblyScript with SIMD, whose results are the same on every machine. */

import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const ROOT = fileURLToPath(new URL('.', import.meta.url));

/** What the kernel does, at addresses of the host's memory; see kernel/index.ts. */
export interface TrainerKernel {
  forward(
    table: number,
    dimensions: number,
    starts: number,
    ids: number,
    weights: number,
    out: number,
    norms: number,
    count: number,
  ): void;
  products(a: number, b: number, dimensions: number, out: number, count: number): void;
  addProducts(factors: number, rows: number, dimensions: number, gradient: number, count: number): void;
  backward(
    gradient: number,
    units: number,
    norms: number,
    dimensions: number,
    starts: number,
    ids: number,
    weights: number,
    rowGradients: number,
    marks: number,
    touched: number,
    step: number,
    count: number,
  ): number;
  adam(
    table: number,
    first: number,
    second: number,
    rowGradients: number,
    dimensions: number,
    touched: number,
    touchedCount: number,
    rate: number,
    epsilon: number,
  ): void;
  quantize(
    table: number,
    out: number,
    dimensions: number,
    rows: number,
    rowCount: number,
    steps: number,
    count: number,
  ): void;
}

/** Compiles the kernel; {@link startKernel} gives it a memory. */
export async function compileTrainer(): Promise<WebAssembly.Module> {
  let binary: Uint8Array | undefined;
  const { error, stderr } = await asc.main(
    [
      ...['kernel/index.ts', '--baseDir', ROOT, '--outFile', 'trainer.wasm'],
      ...['-O3', '--noAssert', '--runtime', 'stub', '--importMemory', '--enable', 'simd'],
    ],
    {
      writeFile: (_: string, contents: string | Uint8Array) => {
        if (contents instanceof Uint8Array) binary = contents;
      },
    },
  );
  if (error !== null)
    throw new Error(`the trainer does not compile:\n${stderr.toString()}`, { cause: error });
  if (binary === undefined) throw new Error('asc wrote no trainer');
  return new WebAssembly.Module(new Uint8Array(binary));
}

export function startKernel(module: WebAssembly.Module, memory: WebAssembly.Memory): TrainerKernel {
  const abort = () => {
    throw new Error('the trainer aborted');
  };
  const { exports } = new WebAssembly.Instance(module, { env: { memory, abort } });
  return exports as unknown as TrainerKernel;
}

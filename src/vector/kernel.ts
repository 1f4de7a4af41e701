/** The WASM kernel (`src/kernel/`): compiled once, instantiated for each index. */

import { readAsset } from '../asset.ts';
import { LociError } from '../errors.ts';

/** What the kernel exports, all numbers: see `src/kernel/index.ts`. Booleans are 0 and 1. */
export interface KernelExports {
  init(
    dimensions: number,
    residual: number,
    isCosine: number,
    m: number,
    efConstruction: number,
    seed: number,
  ): number;
  vectorAddress(): number;
  queryAddress(): number;
  meanAddress(): number;
  resultsAddress(): number;
  size(): number;
  pending(): number;
  memoryBytes(): number;
  ordinalLimit(): number;
  add(ordinal: number): number;
  read(ordinal: number): number;
  removeRow(ordinal: number): number;
  removeAll(): void;
  setQuery(): number;
  exact(k: number, isFiltered: number): number;
  scan(k: number, isFiltered: number, judged: number): number;
  walkGraph(k: number, isFiltered: number, ef: number, judged: number, pendingJudged: number): number;
  lastWalked(): number;
  lastScanned(): number;
  lastJudged(): number;
  lastRefined(): number;
  filterWords(): number;
  reserveFilters(depth: number): number;
  filterAt(depth: number): number;
  combineFilters(depth: number, operation: number): void;
  invertFilter(depth: number): void;
  applyFilter(): number;
  beginBulk(): number;
  continueBulk(units: number): void;
  cancelBulk(): void;
  isBulkBuilding(): number;
  insertPending(units: number): number;
  pendingOrdinals(count: number, out: number): number;
  sampleOrdinals(count: number, out: number): number;
  repairSome(slots: number): number;
  sweepAll(): void;
  slotEnd(): number;
  recordBytes(): number;
  exportRows(first: number, slots: number, out: number): number;
  importRow(record: number): number;
  meanRenewals(): number;
  setRenewals(count: number): void;
  graphBytes(): number;
  writeGraph(out: number): number;
  readGraph(bytes: number, size: number, nodes: number): number;
  reserve(bytes: number): number;
  giveBack(at: number, bytes: number): void;
}

const PAGE_BYTES = 65_536;
/** What an empty index of usual dimensions needs is less; it grows where it is not. */
const INITIAL_PAGES = 16;
/** A function that adds two vectors of SIMD: a module that is valid only where they are known. */
const SIMD_PROBE = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123],
  ...[3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11],
);

/** Which of the two builds of the kernel runs. */
export type KernelBuild = 'simd' | 'scalar';

/** The build that this machine runs fastest. */
export function chooseBuild(): KernelBuild {
  return WebAssembly.validate(SIMD_PROBE) ? 'simd' : 'scalar';
}

const compiled = new Map<KernelBuild, Promise<WebAssembly.Module>>();

/**
 * Fetches and compiles the kernel, once. Where code may not be compiled (on the edge) the host imports the
 * module itself and gives it to `createKernelIndex`.
 *
 * @throws LociError `INDEX_UNAVAILABLE` where it cannot be had or compiled.
 */
export async function compileKernel(build: KernelBuild = chooseBuild()): Promise<WebAssembly.Module> {
  const compiling = compiled.get(build) ?? fetchKernel(build);
  compiled.set(build, compiling);
  try {
    return await compiling;
  } catch (cause) {
    compiled.delete(build);
    throw new LociError('INDEX_UNAVAILABLE', 'the vector kernel cannot be loaded', {
      hint: 'Serve kernel.wasm beside the package, allow wasm-unsafe-eval in the page’s policy, or choose index: "exact".',
      retryable: true,
      cause,
    });
  }
}

async function fetchKernel(build: KernelBuild): Promise<WebAssembly.Module> {
  // Both spelt out: bundlers look for this very form.
  const url =
    build === 'simd'
      ? new URL('../kernel/build/kernel.wasm', import.meta.url)
      : new URL('../kernel/build/kernel-scalar.wasm', import.meta.url);
  return WebAssembly.compile(await readAsset(url));
}

/** An instance of the kernel with its memory. */
export class Kernel {
  readonly call: KernelExports;
  readonly #memory: WebAssembly.Memory;
  #bytes: Uint8Array<ArrayBuffer>;

  /** @param maxBytes that its memory may grow to. */
  constructor(module: WebAssembly.Module, maxBytes: number) {
    const maximum = Math.max(Math.floor(maxBytes / PAGE_BYTES), 1);
    this.#memory = new WebAssembly.Memory({ initial: Math.min(INITIAL_PAGES, maximum), maximum });
    const { exports } = new WebAssembly.Instance(module, { env: { memory: this.#memory } });
    this.call = exports as unknown as KernelExports;
    this.#bytes = new Uint8Array(this.#memory.buffer);
  }

  /** The whole memory: asked for anew each time, since it is another when the memory has grown. */
  get bytes(): Uint8Array<ArrayBuffer> {
    if (this.#bytes.buffer !== this.#memory.buffer) this.#bytes = new Uint8Array(this.#memory.buffer);
    return this.#bytes;
  }

  /** Places may lie above 2 GiB, where WASM's numbers come out as negative ones. */
  floats(at: number, length: number): Float32Array<ArrayBuffer> {
    return new Float32Array(this.bytes.buffer, at >>> 0, length);
  }

  words(at: number, length: number): Uint32Array<ArrayBuffer> {
    return new Uint32Array(this.bytes.buffer, at >>> 0, length);
  }

  /** Lends a place in the memory for so many bytes; undefined where there is none. */
  borrow<T>(bytes: number, use: (at: number) => T): T | undefined {
    const at = this.call.reserve(bytes) >>> 0;
    if (at === 0) return undefined;
    try {
      return use(at);
    } finally {
      this.call.giveBack(at, bytes);
    }
  }
}

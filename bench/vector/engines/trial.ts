/**
 * The trial that the kernel was planned by: compiled from its source beside the project, fixed to 384
 * dimensions, without removal and filters. Its host side is written here after the layouts it reads.
 */

import { asEngine, type Ef, type Engine, type EngineSpec } from '../engine.ts';
import { type Matrix, rowOf } from '../matrix.ts';

/** What of the module is called; addresses are bytes. */
interface Trial {
  cfg(...settings: number[]): void;
  cfgG(...settings: number[]): void;
  cfgS(...settings: number[]): void;
  g_reset(efConstruction: number, seed: number): void;
  s_R(count: number): void;
  buildB(from: number, to: number, kind: number): void;
  queryB(kind: number, k: number, ef: number, rerank: number): number;
  fastscan(n: number, judged: number, k: number, rerank: number): number;
}

const DIMENSIONS = 384;
const M = 16;
const EF_CONSTRUCTION = 200;
const SEED = 12_345;
/** The module's own tables end well below. */
const FIRST_ADDRESS = 1 << 20;
/** Codes of one bit, while building; of four bits, while walking. */
const [ONE_BIT, FOUR_BITS] = [1, 2];
const ONE_BIT_BYTES = 64;
const FOUR_BIT_BYTES = 196;
/** Found by short codes, judged by eight bits: at least so many, more in wide searches; the best 30 of them by floats. */
const JUDGED = 40;
const JUDGED_SHARE = 0.25;
const SCAN_ROWS = 32;
const SCAN_BYTES = 1_536;
/** Entries of the module's buffers for results. */
const BUFFER = 16_384;

export const trialEngines: readonly EngineSpec[] = [
  spec(
    'trial',
    true,
    [32, 48, 64, 96, 128, 160, 192, 256, 320, 384, 512],
    'the trial’s graph: built on 1-bit codes in cluster order (ordering is timed), walked on 4-bit codes, the best 40 (a quarter of ef where that is more) judged by int8, of them 30 by floats; memory is what its searches read, floats included',
  ),
  spec(
    'trial-flat',
    false,
    [100, 130, 150, 200, 300, 400, 800],
    'the trial’s scan of 1-bit codes; ef is the number of rows judged by int8, the best 30 of them by floats',
  ),
];

function spec(name: string, isGraph: boolean, ladder: readonly Ef[], about: string): EngineSpec {
  return {
    name,
    runtimes: ['node', 'chromium'],
    maxRows: 1_000_000,
    ladder,
    about,
    create: async (platform, dimensions, capacity) => {
      if (dimensions !== DIMENSIONS) throw new Error(`it is fixed to ${DIMENSIONS} dimensions`);
      return trialEngine(await platform.compileTrial(), capacity, isGraph);
    },
  };
}

async function trialEngine(module: WebAssembly.Module, count: number, isGraph: boolean): Promise<Engine> {
  const at = layout(count);
  const memory = new WebAssembly.Memory({ initial: (at.end + 65_535) >>> 16 });
  const instance = await WebAssembly.instantiate(module, { env: { memory } });
  const trial = instance.exports as unknown as Trial;
  const floats = new Float32Array(memory.buffer);
  const words = new Uint32Array(memory.buffer);
  let order: Uint32Array = new Uint32Array();
  return asEngine<Float32Array, Uint32Array>({
    build: (rows) => {
      const mean = meanOf(rows);
      floats.set(mean, at.mean / 4);
      order = isGraph ? clusterOrder(rows, mean) : Uint32Array.from({ length: rows.count }, (_, i) => i);
      trial.cfg(
        count,
        M,
        2 * M,
        at.bytes,
        at.scales,
        at.oneBit,
        at.fourBits,
        at.scan,
        at.floats,
        at.mean,
        at.query,
      );
      trial.cfgG(at.lowest, at.upperOf, at.upper, at.levels, 0, -1, upperWords(count));
      trial.cfgS(
        at.visited,
        at.entryIds,
        at.entryDistances,
        at.entryNext,
        at.results,
        at.sorted,
        at.out,
        at.scanIds,
        at.scanDistances,
      );
      order.forEach((row, i) => {
        writeRow(memory.buffer, at, i, rowOf(rows, row), mean, isGraph);
      });
      if (!isGraph) return;
      trial.g_reset(EF_CONSTRUCTION, SEED);
      trial.buildB(0, count, ONE_BIT);
    },
    prepare: (query) => query,
    search: (query, k, ef) => {
      floats.set(query, at.query / 4);
      trial.s_R(Math.max(JUDGED, Math.ceil((ef ?? 0) * JUDGED_SHARE)));
      const found = isGraph
        ? trial.queryB(FOUR_BITS, k, ef ?? 64, 1)
        : trial.fastscan(count, ef ?? 200, k, 1);
      return words.slice(at.out / 4, at.out / 4 + 2 * found);
    },
    ordinalsOf: (found) =>
      Array.from({ length: found.length / 2 }, (_, i) => order[found[2 * i + 1] ?? 0] ?? -1),
    memoryBytes: () => {
      const shared = count * (DIMENSIONS + 4 + 4 * DIMENSIONS);
      return isGraph
        ? shared + count * (FOUR_BIT_BYTES + 4 * (2 * M + 1) + 5) + 4 * upperWords(count)
        : shared + (count * SCAN_BYTES) / SCAN_ROWS;
    },
  });
}

type Layout = ReturnType<typeof layout>;

/** Where everything lies, in bytes. */
function layout(count: number) {
  let next = FIRST_ADDRESS;
  const take = (bytes: number) => {
    const address = next;
    next += Math.ceil(bytes / 64) * 64 + 64;
    return address;
  };
  return {
    bytes: take(count * DIMENSIONS),
    scales: take(4 * count),
    oneBit: take(count * ONE_BIT_BYTES),
    fourBits: take(count * FOUR_BIT_BYTES),
    scan: take(Math.ceil(count / SCAN_ROWS) * SCAN_BYTES),
    floats: take(4 * count * DIMENSIONS),
    mean: take(4 * DIMENSIONS),
    query: take(4 * DIMENSIONS),
    lowest: take(4 * count * (2 * M + 1)),
    upperOf: take(4 * count),
    upper: take(4 * upperWords(count)),
    levels: take(count),
    visited: take(count / 8 + 64),
    entryIds: take(4 * count + 64),
    entryDistances: take(4 * count + 64),
    entryNext: take(4 * count + 64),
    results: take(8 * BUFFER),
    sorted: take(8 * BUFFER),
    out: take(8 * BUFFER),
    scanIds: take(4 * BUFFER),
    scanDistances: take(2 * BUFFER),
    end: next + (1 << 16),
  };
}

/** Links above the lowest level: one row in M has them, with room for chance. */
function upperWords(count: number): number {
  return Math.ceil(count * 1.5) + 10_000;
}

/** Writes all codes of a row. */
function writeRow(
  buffer: ArrayBuffer,
  at: Layout,
  id: number,
  row: Float32Array,
  mean: Float32Array,
  isGraph: boolean,
): void {
  new Float32Array(buffer, at.floats + 4 * id * DIMENSIONS, DIMENSIONS).set(row);
  const bytes = new Int8Array(buffer, at.bytes + id * DIMENSIONS, DIMENSIONS);
  const largest = largestOf(row);
  for (let i = 0; i < DIMENSIONS; i++) bytes[i] = Math.round(((row[i] ?? 0) / largest) * 127);
  new Float32Array(buffer, at.scales + 4 * id, 1)[0] = largest / 127;
  if (!isGraph) {
    writeScan(
      new Uint8Array(buffer, at.scan + Math.floor(id / SCAN_ROWS) * SCAN_BYTES, SCAN_BYTES),
      id,
      row,
      mean,
    );
    return;
  }
  writeSigns(new Uint8Array(buffer, at.oneBit + id * ONE_BIT_BYTES, ONE_BIT_BYTES), row, mean);
  writeFourBits(buffer, at.fourBits + id * FOUR_BIT_BYTES, row, mean);
}

/** One bit a dimension: 128 dimensions in 16 bytes, byte `lane` holding dimensions lane, 16 + lane, … */
function writeSigns(out: Uint8Array, row: Float32Array, mean: Float32Array): void {
  for (let i = 0; i < DIMENSIONS; i++)
    if ((row[i] ?? 0) > (mean[i] ?? 0)) {
      const byte = (i >>> 7) * 16 + (i & 15);
      out[byte] = (out[byte] ?? 0) | (1 << ((i >>> 4) & 7));
    }
}

/** Four bits of (row − mean): words of 16 bits with dimensions 8 apart, the highest nibble signed, the others moved up by 8; then the scale. */
function writeFourBits(buffer: ArrayBuffer, address: number, row: Float32Array, mean: Float32Array): void {
  const words = new Int16Array(buffer, address, DIMENSIONS / 4);
  const centred = row.map((value, i) => value - (mean[i] ?? 0));
  const scale = largestOf(centred) / 7.5;
  const code = (i: number) => Math.max(-8, Math.min(7, Math.round((centred[i] ?? 0) / scale)));
  for (let word = 0; word < words.length; word++) {
    const first = (word >>> 3) * 32 + (word & 7);
    words[word] =
      (code(first) + 8) |
      ((code(first + 8) + 8) << 4) |
      ((code(first + 16) + 8) << 8) |
      (code(first + 24) << 12);
  }
  new Float32Array(buffer, address + DIMENSIONS / 2, 1)[0] = scale;
}

/** The bits of 32 rows, four dimensions a nibble: byte j of a group has row j below and row 16 + j above. */
function writeScan(block: Uint8Array, id: number, row: Float32Array, mean: Float32Array): void {
  const lane = id % SCAN_ROWS;
  const shift = lane < 16 ? 0 : 4;
  for (let i = 0; i < DIMENSIONS; i++)
    if ((row[i] ?? 0) > (mean[i] ?? 0)) {
      const byte = (i >>> 2) * 16 + (lane & 15);
      block[byte] = (block[byte] ?? 0) | (1 << ((i & 3) + shift));
    }
}

function largestOf(values: Float32Array): number {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  return largest || 1;
}

function meanOf(rows: Matrix): Float32Array {
  const sums = new Float64Array(rows.dimensions);
  for (let row = 0; row < rows.count; row++)
    rowOf(rows, row).forEach((value, i) => {
      sums[i] = (sums[i] ?? 0) + value;
    });
  return Float32Array.from(sums, (sum) => sum / rows.count);
}

/** Rows grouped by the nearest of √n of them, by one bit a dimension. */
function clusterOrder(rows: Matrix, mean: Float32Array): Uint32Array {
  const words = DIMENSIONS / 32;
  const signs = new Uint32Array(rows.count * words);
  for (let row = 0; row < rows.count; row++)
    rowOf(rows, row).forEach((value, i) => {
      const word = row * words + (i >>> 5);
      if (value > (mean[i] ?? 0)) signs[word] = (signs[word] ?? 0) | (1 << (i & 31));
    });
  const pivots = Math.min(256, Math.ceil(Math.sqrt(rows.count)));
  const step = Math.floor(rows.count / pivots);
  const groups: number[][] = Array.from({ length: pivots }, () => []);
  for (let row = 0; row < rows.count; row++) {
    let [best, nearest] = [Number.POSITIVE_INFINITY, 0];
    for (let pivot = 0; pivot < pivots; pivot++) {
      let distance = 0;
      for (let word = 0; word < words; word++)
        distance += bitsOf((signs[row * words + word] ?? 0) ^ (signs[pivot * step * words + word] ?? 0));
      if (distance < best) [best, nearest] = [distance, pivot];
    }
    groups[nearest]?.push(row);
  }
  return Uint32Array.from(groups.flat());
}

function bitsOf(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

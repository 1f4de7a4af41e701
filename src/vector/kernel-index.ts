/**
 * The vector index of Loci: rows of 12 bits a number in the WASM kernel, scanned or walked as a graph, as the
 * planner finds cheaper. The rows are the truth and the graph a cache of them: rows that are not in it yet
 * are scanned, so a search always sees every row.
 */

import { LociError } from '../errors.ts';
import { GRAPH_FROM_ROWS, INDEX_SLICE_MS, MAX_DIMENSIONS, MAX_INDEX_BYTES } from '../limits.ts';
import type { SearchEffort } from '../types.ts';
import { CALIBRATION_ROWS, calibrateCodes, calibrateGraph } from './calibration.ts';
import { type Filter, partsOf } from './filter.ts';
import { compileKernel, Kernel } from './kernel.ts';
import {
  type GraphState,
  importRecords,
  type LoadedRows,
  loadGraph,
  loadRows,
  readContainer,
  serializeGraph,
  serializeRows,
  writeContainer,
} from './kernel-snapshot.ts';
import { packedBytes } from './packed-vector.ts';
import { type Curves, choosePlan, DEFAULT_CURVES, type Plan, type RecallCurve } from './planner.ts';
import type { NearestOptions, Neighbour, VectorIndex } from './vector-index.ts';
import { checkShape, checkSquaredLength } from './vectors.ts';

export interface KernelIndexOptions {
  /** What is compared. With `inner-product` rows keep their length. Default `cosine`. */
  readonly metric?: 'cosine' | 'inner-product' | undefined;
  /** Bits a number beyond 8: more of them tell near rows apart better and take 48 bytes each of 384 dimensions. Default 4. */
  readonly residualBits?: 0 | 2 | 4 | undefined;
  /** Links that a node chooses; twice as many at the lowest level at most. 4 to 64, default 16. */
  readonly m?: number | undefined;
  /** Width of the search for a new node's neighbours. 8 to 2,000, default 200. */
  readonly efConstruction?: number | undefined;
  /** Rows from which on a graph is built; `Infinity`: never. Default 50,000. */
  readonly graphFromRows?: number | undefined;
  /** Most memory, bytes. Default 2 GiB. */
  readonly maxBytes?: number | undefined;
  /** Of the levels of nodes. Default 1. */
  readonly seed?: number | undefined;
  /** The compiled kernel, where the host must import it. Default: fetched from the package. */
  readonly module?: WebAssembly.Module | undefined;
}

/** Answers of the kernel. */
const INVALID = 1;
const NO_MEMORY = 0xffff_ffff;
/** Pending rows from which on they are inserted in bulk: its preparation is worth it. */
const BULK_ROWS = 1_024;
/** and as a share of the rows in the graph. */
const BULK_SHARE = 0.05;
/** Rows inserted between two looks at the clock: some 100 µs each. */
const UNITS_PER_LOOK = 4;
/** Rows from which on codes are measured: fewer are compared each. */
const CODES_FROM_ROWS = 2_048;
/** Most looks a millisecond: on the edge the clock stands still. */
const LOOKS_PER_MS = 8;
/** Slots whose lists are looked at between two looks at the clock. */
const SLOTS_PER_LOOK = 128;
/** How two sets are joined. */
const AND = 0;
const OR = 1;

/**
 * Makes an empty index.
 *
 * @throws LociError `INDEX_UNAVAILABLE` where WebAssembly cannot run, `INVALID_INPUT` for an option out of its range.
 *
 * @example
 * const index = await createKernelIndex(384);
 * index.add(0, vector);
 * index.search(query, 10, { recall: 0.999 });
 */
export async function createKernelIndex(
  dimensions: number,
  options: KernelIndexOptions = {},
): Promise<KernelIndex> {
  checkOptions(dimensions, options);
  return new KernelIndex(options.module ?? (await compileKernel()), dimensions, options);
}

/** What {@link createKernelIndex} makes. */
export class KernelIndex implements VectorIndex {
  readonly kind = 'kernel';
  readonly dimensions: number;
  readonly metric: 'cosine' | 'inner-product';
  readonly residualBits: number;
  readonly #graphFromRows: number;
  /** Undefined once closed, so that its memory can go. */
  #open: Kernel | undefined;
  #curves: Curves = DEFAULT_CURVES;
  /** Rows in the graph when it was last calibrated, rows when the codes were, and a calibration going on. */
  #graphCalibratedAt = 0;
  #codesCalibratedAt = 0;
  #calibration: Generator<undefined, RecallCurve> | undefined;
  #lastEffort: SearchEffort | undefined;

  constructor(module: WebAssembly.Module, dimensions: number, options: KernelIndexOptions = {}) {
    const { metric = 'cosine', residualBits = 4, m = 16, efConstruction = 200, seed = 1 } = options;
    this.dimensions = dimensions;
    this.metric = metric;
    this.residualBits = residualBits;
    this.#graphFromRows = options.graphFromRows ?? GRAPH_FROM_ROWS;
    const maxBytes = options.maxBytes ?? MAX_INDEX_BYTES;
    try {
      this.#open = new Kernel(module, maxBytes);
    } catch (cause) {
      throw new LociError('INDEX_UNAVAILABLE', 'the vector kernel cannot be started', {
        hint: 'Give maxBytes of at least a few MB and at most 4 GiB.',
        cause,
      });
    }
    const isCosine = metric === 'cosine' ? 1 : 0;
    if (!this.#kernel.call.init(dimensions, residualBits, isCosine, m, efConstruction, seed)) throw full();
  }

  get size(): number {
    return this.#kernel.call.size();
  }

  /** Rows that are not in the graph. */
  get pending(): number {
    return this.#kernel.call.pending();
  }

  /** Bytes of WASM memory in use, all of the index included. */
  get memoryBytes(): number {
    return this.#kernel.call.memoryBytes() >>> 0;
  }

  /** How the last search was done. */
  get lastEffort(): SearchEffort | undefined {
    return this.#lastEffort;
  }

  add(ordinal: number, vector: Float32Array): void {
    checkShape(vector, this.dimensions);
    this.#addAt(ordinal, vector);
  }

  /**
   * Adds many rows, whose vectors lie one after another. What was added before a vector that is refused stays.
   *
   * @throws LociError `INVALID_VECTOR` where the numbers are not a vector for each ordinal, or for a bad vector.
   */
  addMany(ordinals: ArrayLike<number>, vectors: Float32Array): void {
    const { dimensions } = this;
    if (!(vectors instanceof Float32Array) || vectors.length !== ordinals.length * dimensions)
      throw new LociError(
        'INVALID_VECTOR',
        `${ordinals.length} vectors need as many times ${dimensions} numbers`,
        {
          hint: 'Give the vectors in one Float32Array, one after another.',
        },
      );
    for (let i = 0; i < ordinals.length; i++)
      this.#addAt(ordinals[i] ?? -1, vectors.subarray(i * dimensions, (i + 1) * dimensions));
  }

  remove(ordinal: number): boolean {
    return isOrdinal(ordinal) && this.#kernel.call.removeRow(ordinal) !== 0;
  }

  /** The stored vector of a row; of unit length with cosine. */
  vectorOf(ordinal: number): Float32Array | undefined {
    const { call } = this.#kernel;
    if (!isOrdinal(ordinal) || !call.read(ordinal)) return undefined;
    return this.#kernel.floats(call.vectorAddress(), this.dimensions).slice();
  }

  search(query: Float32Array, k: number, options: NearestOptions = {}): readonly Neighbour[] {
    checkShape(query, this.dimensions);
    checkEffort(k, options);
    const { call } = this.#kernel;
    this.#kernel.floats(call.queryAddress(), this.dimensions).set(query);
    if (!call.setQuery()) throw refusal(query);
    const { filter, ef, recall, recallAt } = options;
    const size = this.size;
    const members = filter === undefined ? size : this.#applyFilter(filter);
    const count = Math.min(Math.max(Math.floor(k), 0), members);
    if (count === 0) return [];
    const isFiltered = filter !== undefined;
    const question = { k: count, size, members, isFiltered, ef, recall, recallAt };
    const { dimensions, metric, pending } = this;
    const plan = choosePlan({ ...question, dimensions, metric, pending }, this.#curves);
    let found = this.#run(plan, count, members, filter !== undefined);
    // A graph may lead to fewer than there are.
    if (found < count) found = this.#run({ kind: 'exact' }, count, members, filter !== undefined);
    return this.#results(found);
  }

  /**
   * Builds the graph, repairs it, and measures what it takes to reach a recall, for about so many
   * milliseconds; true while work is left.
   */
  maintain(budgetMs: number = INDEX_SLICE_MS): boolean {
    const until = performance.now() + budgetMs;
    for (let looks = 0; this.#maintainOnce(); looks++)
      if (looks >= budgetMs * LOOKS_PER_MS || performance.now() >= until) return true;
    return false;
  }

  /** The rows as immutable blocks, each with a version and a checksum. */
  serializeRows(): readonly Uint8Array[] {
    return serializeRows(this.#kernel, this.#shape);
  }

  /** The graph, or undefined where there is none, or no memory to write it; the rows it belongs to are known by their fingerprints. */
  serializeGraph(): Uint8Array | undefined {
    return serializeGraph(this.#kernel, this.#shape, this.#curves);
  }

  /** Takes over blocks of rows beside those there are; broken ones are left out and counted. */
  loadRows(blocks: Iterable<Uint8Array>): LoadedRows {
    return loadRows(this.#kernel, this.#shape, blocks);
  }

  takeRows(rows: Uint8Array, count: number): boolean {
    const isStoredShape = this.metric === 'cosine' && this.residualBits === 4;
    if (!isStoredShape || rows.byteLength !== count * packedBytes(this.dimensions)) return false;
    return importRecords(this.#kernel, rows, count) === count;
  }

  /** Takes over a graph of the rows there are. Where it is of no use, `maintain` builds another. */
  loadGraph(bytes: Uint8Array | undefined): GraphState {
    const { state, curves } = loadGraph(this.#kernel, this.#shape, bytes);
    if (curves !== undefined) {
      this.#curves = curves;
      this.#graphCalibratedAt = this.size;
      if (curves.codes.isMeasured === true) this.#codesCalibratedAt = this.size;
    }
    return state;
  }

  serialize(): Uint8Array {
    return writeContainer(this.serializeRows(), this.serializeGraph());
  }

  /** Replaces all rows. What is refused changes nothing, but for want of memory: then the index is empty. */
  load(bytes: Uint8Array): void {
    const { rows, graph } = readContainer(bytes, this.#shape);
    this.#kernel.call.removeAll();
    this.#forget();
    try {
      const { brokenRows } = loadRows(this.#kernel, this.#shape, rows);
      if (brokenRows > 0)
        throw new LociError('STORAGE_CORRUPT', `${brokenRows} rows of the bytes cannot be taken`, {
          hint: 'Build the index from its vectors.',
        });
      this.loadGraph(graph);
    } catch (error) {
      this.#kernel.call.removeAll();
      throw error;
    }
  }

  /** Lets go of its memory; a call afterwards is refused with `CLOSED`. */
  close(): void {
    this.#open = undefined;
    this.#forget();
  }

  get #kernel(): Kernel {
    if (this.#open !== undefined) return this.#open;
    throw new LociError('CLOSED', 'the vector index is closed', { hint: 'Make another one.' });
  }

  get #shape() {
    const { dimensions, residualBits, metric } = this;
    return { dimensions, residualBits, metric };
  }

  #forget(): void {
    this.#curves = DEFAULT_CURVES;
    this.#graphCalibratedAt = 0;
    this.#codesCalibratedAt = 0;
    this.#calibration = undefined;
    this.#lastEffort = undefined;
  }

  #addAt(ordinal: number, vector: Float32Array): void {
    const { call } = this.#kernel;
    if (!isOrdinal(ordinal) || ordinal >= call.ordinalLimit() >>> 0)
      throw new LociError('INVALID_INPUT', `${String(ordinal)} is no ordinal`, {
        hint: `Give a whole number from 0 to ${(call.ordinalLimit() >>> 0) - 1}.`,
      });
    this.#kernel.floats(call.vectorAddress(), this.dimensions).set(vector);
    const answer = call.add(ordinal);
    if (answer === 0) return;
    throw answer === INVALID ? refusal(vector) : full();
  }

  /** Writes a filter's sets into the kernel and joins them there; answers how many rows pass. */
  #applyFilter(filter: Filter): number {
    const { call } = this.#kernel;
    if (!call.reserveFilters(depthOf(filter))) throw full();
    this.#writeFilter(filter, 0);
    return call.applyFilter();
  }

  #writeFilter(filter: Filter, depth: number): void {
    const { call } = this.#kernel;
    const parts = partsOf(filter);
    const words = this.#kernel.words(call.filterAt(depth), call.filterWords());
    if (parts.kind === 'set') {
      const given = parts.set.words.subarray(0, words.length);
      words.set(given);
      words.fill(0, given.length);
    } else if (parts.kind === 'not') {
      this.#writeFilter(parts.filter, depth);
      call.invertFilter(depth);
    } else {
      const [first, ...others] = parts.filters;
      if (first === undefined) words.fill(parts.kind === 'and' ? 0xffff_ffff : 0);
      else this.#writeFilter(first, depth);
      for (const other of others) {
        this.#writeFilter(other, depth + 1);
        call.combineFilters(depth, parts.kind === 'and' ? AND : OR);
      }
    }
  }

  #run(plan: Plan, k: number, members: number, isFiltered: boolean): number {
    const { call } = this.#kernel;
    const filtered = isFiltered ? 1 : 0;
    let found: number;
    if (plan.kind === 'exact') found = call.exact(k, filtered);
    else if (plan.kind === 'codes') found = call.scan(k, filtered, plan.judged);
    else found = call.walkGraph(k, filtered, plan.ef, plan.judged, plan.pendingJudged);
    if (found >>> 0 === NO_MEMORY) throw full();
    this.#lastEffort = {
      plan: plan.kind,
      members,
      ef: plan.kind === 'graph' ? plan.ef : undefined,
      walked: call.lastWalked(),
      scanned: call.lastScanned(),
      judged: call.lastJudged(),
      refined: call.lastRefined(),
      pending: this.pending,
    };
    return found;
  }

  #results(count: number): Neighbour[] {
    const at = this.#kernel.call.resultsAddress();
    const scores = this.#kernel.floats(at, 2 * count);
    const ordinals = this.#kernel.words(at, 2 * count);
    return Array.from({ length: count }, (_, i) => ({
      ordinal: ordinals[2 * i + 1] ?? 0,
      score: scores[2 * i] ?? 0,
    }));
  }

  /** One small piece of background work; false where there is none. */
  #maintainOnce(): boolean {
    const { call } = this.#kernel;
    if (this.#isCodesDue() && this.#calibrateCodesOnce()) return true;
    if (this.size < this.#graphFromRows) {
      if (call.isBulkBuilding()) call.cancelBulk();
      return false;
    }
    if (call.repairSome(SLOTS_PER_LOOK)) return true;
    const { size, pending } = this;
    const inGraph = size - pending;
    if (call.isBulkBuilding()) {
      const isDue = pending <= CALIBRATION_ROWS && inGraph >= 2 * this.#graphCalibratedAt;
      if (!isDue || !this.#calibrateGraphOnce(inGraph)) call.continueBulk(UNITS_PER_LOOK);
      return true;
    }
    if (pending === 0) return false;
    const isBulk = this.metric === 'cosine' && pending >= BULK_ROWS && pending >= inGraph * BULK_SHARE;
    // Without memory for the bulk's codes rows still go in one by one.
    if (isBulk && call.beginBulk()) return true;
    call.insertPending(UNITS_PER_LOOK);
    return true;
  }

  /** Codes are measured at some thousand rows and again when there are four times as many. */
  #isCodesDue(): boolean {
    const { size } = this;
    const isDue = size >= CODES_FROM_ROWS && size >= 4 * this.#codesCalibratedAt;
    return isDue && this.metric === 'cosine' && !this.#kernel.call.isBulkBuilding();
  }

  #calibrateCodesOnce(): boolean {
    const codes = this.#calibrateOnce(() => calibrateCodes(this.#kernel, this.dimensions));
    if (codes === undefined) return true;
    this.#curves = { ...this.#curves, codes };
    this.#codesCalibratedAt = this.size;
    return false;
  }

  #calibrateGraphOnce(inGraph: number): boolean {
    const graph = this.#calibrateOnce(() => calibrateGraph(this.#kernel, this.dimensions));
    if (graph === undefined) return true;
    this.#curves = { ...this.#curves, graph };
    this.#graphCalibratedAt = inGraph;
    return false;
  }

  /** One search of a calibration; the curve when it is done. */
  #calibrateOnce(begin: () => Generator<undefined, RecallCurve>): RecallCurve | undefined {
    this.#calibration ??= begin();
    const { done, value } = this.#calibration.next();
    if (!done) return undefined;
    this.#calibration = undefined;
    return value;
  }
}

function depthOf(filter: Filter, depth = 1): number {
  const parts = partsOf(filter, depth);
  if (parts.kind === 'set') return 1;
  if (parts.kind === 'not') return depthOf(parts.filter, depth + 1);
  return parts.filters.reduce(
    (most, each, i) => Math.max(most, depthOf(each, depth + 1) + (i > 0 ? 1 : 0)),
    1,
  );
}

function isOrdinal(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 32;
}

function checkEffort(k: number, { ef, recall, recallAt }: NearestOptions): void {
  if (Number.isNaN(k) || typeof k !== 'number') throw invalidOption('k', 'a number of results');
  if (ef !== undefined && !(Number.isInteger(ef) && ef > 0))
    throw invalidOption('ef', 'a whole number from 1');
  if (recall !== undefined && !(recall > 0 && recall <= 1))
    throw invalidOption('recall', 'a number above 0 and up to 1');
  if (recallAt !== undefined && !(Number.isInteger(recallAt) && recallAt >= 1))
    throw invalidOption('recallAt', 'a whole number from 1');
}

function checkOptions(dimensions: number, options: KernelIndexOptions): void {
  const { metric, residualBits, m = 16, efConstruction = 200, maxBytes, graphFromRows = 0 } = options;
  const isWhole = (value: number, from: number, to: number) =>
    Number.isInteger(value) && value >= from && value <= to;
  if (!isWhole(dimensions, 1, MAX_DIMENSIONS))
    throw invalidOption('dimensions', `a whole number from 1 to ${MAX_DIMENSIONS}`);
  if (metric !== undefined && metric !== 'cosine' && metric !== 'inner-product')
    throw invalidOption('metric', '"cosine" or "inner-product"');
  if (residualBits !== undefined && ![0, 2, 4].includes(residualBits))
    throw invalidOption('residualBits', '0, 2 or 4');
  if (!isWhole(m, 4, 64)) throw invalidOption('m', 'a whole number from 4 to 64');
  if (!isWhole(efConstruction, 8, 2_000))
    throw invalidOption('efConstruction', 'a whole number from 8 to 2,000');
  if (maxBytes !== undefined && !(maxBytes > 0 && maxBytes <= 2 ** 32))
    throw invalidOption('maxBytes', 'a number of bytes up to 4 GiB');
  if (!(graphFromRows >= 0)) throw invalidOption('graphFromRows', 'a number of rows from 0');
}

function invalidOption(name: string, wanted: string): LociError {
  return new LociError('INVALID_INPUT', `${name} must be ${wanted}`, { hint: `Give ${name} as ${wanted}.` });
}

function refusal(vector: Float32Array): unknown {
  try {
    checkSquaredLength(vector.reduce((sum, value) => sum + value * value, 0));
  } catch (error) {
    return error;
  }
  return new LociError('INVALID_VECTOR', 'the vector is too long or too short to be multiplied', {
    hint: 'With inner products give vectors of length 1e-15 to 1e15.',
  });
}

function full(): LociError {
  return new LociError('INDEX_FULL', 'the vector index has reached its maximum of memory', {
    hint: 'Forget some memories, raise maxBytes, or spread them over several namespaces.',
  });
}

/** The trainer: rows of numbers that learn, one batch at a time, to add up to the teacher's vectors. */

import { startKernel, type TrainerKernel } from './compile.ts';
import { gaussianLevels } from './levels.ts';
import { createRankGradient, type RankGradient } from './ranks.ts';

export interface TrainerOptions {
  readonly rows: number;
  readonly dimensions: number;
  /** Texts of a batch; a multiple of four. */
  readonly batch: number;
  /** Weight of the difference between the batch's similarities and the teacher's. */
  readonly similarityWeight: number;
  /** Weight of the difference between similarities across, own vector with the teacher's, and the teacher's. */
  readonly crossWeight: number;
  /** Weight of the loss over orders, of own similarities and of those across; see ranks.ts. */
  readonly rankWeight: number;
  /** Difference of two similarities at which the nearer counts e times as much in an order. */
  readonly rankTemperature: number;
}

/** How rows will be stored: those below `split` in some bits a number, those from it on in others. */
export interface Quantization {
  readonly split: number;
  readonly lowerBits: number;
  readonly upperBits: number;
}

/** Most features of a batch. */
const FEATURES = 1_000_000;
const PAGE_BYTES = 65_536;
/** Bytes at the beginning of the memory that the compiler keeps for itself. */
const RESERVED = 1_024;
const ADAM = { first: 0.9, second: 0.999, epsilon: 1e-8 };
/** Parts of the memory, and the numbers in each. */
type Part =
  | 'table'
  | 'stored'
  | 'first'
  | 'second'
  | 'rowGradients'
  | 'marks'
  | 'touched'
  | 'lower'
  | 'upper'
  | 'starts'
  | 'ids'
  | 'weights'
  | 'units'
  | 'targets'
  | 'gradient'
  | 'norms'
  | 'own'
  | 'across'
  | 'wanted';

/** Parts that are kept between passes. */
const STATE = ['table', 'first', 'second'] as const;

export class Trainer {
  readonly #options: TrainerOptions;
  readonly #kernel: TrainerKernel;
  readonly #at: Readonly<Record<Part, number>>;
  readonly #floats: Float32Array;
  readonly #ints: Int32Array;
  #step = 0;
  #features = 0;
  #texts = 0;
  #quantization: Quantization | undefined;
  readonly #rankGradient: RankGradient;

  constructor(module: WebAssembly.Module, options: TrainerOptions) {
    const { rows, dimensions, batch } = options;
    this.#options = options;
    this.#rankGradient = createRankGradient(batch, options.rankTemperature);
    const numbers: Readonly<Record<Part, number>> = {
      table: rows * dimensions,
      stored: rows * dimensions,
      first: rows * dimensions,
      second: rows * dimensions,
      rowGradients: rows * dimensions,
      marks: rows,
      touched: rows,
      lower: 64,
      upper: 64,
      starts: batch + 1,
      ids: FEATURES,
      weights: FEATURES,
      units: batch * dimensions,
      targets: batch * dimensions,
      gradient: batch * dimensions,
      norms: batch,
      own: batch * batch,
      across: batch * batch,
      wanted: batch * batch,
    };
    let end = RESERVED;
    const places = Object.entries(numbers).map(([part, count]) => {
      const from = end;
      end += Math.ceil((4 * count) / 64) * 64;
      return [part, from];
    });
    this.#at = Object.fromEntries(places) as Record<Part, number>;
    const pages = Math.ceil(end / PAGE_BYTES);
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    this.#kernel = startKernel(module, memory);
    this.#floats = new Float32Array(memory.buffer);
    this.#ints = new Int32Array(memory.buffer);
    this.#ints.fill(-1, this.#at.marks / 4, this.#at.marks / 4 + rows);
  }

  /** The rows as they learn; the caller may set them before the first step. */
  get table(): Float32Array {
    return this.#part('table', this.#options.rows * this.#options.dimensions);
  }

  /** The rows as they will be stored, once {@link quantize} was called. */
  get stored(): Float32Array {
    return this.#part(
      this.#quantization === undefined ? 'table' : 'stored',
      this.#options.rows * this.#options.dimensions,
    );
  }

  get isQuantized(): boolean {
    return this.#quantization !== undefined;
  }

  /** All that a later training needs to go on from here: rows and both moments. */
  state(): readonly Float32Array[] {
    const { rows, dimensions } = this.#options;
    return STATE.map((part) => this.#part(part, rows * dimensions).slice());
  }

  /** Goes on from a state after so many steps. */
  restore(state: readonly Float32Array[], steps: number): void {
    const { rows, dimensions } = this.#options;
    for (const [i, part] of STATE.entries())
      this.#part(part, rows * dimensions).set(state[i] ?? new Float32Array());
    this.#step = steps;
  }

  /** Begins a batch. */
  begin(): void {
    this.#features = 0;
    this.#texts = 0;
  }

  /** Adds a feature to the text that {@link endText} will end. */
  addFeature(row: number, weight: number): void {
    if (this.#features >= FEATURES) throw new RangeError(`a batch has more than ${FEATURES} features`);
    this.#ints[this.#at.ids / 4 + this.#features] = row;
    this.#floats[this.#at.weights / 4 + this.#features++] = weight;
  }

  endText(target: Float32Array): void {
    const { dimensions } = this.#options;
    this.#floats.set(target, this.#at.targets / 4 + this.#texts++ * dimensions);
    this.#ints[this.#at.starts / 4 + this.#texts] = this.#features;
  }

  /** Learns the batch; the mean of 1 − cosine before the step is the answer. */
  learn(rate: number): number {
    const { dimensions, batch } = this.#options;
    if (this.#texts !== batch) throw new RangeError(`a batch has ${batch} texts, not ${this.#texts}`);
    const { starts, ids, weights, units, norms, targets } = this.#at;
    const source = this.#quantization === undefined ? this.#at.table : this.#at.stored;
    this.#kernel.forward(source, dimensions, starts, ids, weights, units, norms, batch);
    const [own, goal] = [this.#part('units', batch * dimensions), this.#part('targets', batch * dimensions)];
    const gradient = this.#part('gradient', batch * dimensions);
    let cosines = 0;
    for (let i = 0; i < goal.length; i++) {
      const value = goal[i] as number;
      cosines += (own[i] as number) * value;
      gradient[i] = -value;
    }
    this.#kernel.products(targets, targets, dimensions, this.#at.wanted, batch);
    // Of a symmetric matrix every pair comes twice, and each of its two vectors has a part in it.
    this.#addDifferences('own', 'units', (4 * this.#options.similarityWeight) / batch);
    this.#addDifferences('across', 'targets', (2 * this.#options.crossWeight) / batch);
    this.#update(rate);
    return 1 - cosines / batch;
  }

  /** From now on learns with the rows as they will be stored: the error of few bits is learnt away. */
  quantize(quantization: Quantization): void {
    this.#quantization = quantization;
    this.#setSteps('lower', gaussianLevels(quantization.lowerBits));
    this.#setSteps('upper', gaussianLevels(quantization.upperBits));
    this.#store(Int32Array.from({ length: this.#options.rows }, (_, row) => row));
  }

  #addDifferences(part: 'own' | 'across', other: 'units' | 'targets', factor: number): void {
    if (factor === 0) return;
    const { dimensions, batch } = this.#options;
    this.#kernel.products(this.#at.units, this.#at[other], dimensions, this.#at[part], batch);
    const [found, wanted] = [this.#part(part, batch * batch), this.#part('wanted', batch * batch)];
    const { rankWeight } = this.#options;
    const ranks = rankWeight === 0 ? undefined : this.#rankGradient(found, wanted);
    for (let i = 0; i < found.length; i++)
      found[i] = factor * ((found[i] as number) - (wanted[i] as number)) + rankWeight * (ranks?.[i] ?? 0);
    this.#kernel.addProducts(this.#at[part], this.#at[other], dimensions, this.#at.gradient, batch);
  }

  /** The place of the nearest pivot of each vector; as many pivots as a batch has texts. */
  nearestOf(
    pivots: readonly Float32Array[],
    count: number,
    vectorOf: (place: number) => Float32Array,
  ): Uint16Array {
    const { dimensions, batch } = this.#options;
    const { units, targets, own } = this.#at;
    for (const [i, pivot] of pivots.entries()) this.#floats.set(pivot, targets / 4 + i * dimensions);
    const nearest = new Uint16Array(count);
    const found = this.#part('own', batch * batch);
    for (let from = 0; from < count; from += batch) {
      const size = Math.min(batch, count - from);
      for (let i = 0; i < size; i++) this.#floats.set(vectorOf(from + i), units / 4 + i * dimensions);
      this.#kernel.products(units, targets, dimensions, own, batch);
      for (let i = 0; i < size; i++) {
        let best = 0;
        for (let j = 1; j < batch; j++)
          if ((found[i * batch + j] as number) > (found[i * batch + best] as number)) best = j;
        nearest[from + i] = best;
      }
    }
    return nearest;
  }

  #update(rate: number): void {
    const { dimensions, batch } = this.#options;
    const { table, first, second, rowGradients, marks, touched, gradient, units, norms } = this.#at;
    const { starts, ids, weights } = this.#at;
    const step = ++this.#step;
    const count = this.#kernel.backward(
      gradient,
      units,
      norms,
      dimensions,
      starts,
      ids,
      weights,
      rowGradients,
      marks,
      touched,
      step,
      batch,
    );
    const corrected = (rate * Math.sqrt(1 - ADAM.second ** step)) / (1 - ADAM.first ** step);
    this.#kernel.adam(
      table,
      first,
      second,
      rowGradients,
      dimensions,
      touched,
      count,
      corrected,
      ADAM.epsilon,
    );
    if (this.#quantization !== undefined) this.#store(this.#ints.slice(touched / 4, touched / 4 + count));
  }

  /** Writes rows as they will be stored. */
  #store(rows: Int32Array): void {
    const { split, lowerBits, upperBits } = this.#quantization ?? { split: 0, lowerBits: 0, upperBits: 0 };
    const { table, stored, touched, lower, upper } = this.#at;
    const write = (some: Int32Array, steps: number, bits: number) => {
      this.#ints.set(some, touched / 4);
      this.#kernel.quantize(table, stored, this.#options.dimensions, touched, some.length, steps, 2 ** bits);
    };
    write(
      rows.filter((row) => row < split),
      lower,
      lowerBits,
    );
    write(
      rows.filter((row) => row >= split),
      upper,
      upperBits,
    );
  }

  /** The least level, then for each further one the threshold before it and its distance. */
  #setSteps(part: 'lower' | 'upper', levels: Float32Array): void {
    const steps = this.#part(part, 2 * levels.length);
    steps[0] = levels[0] ?? 0;
    for (let i = 1; i < levels.length; i++) {
      const [before, level] = [levels[i - 1] ?? 0, levels[i] ?? 0];
      steps[2 * i - 1] = (before + level) / 2;
      steps[2 * i] = level - before;
    }
  }

  #part(part: Part, count: number): Float32Array {
    return this.#floats.subarray(this.#at[part] / 4, this.#at[part] / 4 + count);
  }
}

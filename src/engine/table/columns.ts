/** Columns: one field of all memories, by ordinal, in as little memory as its kind allows. */

/** An array at least as long, with the same beginning; grown by a fifth, so that growing stays rare and little is spare. */
export function growTo<T extends Uint8Array | Uint32Array | Float64Array>(values: T, length: number): T {
  if (length <= values.length) return values;
  return resized(values, Math.max(length, Math.ceil(values.length * 1.2), 1_024));
}

/** An array of this length, with the same beginning. */
export function resized<T extends Uint8Array | Uint32Array | Float64Array>(values: T, length: number): T {
  const Values = values.constructor as new (length: number) => T;
  const other = new Values(length);
  other.set(values);
  return other;
}

/** One field by ordinal. */
export interface Column<T> {
  get(ordinal: number): T;
  set(ordinal: number, value: T): void;
  /** Forgets a value, so that nothing of a deleted memory stays. */
  clear(ordinal: number): void;
  /** Makes room for so many ordinals at once; a column that takes memory for what is there only has none to make. */
  reserve?(ordinals: number): void;
}

/** Numbers, absent or not; it takes no memory until the first one is set. */
export class NumberColumn implements Column<number | undefined> {
  #values = new Float64Array(0);

  get(ordinal: number): number | undefined {
    const value = this.#values[ordinal];
    // A place never written is no number either: NaN is written on growing.
    return value === undefined || Number.isNaN(value) ? undefined : value;
  }

  set(ordinal: number, value: number | undefined): void {
    if (value === undefined && ordinal >= this.#values.length) return;
    if (ordinal >= this.#values.length) this.#grow(growTo(this.#values, ordinal + 1));
    this.#values[ordinal] = value ?? Number.NaN;
  }

  clear(ordinal: number): void {
    if (ordinal < this.#values.length) this.#values[ordinal] = Number.NaN;
  }

  reserve(ordinals: number): void {
    if (ordinals > this.#values.length) this.#grow(resized(this.#values, ordinals));
  }

  /** Ordinals from this one on never had a value. */
  get reach(): number {
    return this.#values.length;
  }

  #grow(values: Float64Array<ArrayBuffer>): void {
    values.fill(Number.NaN, this.#values.length);
    this.#values = values;
  }
}

/** Counts below 2³², 0 where none was set. */
export class CountColumn implements Column<number> {
  #values = new Uint32Array(0);

  get(ordinal: number): number {
    return this.#values[ordinal] ?? 0;
  }

  set(ordinal: number, value: number): void {
    this.#values = growTo(this.#values, ordinal + 1);
    this.#values[ordinal] = value;
  }

  clear(ordinal: number): void {
    if (ordinal < this.#values.length) this.#values[ordinal] = 0;
  }

  reserve(ordinals: number): void {
    if (ordinals > this.#values.length) this.#values = resized(this.#values, ordinals);
  }
}

/** Values that differ from memory to memory, most of them absent. */
export class ValueColumn<T> implements Column<T | undefined> {
  readonly #values: (T | undefined)[] = [];

  get(ordinal: number): T | undefined {
    return this.#values[ordinal];
  }

  set(ordinal: number, value: T | undefined): void {
    if (value === undefined) {
      this.clear(ordinal);
      return;
    }
    // No holes: an array with holes becomes a hash table, which is slow and large.
    while (this.#values.length < ordinal) this.#values.push(undefined);
    this.#values[ordinal] = value;
  }

  clear(ordinal: number): void {
    if (ordinal < this.#values.length) this.#values[ordinal] = undefined;
  }

  /** Ordinals from this one on never had a value. */
  get reach(): number {
    return this.#values.length;
  }
}

/** Values of which most are empty: an empty one takes no memory. */
export class SparseColumn<T extends object> implements Column<T> {
  readonly #values = new ValueColumn<T>();
  readonly #empty: T;

  constructor(empty: T) {
    this.#empty = empty;
  }

  get(ordinal: number): T {
    return this.#values.get(ordinal) ?? this.#empty;
  }

  set(ordinal: number, value: T): void {
    this.#values.set(ordinal, Object.keys(value).length === 0 ? undefined : value);
  }

  clear(ordinal: number): void {
    this.#values.clear(ordinal);
  }
}

/** Most values that are kept to be shared; beyond, sharing begins anew. */
const MAX_POOL = 65_536;

/**
 * Values of which many memories have the same: each is kept once, and the commonest, which is also what an
 * absent one is read as, takes no memory.
 */
export class SharedColumn<T> implements Column<T | undefined> {
  readonly #values = new ValueColumn<T>();
  readonly #pool = new Map<string, T>();
  /** The value given last, and the one kept for it: the next memory's is often the same. */
  #last: { readonly given: T; readonly kept: T | undefined } | undefined;
  readonly #keyOf: (value: T) => string;
  readonly #common: T | undefined;
  readonly #commonKey: string | undefined;

  /** @param keyOf tells values apart. */
  constructor(keyOf: (value: T) => string, common?: T) {
    this.#keyOf = keyOf;
    this.#common = common;
    this.#commonKey = common === undefined ? undefined : keyOf(common);
  }

  get(ordinal: number): T | undefined {
    return this.#values.get(ordinal) ?? this.#common;
  }

  set(ordinal: number, value: T | undefined): void {
    if (value !== undefined && this.#last?.given !== value)
      this.#last = { given: value, kept: this.#shared(value) };
    this.#values.set(ordinal, value === undefined ? undefined : this.#last?.kept);
  }

  clear(ordinal: number): void {
    this.#values.clear(ordinal);
  }

  /** Ordinals from this one on never had a value of its own. */
  get reach(): number {
    return this.#values.reach;
  }

  #shared(value: T): T | undefined {
    const key = this.#keyOf(value);
    if (key === this.#commonKey) return undefined;
    const known = this.#pool.get(key);
    if (known !== undefined) return known;
    if (this.#pool.size >= MAX_POOL) this.#pool.clear();
    this.#pool.set(key, value);
    return value;
  }
}

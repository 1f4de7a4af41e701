/** UUIDs by ordinal, sixteen bytes each, and optionally the way back from a UUID to its ordinal. */

import { parse, stringify, validate } from 'uuid';
import { growTo, resized } from './columns.ts';

const BYTES = 16;
const WORDS = BYTES / 4;

/** Whether a text is a UUID in the one form that survives being stored as bytes. */
export function isPlainUuid(text: string): boolean {
  return validate(text) && text === text.toLowerCase();
}

/** UUIDs by ordinal. */
export class UuidColumn {
  #words = new Uint32Array(0);
  #bytes = new Uint8Array(0);

  get(ordinal: number): string {
    return stringify(this.#bytes, ordinal * BYTES);
  }

  /** @param uuid as text, or its sixteen bytes. */
  set(ordinal: number, uuid: string | Uint8Array): void {
    this.#take(growTo(this.#words, (ordinal + 1) * WORDS));
    this.#bytes.set(typeof uuid === 'string' ? parse(uuid) : uuid, ordinal * BYTES);
  }

  clear(ordinal: number): void {
    this.#words.fill(0, ordinal * WORDS, (ordinal + 1) * WORDS);
  }

  reserve(ordinals: number): void {
    if (ordinals * WORDS > this.#words.length) this.#take(resized(this.#words, ordinals * WORDS));
  }

  /** Of all four words, mixed until each bit depends on every other: ids may count up in any of their bytes. */
  hashAt(ordinal: number): number {
    const at = ordinal * WORDS;
    let hash = 0;
    for (let i = 0; i < WORDS; i++) hash = mix(hash ^ (this.#words[at + i] ?? 0));
    return hash >>> 0;
  }

  isSame(ordinal: number, other: UuidColumn, otherOrdinal: number): boolean {
    const at = ordinal * WORDS;
    const otherAt = otherOrdinal * WORDS;
    for (let i = 0; i < WORDS; i++) if (this.#words[at + i] !== other.#words[otherAt + i]) return false;
    return true;
  }

  #take(words: Uint32Array<ArrayBuffer>): void {
    if (words === this.#words) return;
    this.#words = words;
    this.#bytes = new Uint8Array(words.buffer);
  }
}

/** The final mix of MurmurHash3. */
function mix(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 16), 0x85eb_ca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
  return mixed ^ (mixed >>> 16);
}

const EMPTY = -1;
/** Most of the table that is in use: longer runs of probes cost more than the memory saved. */
const MAX_LOAD = 0.6;

/** Ordinals by UUID: a hash table with linear probing over a {@link UuidColumn}, so that no string is kept. */
export class UuidIndex {
  readonly ids = new UuidColumn();
  /** One UUID that is looked for. */
  readonly #wanted = new UuidColumn();
  #slots = new Int32Array(16).fill(EMPTY);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The ordinal of a UUID, or undefined. */
  find(uuid: string): number | undefined {
    if (!isPlainUuid(uuid)) return undefined;
    this.#wanted.set(0, uuid);
    const ordinal = this.#slots[this.#slotOf(this.#wanted, 0)] ?? EMPTY;
    return ordinal === EMPTY ? undefined : ordinal;
  }

  /** Takes in a UUID that is not in it. @param uuid as text, or its sixteen bytes. */
  add(ordinal: number, uuid: string | Uint8Array): void {
    if (this.#size + 1 > this.#slots.length * MAX_LOAD) this.#rehash(this.#slots.length * 2);
    this.ids.set(ordinal, uuid);
    this.#slots[this.#slotOf(this.ids, ordinal)] = ordinal;
    this.#size += 1;
  }

  /** Makes room at once for so many UUIDs, whose ordinals lie below a limit. */
  reserve(uuids: number, ordinals: number): void {
    this.ids.reserve(ordinals);
    let length = this.#slots.length;
    while (uuids > length * MAX_LOAD) length *= 2;
    if (length > this.#slots.length) this.#rehash(length);
  }

  remove(ordinal: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let hole = this.#slotOf(this.ids, ordinal);
    slots[hole] = EMPTY;
    // Those behind the hole move up, as far as their own place allows: then no probe ends too early.
    for (let at = (hole + 1) & mask; slots[at] !== EMPTY; at = (at + 1) & mask) {
      const home = this.ids.hashAt(slots[at] ?? 0) & mask;
      if (((at - home) & mask) < ((at - hole) & mask)) continue;
      slots[hole] = slots[at] ?? EMPTY;
      slots[at] = EMPTY;
      hole = at;
    }
    this.ids.clear(ordinal);
    this.#size -= 1;
  }

  /** Where the UUID at a place of a column is, or where it would go. */
  #slotOf(column: UuidColumn, at: number): number {
    const mask = this.#slots.length - 1;
    let slot = column.hashAt(at) & mask;
    for (;;) {
      const ordinal = this.#slots[slot] ?? EMPTY;
      if (ordinal === EMPTY || this.ids.isSame(ordinal, column, at)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #rehash(length: number): void {
    const before = this.#slots;
    this.#slots = new Int32Array(length).fill(EMPTY);
    for (const ordinal of before)
      if (ordinal !== EMPTY) this.#slots[this.#slotOf(this.ids, ordinal)] = ordinal;
  }
}

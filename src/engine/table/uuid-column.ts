/** UUIDs by ordinal, sixteen bytes each, and optionally the way back from a UUID to its ordinal. */

import { parse, stringify, validate } from 'uuid';
import { growTo } from './columns.ts';

const BYTES = 16;

/** Whether a text is a UUID in the one form that survives being stored as bytes. */
export function isPlainUuid(text: string): boolean {
  return validate(text) && text === text.toLowerCase();
}

/** UUIDs by ordinal. */
export class UuidColumn {
  #bytes = new Uint8Array(0);

  get(ordinal: number): string {
    return stringify(this.bytesAt(ordinal));
  }

  set(ordinal: number, uuid: string): void {
    this.#bytes = growTo(this.#bytes, (ordinal + 1) * BYTES);
    this.#bytes.set(parse(uuid), ordinal * BYTES);
  }

  bytesAt(ordinal: number): Uint8Array {
    return this.#bytes.subarray(ordinal * BYTES, (ordinal + 1) * BYTES);
  }

  clear(ordinal: number): void {
    this.bytesAt(ordinal).fill(0);
  }
}

const EMPTY = -1;
/** Most of the table that is in use: longer runs of probes cost more than the memory saved. */
const MAX_LOAD = 0.6;

/** Ordinals by UUID: a hash table with linear probing over a {@link UuidColumn}, so that no string is kept. */
export class UuidIndex {
  readonly ids = new UuidColumn();
  #slots = new Int32Array(16).fill(EMPTY);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The ordinal of a UUID, or undefined. */
  find(uuid: string): number | undefined {
    if (!isPlainUuid(uuid)) return undefined;
    const ordinal = this.#slots[this.#slotOf(parse(uuid))] ?? EMPTY;
    return ordinal === EMPTY ? undefined : ordinal;
  }

  /** Takes in a UUID that is not in it. */
  add(ordinal: number, uuid: string): void {
    if (this.#size + 1 > this.#slots.length * MAX_LOAD) this.#rehash(this.#slots.length * 2);
    this.ids.set(ordinal, uuid);
    this.#slots[this.#slotOf(this.ids.bytesAt(ordinal))] = ordinal;
    this.#size += 1;
  }

  remove(ordinal: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let hole = this.#slotOf(this.ids.bytesAt(ordinal));
    slots[hole] = EMPTY;
    // Those behind the hole move up, as far as their own place allows: then no probe ends too early.
    for (let at = (hole + 1) & mask; slots[at] !== EMPTY; at = (at + 1) & mask) {
      const home = hashOf(this.ids.bytesAt(slots[at] ?? 0)) & mask;
      if (((at - home) & mask) < ((at - hole) & mask)) continue;
      slots[hole] = slots[at] ?? EMPTY;
      slots[at] = EMPTY;
      hole = at;
    }
    this.ids.clear(ordinal);
    this.#size -= 1;
  }

  /** Where a UUID is, or where it would go. */
  #slotOf(bytes: Uint8Array): number {
    const mask = this.#slots.length - 1;
    let at = hashOf(bytes) & mask;
    for (;;) {
      const ordinal = this.#slots[at] ?? EMPTY;
      if (ordinal === EMPTY || isSame(this.ids.bytesAt(ordinal), bytes)) return at;
      at = (at + 1) & mask;
    }
  }

  #rehash(length: number): void {
    const before = this.#slots;
    this.#slots = new Int32Array(length).fill(EMPTY);
    for (const ordinal of before)
      if (ordinal !== EMPTY) this.#slots[this.#slotOf(this.ids.bytesAt(ordinal))] = ordinal;
  }
}

/** From the random end of a UUIDv7. */
function hashOf(bytes: Uint8Array): number {
  const at = (i: number) => bytes[i] ?? 0;
  const low = at(12) | (at(13) << 8) | (at(14) << 16) | (at(15) << 24);
  const high = at(8) | (at(9) << 8) | (at(10) << 16) | (at(11) << 24);
  return (Math.imul(low, 0x9e37_79b1) ^ high) >>> 0;
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < BYTES; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Bytes that grow as they are written, and numbers in as few of them as they need (LEB128). */

export const MAX_VARINT_BYTES = 5;

export class ByteWriter {
  /** As many bytes as there is room for; whoever writes into them says so by {@link length}. */
  bytes: Uint8Array;
  /** Bytes written. */
  length = 0;

  constructor(capacity: number) {
    this.bytes = new Uint8Array(capacity);
  }

  /** What is written so far: a view, valid until the next write. */
  get written(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  /** Makes room for so many more bytes. */
  reserve(room: number): void {
    if (this.length + room <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.length + room, this.bytes.length * 2));
    grown.set(this.bytes);
    this.bytes = grown;
  }

  /** A whole number from 0 to 2^32 − 1: seven bits a byte, lowest first, the high bit says that more follow. */
  varint(value: number): void {
    this.reserve(MAX_VARINT_BYTES);
    const { bytes } = this;
    let rest = value;
    while (rest > 127) {
      bytes[this.length++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    bytes[this.length++] = rest;
  }

  /** A part of other bytes. */
  copy(source: Uint8Array, from: number, to: number): void {
    this.reserve(to - from);
    const { bytes } = this;
    let at = this.length;
    // Parts are a few bytes long: a loop costs less than a call of `set`.
    for (let i = from; i < to; i += 1) bytes[at++] = source[i] as number;
    this.length = at;
  }
}

/** Reads varints one after the other; past the end it reads zeros and goes no farther than asked. */
export class VarintReader {
  at = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  next(): number {
    let byte = this.#bytes[this.at++] as number;
    if (!(byte > 127)) return byte | 0;
    let value = byte & 127;
    for (let shift = 7; byte > 127 && shift < 35; shift += 7) {
      byte = this.#bytes[this.at++] as number;
      value |= (byte & 127) << shift;
    }
    return value >>> 0;
  }
}

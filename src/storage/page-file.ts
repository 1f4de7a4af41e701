/**
 * A copy of immutable pages in one file that is read at once, without a transaction: slots of one length, each with
 * a page, its number and its length. It is never the truth. Whoever reads checks what comes, and asks storage
 * where the file has nothing or something else.
 */

/** The part of a `FileSystemSyncAccessHandle` that is used: all of it at once, or an error. */
export interface SyncFile {
  /** @returns the bytes read, fewer at the end of the file. */
  read(into: Uint8Array, options: { readonly at: number }): number;
  /** @returns the bytes written. */
  write(bytes: Uint8Array, options: { readonly at: number }): number;
  truncate(bytes: number): void;
  getSize(): number;
  close(): void;
}

/** "LPGE" as the first four bytes of a slot. */
const MAGIC = 0x4547_504c;
/** Magic u32 · number u32 · length u32 · tag u32, unsigned little-endian. */
const HEADER_BYTES = 16;

export interface PageFileOptions {
  /** Longest page, bytes; longer ones are not taken. A file with another length is of no use. */
  readonly pageBytes: number;
}

/**
 * @example
 * const file = new PageFile(handle, { pageBytes: 33 * 1024 });
 * file.scan(0, file.slots, (page, tag) => wanted.get(page) === tag);
 * file.write(7, bytes, checksum);
 * file.read(7, 100, into); // bytes from the hundredth on, as many as `into` is long
 */
export class PageFile {
  readonly #file: SyncFile;
  readonly #slotBytes: number;
  /** By the number of the page: its slot and its length. */
  readonly #pages = new Map<number, { readonly slot: number; readonly bytes: number }>();
  /** Slots without a page, before the end. */
  readonly #free = new Set<number>();
  readonly #scratch: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  #slots: number;

  constructor(file: SyncFile, { pageBytes }: PageFileOptions) {
    this.#file = file;
    this.#slotBytes = HEADER_BYTES + pageBytes;
    this.#scratch = new Uint8Array(this.#slotBytes);
    this.#view = new DataView(this.#scratch.buffer);
    this.#slots = Math.ceil(file.getSize() / this.#slotBytes);
  }

  /** Slots, with and without a page. */
  get slots(): number {
    return this.#slots;
  }

  get pages(): number {
    return this.#pages.size;
  }

  get bytes(): number {
    return this.#slots * this.#slotBytes;
  }

  has(page: number): boolean {
    return this.#pages.has(page);
  }

  /** Whether a page of so many bytes can be taken. */
  fits(bytes: number): boolean {
    return bytes <= this.#slotBytes - HEADER_BYTES;
  }

  /**
   * Finds the pages of some slots of a file that was there before, and erases those that are not wanted.
   *
   * @param isWanted of a page's number and the tag it was written with.
   */
  scan(from: number, to: number, isWanted: (page: number, tag: number) => boolean): void {
    for (let slot = from; slot < Math.min(to, this.#slots); slot += 1) {
      const read = this.#file.read(this.#scratch.subarray(0, HEADER_BYTES), { at: slot * this.#slotBytes });
      const isPage = read === HEADER_BYTES && this.#view.getUint32(0, true) === MAGIC;
      const page = this.#view.getUint32(4, true);
      const bytes = this.#view.getUint32(8, true);
      if (isPage && this.fits(bytes) && isWanted(page, this.#view.getUint32(12, true)) && !this.has(page))
        this.#pages.set(page, { slot, bytes });
      else this.#erase(slot, this.#slotBytes);
    }
  }

  /** Fills `into` with what a page has from `at` on; false where the page is not there, or is not so long. */
  read(page: number, at: number, into: Uint8Array): boolean {
    const found = this.#pages.get(page);
    if (found === undefined || at + into.byteLength > found.bytes) return false;
    const read = this.#file.read(into, { at: found.slot * this.#slotBytes + HEADER_BYTES + at });
    return read === into.byteLength;
  }

  /**
   * Takes a page in.
   *
   * @param tag what tells it from another page of the same number: a checksum.
   * @throws Error what the file throws, `QuotaExceededError` where there is no room.
   */
  write(page: number, bytes: Uint8Array, tag: number): void {
    if (!this.fits(bytes.byteLength) || this.has(page)) return;
    const [slot = this.#slots] = this.#free;
    this.#scratch.set(bytes, HEADER_BYTES);
    this.#view.setUint32(0, MAGIC, true);
    this.#view.setUint32(4, page, true);
    this.#view.setUint32(8, bytes.byteLength, true);
    this.#view.setUint32(12, tag, true);
    this.#put(slot, HEADER_BYTES + bytes.byteLength);
    this.#free.delete(slot);
    this.#slots = Math.max(this.#slots, slot + 1);
    this.#pages.set(page, { slot, bytes: bytes.byteLength });
  }

  /** Erases the pages that are not wanted: nothing of them is left in the file. */
  keep(isWanted: (page: number) => boolean): void {
    for (const page of this.#pages.keys()) if (!isWanted(page)) this.#remove(page);
    this.#shorten();
  }

  /** Erases a page, if it is there. */
  remove(page: number): void {
    this.#remove(page);
    this.#shorten();
  }

  /** Erases everything. */
  clear(): void {
    this.#pages.clear();
    this.#free.clear();
    this.#slots = 0;
    this.#file.truncate(0);
  }

  close(): void {
    this.#file.close();
  }

  #remove(page: number): void {
    const found = this.#pages.get(page);
    if (found === undefined) return;
    this.#erase(found.slot, HEADER_BYTES + found.bytes);
    this.#pages.delete(page);
  }

  #erase(slot: number, bytes: number): void {
    this.#scratch.fill(0, 0, bytes);
    this.#put(slot, bytes);
    this.#free.add(slot);
  }

  #put(slot: number, bytes: number): void {
    const written = this.#file.write(this.#scratch.subarray(0, bytes), { at: slot * this.#slotBytes });
    if (written !== bytes) throw new Error(`only ${written} of ${bytes} bytes were written`);
  }

  #shorten(): void {
    const before = this.#slots;
    while (this.#free.delete(this.#slots - 1)) this.#slots -= 1;
    if (this.#slots < before) this.#file.truncate(this.bytes);
  }
}

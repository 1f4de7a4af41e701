/** Pages of contents at hand: those in memory, and those in a file beside storage that is read without waiting. */

import { LRUCache } from 'lru-cache';
import { PAGE_CACHE_BYTES, PAGE_HEADS_BYTES } from '../../limits.ts';
import type { PageFile } from '../../storage/page-file.ts';
import { type Block, headBytes } from './block.ts';
import { type BlockRef, openBlock, type Series } from './series.ts';

/** How often a page of contents was at hand when it was wanted. */
export interface CacheStats {
  readonly hits: number;
  readonly misses: number;
  readonly prefetched: number;
  /** Bytes of the page file; 0 where there is none. */
  readonly fileBytes: number;
}

/** Who fills the file. */
export interface PageFileOwner {
  /** Told that pages have come or gone. */
  readonly onChange: () => void;
  /** Told that the file failed; it is no longer used then. */
  readonly onFailure: (error: unknown) => void;
}

/** What a head takes beside its bytes. */
const HEAD_OBJECT_BYTES = 300;

export class ContentPages {
  readonly #memory = new LRUCache<number, Block>({
    maxSize: PAGE_CACHE_BYTES,
    sizeCalculation: ({ bytes }) => bytes.byteLength,
  });
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  #file: PageFile | undefined;
  #owner: PageFileOwner | undefined;
  /** Heads of pages in the file: where their rows lie. */
  readonly #heads = new LRUCache<number, Block>({
    maxSize: PAGE_HEADS_BYTES,
    sizeCalculation: ({ bytes }) => HEAD_OBJECT_BYTES + 1.5 * bytes.byteLength,
  });
  #rowBuffer = new Uint8Array(0);
  #hits = 0;
  #misses = 0;
  #prefetched = 0;

  get stats(): CacheStats {
    return {
      hits: this.#hits,
      misses: this.#misses,
      prefetched: this.#prefetched,
      fileBytes: this.#file?.bytes ?? 0,
    };
  }

  /** Names who is told of what concerns the file. */
  set owner(owner: PageFileOwner) {
    this.#owner = owner;
  }

  /** Reads from a file from now on; of its pages those of `refs` stay. */
  attach(file: PageFile, refs: readonly BlockRef[]): void {
    this.#file = file;
    this.adopt(refs);
  }

  /** Ends the use of the file; answers it. */
  detach(): PageFile | undefined {
    const file = this.#file;
    this.#file = undefined;
    this.#heads.clear();
    return file;
  }

  /** Takes pages into the file, as they were read from storage. */
  store(pages: readonly { readonly ref: BlockRef; readonly bytes: Uint8Array }[]): void {
    this.#withFile((file) => {
      for (const { ref, bytes } of pages) file.write(ref.id, bytes, ref.sum);
    });
  }

  /** Those of the pages that the file could take and has not. */
  missingFromFile(refs: readonly BlockRef[]): readonly BlockRef[] {
    const file = this.#file;
    return file === undefined ? [] : refs.filter(({ id, bytes }) => !file.has(id) && file.fits(bytes));
  }

  /** Lets go of all pages but these: of what is no longer stored nothing stays here. */
  adopt(refs: readonly BlockRef[]): void {
    const kept = new Set(refs.map(({ id }) => id));
    for (const pages of [this.#memory, this.#heads])
      for (const id of [...pages.keys()]) if (!kept.has(id)) pages.delete(id);
    this.#withFile((file) => file.keep((id) => kept.has(id)));
    this.#owner?.onChange();
  }

  /** A content from the file; undefined where it is not there, or not whole. */
  contentOf(series: Series, ordinal: number): string | undefined {
    if (this.#file === undefined) return undefined;
    const ref = series.find(ordinal);
    const row = ref && this.#withFile((file) => this.#rowIn(file, ref, ordinal));
    if (row === undefined) return undefined;
    this.#hits += 1;
    return this.decode(row);
  }

  decode(row: Uint8Array): string {
    return this.#decoder.decode(row);
  }

  /** A page in memory. */
  get(id: number): Block | undefined {
    const block = this.#memory.get(id);
    if (block === undefined) this.#misses += 1;
    else this.#hits += 1;
    return block;
  }

  /** Whether a page need not be fetched. */
  has(id: number): boolean {
    return this.#memory.has(id) || this.#file?.has(id) === true;
  }

  /** Keeps a page in memory that was fetched. */
  set(id: number, block: Block, isAhead: boolean): void {
    if (isAhead) this.#prefetched += 1;
    this.#memory.set(id, block);
  }

  /** A row in a buffer that the next call fills anew: of a page only its head and the row are read. */
  #rowIn(file: PageFile, ref: BlockRef, ordinal: number): Uint8Array | undefined {
    const head = this.#headOf(file, ref);
    const place = head?.indexOf(ordinal) ?? -1;
    if (head === undefined || place < 0) return undefined;
    const { at, bytes } = head.spanOf(place);
    if (bytes > this.#rowBuffer.byteLength) this.#rowBuffer = new Uint8Array(2 * bytes);
    const row = this.#rowBuffer.subarray(0, bytes);
    if (file.read(ref.id, at, row) && head.isRow(place, row)) return row;
    this.#drop(file, ref);
    return undefined;
  }

  /** What is damaged is copied again. */
  #drop(file: PageFile, { id }: BlockRef): void {
    this.#heads.delete(id);
    file.remove(id);
    this.#owner?.onChange();
  }

  #headOf(file: PageFile, ref: BlockRef): Block | undefined {
    const known = this.#heads.get(ref.id);
    if (known !== undefined) return known;
    if (!file.has(ref.id)) return undefined;
    const bytes = new Uint8Array(headBytes(ref.rows));
    const head = file.read(ref.id, 0, bytes) ? openBlock(bytes, ref) : undefined;
    if (head === undefined) this.#drop(file, ref);
    else this.#heads.set(ref.id, head);
    return head;
  }

  /** Whatever happens to the file: storage has all that was in it. */
  #withFile<T>(work: (file: PageFile) => T): T | undefined {
    if (this.#file === undefined) return undefined;
    try {
      return work(this.#file);
    } catch (error) {
      this.#owner?.onFailure(error);
      return undefined;
    }
  }
}

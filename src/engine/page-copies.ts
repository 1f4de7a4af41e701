/**
 * Keeps a copy of the pages of contents in a file that is read without waiting, where the platform has such files
 * and the contents are too long to be kept in memory: reading ten pages from IndexedDB takes 2.5 ms, from the file
 * a tenth of one. Nothing depends on it.
 */

import {
  INDEX_PAUSE_MS,
  PAGE_CACHE_BYTES,
  PAGE_COPIES,
  PAGE_FILE_AFTER_MS,
  PAGE_FILE_PAGE_BYTES,
  PAGE_FILE_QUOTA_SHARE,
  PAGE_FILE_SCAN,
  STORAGE_DEADLINE_MS,
} from '../limits.ts';
import type { SyncFiles } from '../storage/opfs.ts';
import { PageFile } from '../storage/page-file.ts';
import { within } from '../within.ts';
import { type BlockStore, CONTENTS } from './blocks/block-store.ts';
import type { BlockRef, Series } from './blocks/series.ts';
import type { Environment } from './environment.ts';

export interface PageCopiesParts {
  /** Undefined where there are no such files. */
  readonly files: SyncFiles | undefined;
  readonly blocks: BlockStore;
  readonly environment: Pick<Environment, 'schedule' | 'estimateStorage'>;
  /** Told how a try ended: an error, or undefined. */
  readonly onResult: (error: unknown) => void;
}

export class PageCopies {
  readonly #parts: PageCopiesParts;
  #cancel: (() => void) | undefined;
  #running: Promise<void> | undefined;
  #endPause: () => void = () => undefined;
  /** Pages have come while others were copied. */
  #isWokenAgain = false;
  /** Whether the file is in use. */
  #isAttached = false;
  /** It was closed or failed, or its space was wanted: the next opening tries again. */
  #isOver = false;
  /** The pages that a file from before may have. */
  #pagesBefore: readonly BlockRef[] = [];

  constructor(parts: PageCopiesParts) {
    this.#parts = parts;
  }

  start(): void {
    const { files, blocks } = this.#parts;
    if (files === undefined) return;
    this.#pagesBefore = this.#series.refs;
    blocks.pages.owner = { onChange: () => this.#onChange(), onFailure: (error) => this.#fail(error) };
    this.#wake();
  }

  /** Gives the space of the file back, also of one from before; answers whether there may have been one. */
  async release(): Promise<boolean> {
    if (this.#parts.files === undefined || this.#isOver) return false;
    await this.#stop();
    await this.#remove();
    return true;
  }

  /** Lets go of the file, which stays for the next opening unless it may hold what was deleted since. */
  async close(): Promise<void> {
    const isWiped = this.#isAttached;
    await this.#stop();
    if (!isWiped && this.#pagesBefore.some((ref) => !isStored(this.#series, ref))) await this.#remove();
  }

  get #series(): Series {
    return this.#parts.blocks.series(CONTENTS);
  }

  /** Whether there are more contents than memory keeps. */
  get #isNeeded(): boolean {
    return this.#series.bytes > PAGE_CACHE_BYTES;
  }

  #onChange(): void {
    const isIncomplete = this.#parts.blocks.pages.missingFromFile(this.#series.refs).length > 0;
    if (this.#isAttached ? isIncomplete : this.#isNeeded) this.#wake();
  }

  #wake(): void {
    this.#isWokenAgain = this.#cancel !== undefined;
    if (!this.#isOver && !this.#isWokenAgain) this.#schedule(PAGE_FILE_AFTER_MS);
  }

  #schedule(ms: number): void {
    this.#cancel = this.#parts.environment.schedule(ms, () => {
      this.#isWokenAgain = false;
      this.#running = this.#run().finally(() => {
        this.#cancel = undefined;
        if (this.#isWokenAgain) this.#wake();
      });
    });
  }

  async #run(): Promise<void> {
    try {
      if (!this.#isAttached) await this.#attach();
      if (this.#isAttached) await this.#fill();
      if (!this.#isOver) this.#parts.onResult(undefined);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Opens the file, where one is needed, and takes away what is left of one that is not. */
  async #attach(): Promise<void> {
    if (!this.#isNeeded) return this.#remove();
    const handle = (await this.#parts.files?.open()) ?? 'none';
    if (handle === 'none') this.#isOver = true;
    if (handle === 'busy') this.#isWokenAgain = true;
    if (typeof handle === 'string') return;
    const file = new PageFile(handle, { pageBytes: PAGE_FILE_PAGE_BYTES });
    try {
      await this.#take(file);
    } finally {
      if (!this.#isAttached) file.close();
    }
    if (!this.#isAttached && !this.#isOver) await this.#remove();
  }

  /** Makes use of a file, unless there is no room for it. */
  async #take(file: PageFile): Promise<void> {
    // What the file has is among what is used already.
    if (!(await this.#hasRoom(this.#series.bytes - file.bytes))) return;
    for (let slot = 0; slot < file.slots && !this.#isOver; slot += PAGE_FILE_SCAN) {
      const sums = new Map(this.#series.refs.map(({ id, sum }) => [id, sum]));
      file.scan(slot, slot + PAGE_FILE_SCAN, (page, sum) => sums.get(page) === sum);
      await this.#pause();
    }
    if (this.#isOver) return;
    this.#isAttached = true;
    this.#parts.blocks.pages.attach(file, this.#series.refs);
  }

  /** Copies what is missing, a few pages at a time. */
  async #fill(): Promise<void> {
    const { blocks } = this.#parts;
    const missing = blocks.pages.missingFromFile(this.#series.refs);
    if (!(await this.#hasRoom(missing.reduce((sum, { bytes }) => sum + bytes, 0)))) return;
    for (let at = 0; at < missing.length && !this.#isOver; at += PAGE_COPIES) {
      const refs = missing.slice(at, at + PAGE_COPIES).filter((ref) => isStored(this.#series, ref));
      const pages = await blocks.storage.getMany(refs.map((ref) => this.#series.keyOf(ref)));
      const read = refs.flatMap((ref, i) => {
        const bytes = pages[i];
        // Replaced meanwhile, or broken: what is read of it is not to come from here.
        return bytes?.byteLength === ref.bytes && isStored(this.#series, ref) ? [{ ref, bytes }] : [];
      });
      blocks.pages.store(read);
      await this.#pause();
    }
  }

  /** Whether so many bytes more leave most of the browser's quota to memories. */
  async #hasRoom(bytes: number): Promise<boolean> {
    const { estimateStorage, schedule } = this.#parts.environment;
    if (bytes <= 0 || estimateStorage === undefined) return true;
    // Where the browser does not say, its refusal tells.
    const estimate = await within(estimateStorage(), STORAGE_DEADLINE_MS, schedule, () => undefined);
    if (estimate === undefined) return true;
    return estimate.usageBytes + bytes <= estimate.quotaBytes * PAGE_FILE_QUOTA_SHARE;
  }

  /** Does without the file from now on. That there is no room is no failure: it only makes reading faster. */
  #fail(error: unknown): void {
    const isFull = error instanceof Error && error.name === 'QuotaExceededError';
    if (!this.#isOver && !isFull) this.#parts.onResult(error);
    this.#isOver = true;
    this.#letGo();
    void this.#remove();
  }

  /** Ends what is under way. */
  async #stop(): Promise<void> {
    this.#isOver = true;
    this.#cancel?.();
    this.#endPause();
    await this.#running;
    this.#letGo();
  }

  #letGo(): void {
    this.#isAttached = false;
    this.#parts.blocks.pages.detach()?.close();
  }

  async #remove(): Promise<void> {
    try {
      await this.#parts.files?.remove();
    } catch (error) {
      this.#parts.onResult(error);
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      this.#endPause = resolve;
      if (this.#isOver) resolve();
      else this.#parts.environment.schedule(INDEX_PAUSE_MS, resolve);
    });
  }
}

/** Whether a page is still one of those stored. */
function isStored(series: Series, ref: BlockRef): boolean {
  return series.find(ref.first) === ref;
}

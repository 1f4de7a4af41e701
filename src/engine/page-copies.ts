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
} from '../limits.ts';
import type { SyncFiles } from '../storage/opfs.ts';
import { PageFile } from '../storage/page-file.ts';
import { type BlockStore, CONTENTS } from './blocks/block-store.ts';
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
  /** Pages have come while others were copied. */
  #isWokenAgain = false;
  /** Whether the file is in use. */
  #isAttached = false;
  #endPause: () => void = () => undefined;
  /** It failed, or there is no room: the next opening tries again. */
  #isOver = false;

  constructor(parts: PageCopiesParts) {
    this.#parts = parts;
  }

  start(): void {
    const { files, blocks } = this.#parts;
    if (files === undefined) return;
    blocks.pages.owner = { onChange: () => this.#onChange(), onFailure: (error) => this.#fail(error) };
    this.#wake();
  }

  /** Gives the space of the file back; answers whether there was any. */
  release(): boolean {
    if (!this.#isAttached) return false;
    this.#end();
    return true;
  }

  async close(): Promise<void> {
    this.#isOver = true;
    this.#cancel?.();
    this.#endPause();
    await this.#running;
    this.#isAttached = false;
    this.#parts.blocks.pages.detach()?.close();
  }

  #onChange(): void {
    const { blocks } = this.#parts;
    const { refs } = blocks.series(CONTENTS);
    if (this.#isAttached ? blocks.pages.missingFromFile(refs).length > 0 : this.#isNeeded) this.#wake();
  }

  /** Whether there are more contents than memory keeps. */
  get #isNeeded(): boolean {
    return this.#parts.blocks.series(CONTENTS).bytes > PAGE_CACHE_BYTES;
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
    const { onResult } = this.#parts;
    try {
      if (!this.#isAttached) await this.#attach();
      if (this.#isAttached) await this.#fill();
      onResult(undefined);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** That there is no room is no failure: the file only makes reading faster. */
  #fail(error: unknown): void {
    const isFull = error instanceof Error && error.name === 'QuotaExceededError';
    if (!this.#isOver && !isFull) this.#parts.onResult(error);
    this.#end();
  }

  /** Opens the file, where one is needed, and takes away what is left of one that is not. */
  async #attach(): Promise<void> {
    const { files, blocks } = this.#parts;
    const series = blocks.series(CONTENTS);
    if (!this.#isNeeded || !(await this.#hasRoom(series.bytes))) {
      await files?.remove();
      return;
    }
    const handle = await files?.open();
    if (handle === undefined || handle === 'none') {
      this.#isOver = true;
      return;
    }
    if (handle === 'busy') {
      this.#isWokenAgain = true;
      return;
    }
    const file = new PageFile(handle, { pageBytes: PAGE_FILE_PAGE_BYTES });
    try {
      for (let slot = 0; slot < file.slots; slot += PAGE_FILE_SCAN) {
        const sums = new Map(series.refs.map(({ id, sum }) => [id, sum]));
        file.scan(slot, slot + PAGE_FILE_SCAN, (page, sum) => sums.get(page) === sum);
        await this.#pause();
      }
    } catch (error) {
      file.close();
      throw error;
    }
    if (this.#isOver) {
      file.close();
      return;
    }
    this.#isAttached = true;
    blocks.pages.attach(file, series.refs);
  }

  /** Copies what is missing, a few pages at a time. */
  async #fill(): Promise<void> {
    const { blocks } = this.#parts;
    const series = blocks.series(CONTENTS);
    const missing = blocks.pages.missingFromFile(series.refs);
    if (!(await this.#hasRoom(missing.reduce((sum, { bytes }) => sum + bytes, 0)))) return;
    for (let at = 0; at < missing.length && this.#isAttached && !this.#isOver; at += PAGE_COPIES) {
      const wanted = new Set(series.refs);
      const refs = missing.slice(at, at + PAGE_COPIES).filter((ref) => wanted.has(ref));
      const pages = await blocks.storage.getMany(refs.map((ref) => series.keyOf(ref)));
      const kept = new Set(series.refs);
      const read = refs.flatMap((ref, i) => {
        const bytes = pages[i];
        // Replaced meanwhile, or broken: what is read of it is not to come from here.
        return bytes?.byteLength === ref.bytes && kept.has(ref) ? [{ ref, bytes }] : [];
      });
      blocks.pages.store(read);
      await this.#pause();
    }
  }

  /** Whether so many bytes more leave most of the browser's quota to memories. */
  async #hasRoom(bytes: number): Promise<boolean> {
    const estimate = await this.#parts.environment.estimateStorage?.();
    return (
      estimate === undefined || estimate.usageBytes + bytes <= estimate.quotaBytes * PAGE_FILE_QUOTA_SHARE
    );
  }

  /** Does without the file from now on. What it held goes, whatever is wrong with it. */
  #end(): void {
    this.#isOver = true;
    this.#isAttached = false;
    const { blocks, files, onResult } = this.#parts;
    const file = blocks.pages.detach();
    try {
      file?.clear();
    } catch (error) {
      onResult(error);
    } finally {
      file?.close();
    }
    files?.remove().catch(onResult);
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      this.#endPause = resolve;
      if (this.#isOver) resolve();
      else this.#parts.environment.schedule(INDEX_PAUSE_MS, resolve);
    });
  }
}

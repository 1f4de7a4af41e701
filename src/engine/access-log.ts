/** How often and when each memory was last read: a lossy column of its own, written when idle, never journaled. */

import { decodeFrame, encodeFrame } from '../storage/codec.ts';
import type { Row } from '../storage/storage.ts';
import { ACCESS_ROWS, accessKey, ordinalOfKey } from './layout.ts';
import type { LossyLog, PageChanges } from './lossy-pages.ts';

/** Memories a page. */
const PAGE = 256;

export class AccessLog implements LossyLog {
  #counts = new Uint32Array(PAGE);
  /** ms since the epoch; 0 for never. */
  #times = new Float64Array(PAGE);
  readonly #dirty = new Set<number>();

  count(ordinal: number): number {
    return this.#counts[ordinal] ?? 0;
  }

  /** ms since the epoch, or undefined if never. */
  lastAccessedAt(ordinal: number): number | undefined {
    const time = this.#times[ordinal] ?? 0;
    return time === 0 ? undefined : time;
  }

  touch(ordinal: number, now: number): void {
    this.#reserve(ordinal);
    this.#counts[ordinal] = this.count(ordinal) + 1;
    this.#times[ordinal] = now;
    this.#dirty.add(Math.floor(ordinal / PAGE));
  }

  /** Forgets an ordinal, so that the memory's traces go with it. */
  clear(ordinal: number): void {
    if (this.count(ordinal) === 0) return;
    this.#counts[ordinal] = 0;
    this.#times[ordinal] = 0;
    this.#dirty.add(Math.floor(ordinal / PAGE));
  }

  /** Forgets the ordinals that are not to be kept. */
  keep(isKept: (ordinal: number) => boolean): void {
    for (let ordinal = 0; ordinal < this.#counts.length; ordinal++) if (!isKept(ordinal)) this.clear(ordinal);
  }

  /** What has changed since the last call: pages to be written, and the keys of those on which nothing is left. */
  takeDirty(): PageChanges {
    const puts: Row[] = [];
    const deletes: string[] = [];
    for (const page of this.#dirty) {
      const key = accessKey(page);
      if (this.#isEmpty(page)) deletes.push(key);
      else puts.push({ key, value: this.#encode(page) });
    }
    this.#dirty.clear();
    return { puts, deletes };
  }

  /** Pages to be written again: their commit failed. */
  restoreDirty({ puts, deletes }: PageChanges): void {
    for (const key of [...puts.map((row) => row.key), ...deletes])
      if (key.startsWith(ACCESS_ROWS.from)) this.#dirty.add(ordinalOfKey(key));
  }

  /** Reads a page in. */
  load({ key, value }: Row): void {
    const start = ordinalOfKey(key) * PAGE;
    const [counts, times] = decodeFrame(value).blobs;
    if (counts === undefined || times === undefined) return;
    this.#reserve(start + PAGE - 1);
    this.#counts.set(new Uint32Array(counts.buffer), start);
    this.#times.set(new Float64Array(times.buffer), start);
    // Earlier releases left pages of zeros.
    const page = start / PAGE;
    if (this.#isEmpty(page)) this.#dirty.add(page);
  }

  #isEmpty(page: number): boolean {
    return this.#counts.subarray(page * PAGE, (page + 1) * PAGE).every((count) => count === 0);
  }

  #encode(page: number): Uint8Array {
    const from = page * PAGE;
    const counts = this.#counts.slice(from, from + PAGE);
    const times = this.#times.slice(from, from + PAGE);
    return encodeFrame({}, [new Uint8Array(counts.buffer), new Uint8Array(times.buffer)]);
  }

  #reserve(ordinal: number): void {
    if (ordinal < this.#counts.length) return;
    const length = Math.max(this.#counts.length * 2, Math.ceil((ordinal + 1) / PAGE) * PAGE);
    const counts = new Uint32Array(length);
    counts.set(this.#counts);
    const times = new Float64Array(length);
    times.set(this.#times);
    this.#counts = counts;
    this.#times = times;
  }
}

/** Reads the ranges that opening wants one after another, some of them before their turn. */

import { LOAD_BLOCKS, LOAD_BYTES, READS_AHEAD } from '../limits.ts';
import type { KeyRange, Row, Storage } from '../storage/storage.ts';
import type { Series } from './blocks/series.ts';

export class ReadAhead {
  readonly #storage: Storage;
  /** Not asked for yet. */
  readonly #ranges: KeyRange[];
  /** Asked for, in order. */
  readonly #reading: Promise<readonly Row[]>[] = [];

  constructor(storage: Storage, ranges: readonly KeyRange[]) {
    this.#storage = storage;
    this.#ranges = [...ranges];
    this.#fill();
  }

  /** The rows of the next range; of no row after the last one. */
  async next(): Promise<readonly Row[]> {
    const rows = await (this.#reading.shift() ?? []);
    this.#fill();
    return rows;
  }

  #fill(): void {
    while (this.#reading.length < READS_AHEAD) {
      const range = this.#ranges.shift();
      if (range === undefined) return;
      const reading = this.#storage.getRange(range);
      // A failure is met when its turn comes.
      reading.catch(() => undefined);
      this.#reading.push(reading);
    }
  }
}

/** The ranges in which a series is read, each of bounded size; what lies between its blocks comes along. */
export function rangesOf(series: Series): readonly KeyRange[] {
  const refs = [...series.refs].sort((a, b) => a.id - b.id);
  const ranges: { from: string; to: string }[] = [];
  let blocks = 0;
  let bytes = 0;
  for (const ref of refs) {
    const to = `${series.keyOf(ref)}\u0000`;
    const range = ranges.at(-1);
    if (range === undefined || blocks === LOAD_BLOCKS || bytes + ref.bytes > LOAD_BYTES) {
      ranges.push({ from: series.keyOf(ref), to });
      blocks = 0;
      bytes = 0;
    } else range.to = to;
    blocks += 1;
    bytes += ref.bytes;
  }
  return ranges;
}

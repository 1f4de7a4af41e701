/** What use has taught of memories, and its pages in storage: lossy as access times are, written when idle, never journaled. */

import { JointRecall, LEARNT_PAGE, LearntEdges, type Recalled } from '../retrieval/association/index.ts';
import { decodeFrame, encodeFrame } from '../storage/codec.ts';
import type { Row } from '../storage/storage.ts';
import { LEARNT_ROWS, learntKey, ordinalOfKey } from './layout.ts';
import type { LossyLog, PageChanges } from './lossy-pages.ts';

export class LearntLog implements LossyLog {
  /** For the associative network. */
  readonly edges = new LearntEdges();
  readonly #recall = new JointRecall(this.edges);

  /** A search has returned these, best first; `now` in ms since the epoch. */
  returned(hits: readonly Recalled[], now: number): void {
    this.#recall.returned(hits, now);
  }

  /** A memory was of use: counted for the newest search that returned it within ten minutes, if there is one. */
  used(ordinal: number, now: number): void {
    this.#recall.used(ordinal, now);
  }

  /** Forgets an ordinal, so that the memory's traces go with it. */
  clear(ordinal: number): void {
    this.edges.clear(ordinal);
    this.#recall.clear(ordinal);
  }

  keep(isKept: (ordinal: number) => boolean): void {
    this.edges.keep(isKept);
  }

  takeDirty(): PageChanges {
    const puts: Row[] = [];
    const deletes: string[] = [];
    for (const page of this.edges.takeDirty()) {
      const value = this.#encode(page);
      if (value === undefined) deletes.push(learntKey(page));
      else puts.push({ key: learntKey(page), value });
    }
    return { puts, deletes };
  }

  restoreDirty({ puts, deletes }: PageChanges): void {
    for (const key of [...puts.map((row) => row.key), ...deletes])
      if (key.startsWith(LEARNT_ROWS.from)) this.edges.setDirty(ordinalOfKey(key));
  }

  /** Reads a page in; one with edges that cannot be, or have no room, is written again without them. */
  load({ key, value }: Row): void {
    const [ends, strengths, times] = decodeFrame(value).blobs;
    if (ends === undefined || strengths === undefined || times === undefined) return;
    const page = ordinalOfKey(key);
    const ordinals = new Uint32Array(ends.buffer);
    const strength = new Float32Array(strengths.buffer);
    const at = new Float64Array(times.buffer);
    for (let i = 0; i < at.length; i++) {
      const edge = {
        low: ordinals[2 * i] ?? 0,
        high: ordinals[2 * i + 1] ?? 0,
        strength: strength[i] ?? 0,
        at: at[i] ?? Number.NaN,
      };
      const isEdge = edge.low < edge.high && edge.strength > 0 && edge.strength <= 1;
      const isOfPage = Number.isFinite(edge.at) && Math.floor(edge.low / LEARNT_PAGE) === page;
      if (!isEdge || !isOfPage || !this.edges.load(edge)) this.edges.setDirty(page);
    }
  }

  /** Undefined where nothing is on the page. */
  #encode(page: number): Uint8Array | undefined {
    const edges = this.edges.edgesOf(page);
    if (edges.length === 0) return undefined;
    const columns = [
      Uint32Array.from(edges.flatMap(({ low, high }) => [low, high])),
      Float32Array.from(edges, ({ strength }) => strength),
      Float64Array.from(edges, ({ at }) => at),
    ];
    return encodeFrame(
      {},
      columns.map(({ buffer }) => new Uint8Array(buffer)),
    );
  }
}

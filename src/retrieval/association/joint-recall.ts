/** Learning from use: which memories were returned together by a search, and which of them were then used. */

import type { LearntEdges } from './learnt-edges.ts';
import {
  RECALL_HITS_KEPT,
  RECALL_WINDOW_MS,
  RECALLS_KEPT,
  RETURNED_RATE,
  RETURNED_SCORE_SHARE,
  RETURNED_TOP,
  USED_RATE,
} from './weights.ts';

/** A hit of a search. */
export interface Recalled {
  readonly ordinal: number;
  /** Above 0; compared with that of the best hit. */
  readonly score: number;
}

/** A search that is kept in mind. */
interface Recall {
  readonly at: number;
  readonly ordinals: readonly number[];
  readonly top: readonly number[];
  readonly used: Set<number>;
}

/**
 * The hits on top of a search are joined a little, since they answered one question. A memory that is used after a
 * search (it is read by its id, or reinforced) is joined with the top of that search, and with what else of it was
 * used, by ten times as much.
 */
export class JointRecall {
  readonly #edges: Pick<LearntEdges, 'strengthen'>;
  /** Newest first. */
  #recalls: readonly Recall[] = [];

  constructor(edges: Pick<LearntEdges, 'strengthen'>) {
    this.#edges = edges;
  }

  /**
   * A search has returned these, best first.
   *
   * @param now ms since the epoch.
   */
  returned(hits: readonly Recalled[], now: number): void {
    const best = hits[0]?.score ?? 0;
    const isTop = ({ score }: Recalled) => score >= best * RETURNED_SCORE_SHARE;
    const top = hits
      .slice(0, RETURNED_TOP)
      .filter(isTop)
      .map(({ ordinal }) => ordinal);
    if (!this.#isRepeated(top, now))
      top.forEach((a, i) => {
        for (const b of top.slice(i + 1)) this.#edges.strengthen(a, b, RETURNED_RATE, now);
      });
    if (hits.length < 2) return;
    const ordinals = hits.slice(0, RECALL_HITS_KEPT).map(({ ordinal }) => ordinal);
    this.#recalls = [{ at: now, ordinals, top, used: new Set<number>() }, ...this.#recalls].slice(
      0,
      RECALLS_KEPT,
    );
  }

  /** Whether one of the latest searches had the same on top: an agent that asks again and again teaches nothing by that. */
  #isRepeated(top: readonly number[], now: number): boolean {
    return this.#recalls.some(
      (recall) =>
        Math.abs(now - recall.at) <= RECALL_WINDOW_MS &&
        recall.top.length === top.length &&
        top.every((ordinal) => recall.top.includes(ordinal)),
    );
  }

  /**
   * A memory was of use: it counts for the newest search that returned it, once for each search.
   *
   * @param rate share of what is missing to a full strength. Default .2.
   */
  used(ordinal: number, now: number, rate = USED_RATE): void {
    const recall = this.#recalls.find(
      ({ at, ordinals }) => Math.abs(now - at) <= RECALL_WINDOW_MS && ordinals.includes(ordinal),
    );
    if (recall === undefined || recall.used.has(ordinal)) return;
    const partners = new Set([...recall.used, ...recall.top]);
    recall.used.add(ordinal);
    for (const partner of partners) this.#edges.strengthen(ordinal, partner, rate, now);
  }

  /** Forgets a memory. */
  clear(ordinal: number): void {
    const isThere = ({ ordinals }: Recall) => ordinals.includes(ordinal);
    if (!this.#recalls.some(isThere)) return;
    const without = (list: readonly number[]) => list.filter((each) => each !== ordinal);
    for (const { used } of this.#recalls) used.delete(ordinal);
    this.#recalls = this.#recalls.map((recall) => ({
      ...recall,
      ordinals: without(recall.ordinals),
      top: without(recall.top),
    }));
  }
}

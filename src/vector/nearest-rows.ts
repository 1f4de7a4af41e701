/** The best k of a stream of scored rows, in a heap with the worst of them at its root. */

import type { Neighbour } from './vector-index.ts';

/** Whether one row comes before another: higher score, then lower ordinal. */
function precedes(a: Neighbour, b: Neighbour): boolean {
  return a.score > b.score || (a.score === b.score && a.ordinal < b.ordinal);
}

export class NearestRows {
  readonly #k: number;
  readonly #heap: Neighbour[] = [];

  constructor(k: number) {
    this.#k = k;
  }

  offer(ordinal: number, score: number): void {
    const heap = this.#heap;
    const worst = heap[0];
    if (heap.length < this.#k) {
      heap.push({ ordinal, score });
      this.#rise(heap.length - 1);
    } else if (
      worst !== undefined &&
      (score > worst.score || (score === worst.score && ordinal < worst.ordinal))
    ) {
      heap[0] = { ordinal, score };
      this.#sink(0);
    }
  }

  /** Best first. */
  sorted(): readonly Neighbour[] {
    return [...this.#heap].sort((a, b) => (precedes(a, b) ? -1 : 1));
  }

  #rise(from: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#swapIfWorse(at, parent)) return;
      at = parent;
    }
  }

  #sink(from: number): void {
    let at = from;
    for (;;) {
      const left = 2 * at + 1;
      const child = this.#isWorse(left + 1, left) ? left + 1 : left;
      if (!this.#swapIfWorse(child, at)) return;
      at = child;
    }
  }

  /** Swaps a child that is worse than its parent with it. */
  #swapIfWorse(child: number, parent: number): boolean {
    if (!this.#isWorse(child, parent)) return false;
    const [a, b] = [this.#heap[child], this.#heap[parent]];
    if (a === undefined || b === undefined) return false;
    this.#heap[child] = b;
    this.#heap[parent] = a;
    return true;
  }

  #isWorse(a: number, b: number): boolean {
    const [first, second] = [this.#heap[a], this.#heap[b]];
    return first !== undefined && second !== undefined && precedes(second, first);
  }
}

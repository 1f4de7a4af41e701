/** The best so many of the documents offered: a heap with the least of them on top. */

export class TopMatches {
  readonly #limit: number;
  /** Scores, ordinals and terms by slot; the heap holds slots. */
  readonly #scores: number[] = [];
  readonly #ordinals: number[] = [];
  readonly #terms: number[][] = [];
  readonly #heap: number[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** What a score must reach to be among the best; −∞ while there is room. */
  get least(): number {
    return this.#heap.length < this.#limit
      ? Number.NEGATIVE_INFINITY
      : (this.#scores[this.#heap[0] as number] as number);
  }

  /**
   * @param planes bits of the terms found, by document.
   * @param id of the document in them.
   */
  offer(score: number, ordinal: number, planes: readonly Uint32Array[], id: number): void {
    if (this.#heap.length < this.#limit) {
      const slot = this.#heap.length;
      this.#fill(slot, score, ordinal, planes, id);
      this.#heap.push(slot);
      this.#rise(slot);
      return;
    }
    const least = this.#heap[0] as number;
    const leastScore = this.#scores[least] as number;
    if (score < leastScore || (score === leastScore && ordinal > (this.#ordinals[least] as number))) return;
    this.#fill(least, score, ordinal, planes, id);
    this.#sink();
  }

  /** Best first; equal scores by ascending ordinal. */
  sorted(): readonly {
    readonly ordinal: number;
    readonly score: number;
    readonly terms: readonly number[];
  }[] {
    return this.#heap
      .toSorted((a, b) => (this.#isLess(a, b) ? 1 : -1))
      .map((slot) => ({
        ordinal: this.#ordinals[slot] as number,
        score: this.#scores[slot] as number,
        terms: this.#terms[slot] as number[],
      }));
  }

  #fill(slot: number, score: number, ordinal: number, planes: readonly Uint32Array[], id: number): void {
    this.#scores[slot] = score;
    this.#ordinals[slot] = ordinal;
    this.#terms[slot] = planes.map((plane) => plane[id] as number);
  }

  /** Whether one is to be given up before the other. */
  #isLess(a: number, b: number): boolean {
    const difference = (this.#scores[a] as number) - (this.#scores[b] as number);
    return (
      difference < 0 || (difference === 0 && (this.#ordinals[a] as number) > (this.#ordinals[b] as number))
    );
  }

  #rise(from: number): void {
    const heap = this.#heap;
    const slot = heap[from] as number;
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (!this.#isLess(slot, heap[parent] as number)) break;
      heap[at] = heap[parent] as number;
      at = parent;
    }
    heap[at] = slot;
  }

  #sink(): void {
    const heap = this.#heap;
    const slot = heap[0] as number;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && this.#isLess(heap[child + 1] as number, heap[child] as number))
        child += 1;
      if (!this.#isLess(heap[child] as number, slot)) break;
      heap[at] = heap[child] as number;
      at = child;
    }
    heap[at] = slot;
  }
}

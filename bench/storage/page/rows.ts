/** The rivals' row, and the exact index in memory that they fill on opening. */

import type { BenchMemory } from '../dataset.ts';
import { HITS } from '../store.ts';

/** One memory as it is stored. */
export type Row = BenchMemory;

/** Rows read at once on opening: few enough for memory, enough to make transactions rare. */
export const READ_AT_ONCE = 2_000;

/** Vectors in one block that doubles, compared one after the other. */
export class RowIndex {
  readonly #ids: string[] = [];
  #values = new Float32Array(0);
  #dimensions = 0;

  add({ id, vector }: Pick<Row, 'id' | 'vector'>): void {
    this.#dimensions = vector.length;
    const from = this.#ids.length * vector.length;
    if (from + vector.length > this.#values.length) {
      const grown = new Float32Array(Math.max(1_024 * vector.length, this.#values.length * 2));
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values.set(vector, from);
    this.#ids.push(id);
  }

  /** The ids of the nearest by dot product, best first. */
  nearest(query: Float32Array): readonly string[] {
    const best: { id: string; score: number }[] = [];
    for (const [row, id] of this.#ids.entries()) {
      const score = this.#dot(query, row * this.#dimensions);
      if (best.length === HITS && score <= (best.at(-1)?.score ?? 0)) continue;
      const place = best.findIndex((other) => other.score < score);
      best.splice(place === -1 ? best.length : place, 0, { id, score });
      if (best.length > HITS) best.pop();
    }
    return best.map(({ id }) => id);
  }

  /** Four sums at once: the additions do not wait for one another. */
  #dot(query: Float32Array, from: number): number {
    const values = this.#values;
    let [a, b, c, d] = [0, 0, 0, 0];
    for (let i = 0; i < query.length; i += 4) {
      a += (query[i] ?? 0) * (values[from + i] ?? 0);
      b += (query[i + 1] ?? 0) * (values[from + i + 1] ?? 0);
      c += (query[i + 2] ?? 0) * (values[from + i + 2] ?? 0);
      d += (query[i + 3] ?? 0) * (values[from + i + 3] ?? 0);
    }
    return a + b + c + d;
  }
}

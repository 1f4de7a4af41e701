/** Products of vectors, ranks and the correlation of ranks. */

/** The cosine of unit vectors. */
export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

/** The sum of two vectors, each with its weight, brought to unit length. */
export function blend(a: Float32Array, b: Float32Array, weight = 0.5): Float32Array {
  const sum = a.map((value, i) => weight * value + (1 - weight) * (b[i] ?? 0));
  const length = Math.sqrt(dot(sum, sum)) || 1;
  return sum.map((value) => value / length);
}

/** Spearman's rank correlation; equal values share the mean of their ranks. */
export function spearman(a: readonly number[], b: readonly number[]): number {
  const [x, y] = [ranks(a), ranks(b)];
  const mean = (a.length + 1) / 2;
  let [xy, xx, yy] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    const [dx, dy] = [(x[i] ?? 0) - mean, (y[i] ?? 0) - mean];
    xy += dx * dy;
    xx += dx * dx;
    yy += dy * dy;
  }
  return xy / Math.sqrt(xx * yy);
}

function ranks(values: readonly number[]): Float64Array {
  const order = [...values.keys()].sort((i, j) => (values[i] ?? 0) - (values[j] ?? 0));
  const out = new Float64Array(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to < order.length && values[order[to] ?? 0] === values[order[from] ?? 0]) to++;
    for (let i = from; i < to; i++) out[order[i] ?? 0] = (from + 1 + to) / 2;
    from = to;
  }
  return out;
}

/** The places of the largest scores, best first; of equal ones the earlier. */
export function topPlaces(scores: ArrayLike<number>, count: number): readonly number[] {
  const all = Array.from({ length: scores.length }, (_, place) => place);
  return all.sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b).slice(0, count);
}

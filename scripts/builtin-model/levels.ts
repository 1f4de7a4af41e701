/** Levels of few bits for numbers that are spread as by Gauss: those of least square error. */

/** Standard deviations to both sides over which the levels are sought, and the step. */
const REACH = 6;
const STEP = 0.002;
const ROUNDS = 400;

/**
 * 2^bits levels, ascending, of a spread of 1.
 *
 * Source: Lloyd, "Least squares quantization in PCM" (1982); Max (1960).
 */
export function gaussianLevels(bits: number): Float32Array {
  const count = 2 ** bits;
  let levels = Array.from({ length: count }, (_, i) => ((i - (count - 1) / 2) * 4) / count);
  for (let round = 0; round < ROUNDS; round++) {
    const sums = new Float64Array(count);
    const weights = new Float64Array(count);
    let level = 0;
    for (let i = -REACH / STEP; i <= REACH / STEP; i++) {
      const x = i * STEP;
      while (level + 1 < count && x > ((levels[level] ?? 0) + (levels[level + 1] ?? 0)) / 2) level++;
      const density = Math.exp((-x * x) / 2);
      sums[level] = (sums[level] ?? 0) + x * density;
      weights[level] = (weights[level] ?? 0) + density;
    }
    levels = levels.map((_, i) => (sums[i] ?? 0) / (weights[i] ?? 1));
  }
  // Symmetric to the last bit, which sums from one side are not.
  return Float32Array.from(levels, (_, i) => ((levels[i] ?? 0) - (levels[count - 1 - i] ?? 0)) / 2);
}

/** The place of the nearest level. */
export function nearestLevel(levels: Float32Array, value: number): number {
  let place = 0;
  while (place + 1 < levels.length && value > ((levels[place] ?? 0) + (levels[place + 1] ?? 0)) / 2) place++;
  return place;
}

/** Medians, percentiles and recall. */

/** The value below which `share` of the values lie (nearest rank), or NaN of none. */
export function percentile(values: readonly number[] | Float64Array, share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? Number.NaN;
}

/** The middle value; of an even number the mean of the two. */
export function median(values: readonly number[] | Float64Array): number {
  const sorted = Float64Array.from(values).sort();
  const half = sorted.length >>> 1;
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? Number.NaN) + upper) / 2;
}

/** How many of `wanted` were found. */
export function countFound(found: ArrayLike<number>, wanted: ArrayLike<number>): number {
  const set = new Set(Array.from(found));
  return Array.from(wanted).filter((ordinal) => set.has(ordinal)).length;
}

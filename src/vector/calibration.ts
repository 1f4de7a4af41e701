/** Measures what it takes to reach a recall: of the graph by rows that are not in it yet, of codes by any. */

import type { Kernel } from './kernel.ts';
import { CALIBRATED_K, DEFAULT_CURVES, fitCurve, type RecallCurve } from './planner.ts';

const K = CALIBRATED_K;
/** Rows searched for. */
export const CALIBRATION_ROWS = 128;
/** What is taken for the truth: the best of so many judged, or of all where they are few. */
const TRUTH_JUDGED = 2_048;
const EXACT_TRUTH_ROWS = 100_000;
/** Neighbours of the truth beyond `K`, for the other rows searched for, which are not in the graph either. */
const SPARE = 16;
/** Small enough to miss some: how recall goes on from there is extrapolated. */
const EFS = [16, 32, 64, 128];
const JUDGED = [24, 32, 48, 64, 96, 128];
/** Members of a walk compared by 8 bits: as in a search. */
const WALK_JUDGED = 40;

/** Searches the graph for pending rows with rising width; ends with the curve fitted. A step is one search. */
export function* calibrateGraph(kernel: Kernel, dimensions: number): Generator<undefined, RecallCurve> {
  const { call } = kernel;
  const ordinals = ordinalsBy(kernel, call.pendingOrdinals);
  const apart = new Set(ordinals);
  const points = EFS.map((work) => ({ work, missed: 0, wanted: 0 }));
  for (const ordinal of ordinals) {
    if (!setQuery(kernel, ordinal, dimensions)) continue;
    const truth = found(kernel, call.scan(K + SPARE, 0, TRUTH_JUDGED)).filter((each) => !apart.has(each));
    yield;
    for (const point of points) {
      if (!setQuery(kernel, ordinal, dimensions)) break;
      const judged = Math.min(point.work, WALK_JUDGED);
      note(point, truth.slice(0, K), found(kernel, call.walkGraph(K, 0, point.work, judged, 0)));
      yield;
    }
  }
  return fitCurve(points, DEFAULT_CURVES.graph);
}

/** Searches the codes for some of the rows with rising numbers judged; ends with the curve fitted. */
export function* calibrateCodes(kernel: Kernel, dimensions: number): Generator<undefined, RecallCurve> {
  const { call } = kernel;
  const points = JUDGED.map((work) => ({ work, missed: 0, wanted: 0 }));
  for (const ordinal of ordinalsBy(kernel, call.sampleOrdinals)) {
    if (!setQuery(kernel, ordinal, dimensions)) continue;
    // Comparing more rows than that would take longer than a slice.
    const isSmall = call.size() <= EXACT_TRUTH_ROWS;
    const nearest = isSmall ? call.exact(K + 1, 0) : call.scan(K + 1, 0, TRUTH_JUDGED);
    const truth = found(kernel, nearest).filter((each) => each !== ordinal);
    yield;
    for (const point of points) {
      if (!setQuery(kernel, ordinal, dimensions)) break;
      note(point, truth, found(kernel, call.scan(K + 1, 0, point.work)));
      yield;
    }
  }
  return fitCurve(points, DEFAULT_CURVES.codes);
}

function note(
  point: { missed: number; wanted: number },
  truth: readonly number[],
  results: readonly number[],
): void {
  const known = new Set(results);
  point.wanted += truth.length;
  point.missed += truth.filter((each) => !known.has(each)).length;
}

function ordinalsBy(kernel: Kernel, pick: (count: number, out: number) => number): readonly number[] {
  const bytes = 4 * CALIBRATION_ROWS;
  return kernel.borrow(bytes, (at) => [...kernel.words(at, pick(CALIBRATION_ROWS, at))]) ?? [];
}

/** Asks for a stored row; false where it is gone. Set before each search: other searches come between. */
function setQuery(kernel: Kernel, ordinal: number, dimensions: number): boolean {
  const { call } = kernel;
  if (!call.read(ordinal)) return false;
  kernel.floats(call.queryAddress(), dimensions).set(kernel.floats(call.vectorAddress(), dimensions));
  return call.setQuery() !== 0;
}

/** Ordinals of the results; none where there was no memory. */
function found(kernel: Kernel, count: number): readonly number[] {
  if (count < 0) return [];
  const results = kernel.words(kernel.call.resultsAddress(), 2 * count);
  return Array.from({ length: count }, (_, i) => results[2 * i + 1] ?? 0);
}

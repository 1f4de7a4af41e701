/** Measures what it takes to reach a recall: rows that are not in the graph yet are searched for in it. */

import type { Kernel } from './kernel.ts';
import { type Curves, DEFAULT_CURVES, fitCurve } from './planner.ts';

/** Neighbours looked for. */
const K = 10;
/** Rows searched for. */
export const CALIBRATION_ROWS = 128;
/** What is taken for the truth: the best of so many judged. */
const TRUTH_JUDGED = 2_048;
/** Neighbours of the truth beyond `K`, for the other rows searched for, which are not in the graph either. */
const SPARE = 16;
/** Small enough to miss some: how recall goes on from there is extrapolated. */
const EFS = [16, 32, 64, 128];
const JUDGED = [24, 32, 48, 64, 96, 128];
/** Members of a walk compared by 8 bits: as in a search. */
const WALK_JUDGED = 40;

/** Searches for pending rows with rising work; ends with the curves fitted. A step is one search. */
export function* calibrate(kernel: Kernel, dimensions: number): Generator<undefined, Curves> {
  const { call } = kernel;
  const ordinals = pendingOrdinals(kernel);
  const apart = new Set(ordinals);
  const graph = EFS.map((work) => ({ work, missed: 0, wanted: 0 }));
  const codes = JUDGED.map((work) => ({ work, missed: 0, wanted: 0 }));
  for (const ordinal of ordinals) {
    if (!setQuery(kernel, ordinal, dimensions)) continue;
    const truth = found(kernel, call.scan(K + SPARE, 0, TRUTH_JUDGED))
      .filter((each) => !apart.has(each))
      .slice(0, K);
    yield;
    const note = (point: { missed: number; wanted: number }, results: readonly number[]) => {
      const known = new Set(results);
      point.wanted += truth.length;
      point.missed += truth.filter((each) => !known.has(each)).length;
    };
    for (const point of graph) {
      if (!setQuery(kernel, ordinal, dimensions)) break;
      note(point, found(kernel, call.walkGraph(K, 0, point.work, Math.min(point.work, WALK_JUDGED), 0)));
      yield;
    }
    for (const point of codes) {
      if (!setQuery(kernel, ordinal, dimensions)) break;
      note(point, found(kernel, call.scan(K + SPARE, 0, point.work)));
      yield;
    }
  }
  return { graph: fitCurve(graph, DEFAULT_CURVES.graph), codes: fitCurve(codes, DEFAULT_CURVES.codes) };
}

function pendingOrdinals(kernel: Kernel): readonly number[] {
  const { call } = kernel;
  const bytes = 4 * CALIBRATION_ROWS;
  return (
    kernel.borrow(bytes, (at) => [...kernel.words(at, call.pendingOrdinals(CALIBRATION_ROWS, at))]) ?? []
  );
}

/** Asks for a stored row; false where it is gone. Set before each search: other searches come between. */
function setQuery(kernel: Kernel, ordinal: number, dimensions: number): boolean {
  const { call } = kernel;
  if (!call.read(ordinal)) return false;
  kernel.floats(call.queryAddress(), dimensions).set(kernel.floats(call.vectorAddress(), dimensions));
  return call.setQuery() !== 0;
}

function found(kernel: Kernel, count: number): readonly number[] {
  const results = kernel.words(kernel.call.resultsAddress(), 2 * count);
  return Array.from({ length: count }, (_, i) => results[2 * i + 1] ?? 0);
}

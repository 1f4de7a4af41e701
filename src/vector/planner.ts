/**
 * Chooses how a search is done, by counting the work: comparing one row with 8 bits a number is 1. No clock
 * is read, so the same rows and the same question always give the same plan.
 */

import { DEFAULT_RECALL } from '../limits.ts';

/** How rows are searched. */
export type Plan =
  | { readonly kind: 'exact' }
  /** The codes of all members are scanned, and the best `judged` compared. */
  | { readonly kind: 'codes'; readonly judged: number }
  /** The graph is walked, and the codes of rows that are not in it scanned. */
  | { readonly kind: 'graph'; readonly ef: number; readonly judged: number; readonly pendingJudged: number };

export interface Question {
  readonly k: number;
  /** Rows that can be found, and how many of them pass the filter. */
  readonly size: number;
  readonly members: number;
  readonly isFiltered: boolean;
  /** Rows that are not in the graph. */
  readonly pending: number;
  readonly dimensions: number;
  readonly metric: 'cosine' | 'inner-product';
  readonly ef: number | undefined;
  readonly recall: number | undefined;
  /** Of how many of the nearest the recall is meant. Default: all `k`. */
  readonly recallAt?: number | undefined;
}

/** How recall rises with the work: `ln(1 − recall) = intercept + slope · work^0.4`, the form that both ways of searching follow. */
export interface RecallCurve {
  readonly intercept: number;
  readonly slope: number;
  /** Whether it was measured on the rows that are there. */
  readonly isMeasured?: boolean | undefined;
}

/** Neighbours that curves are of. */
export const CALIBRATED_K = 10;

export interface Curves {
  readonly graph: RecallCurve;
  readonly codes: RecallCurve;
}

/** Scanning one row's code, of 384 dimensions: 3 ns where comparing 8 bits costs 45. */
const SCAN_COST = 0.065;
/** Comparing a row that a walk meets, its share of the queue included. */
const WALK_COST = 1.7;
/** Rows that a walk compares for each of its width, on 100,000 real sentences. */
const WALKED_PER_EF = 11.5;
/** Fewer members are always compared each: it is exact, and takes no longer than a tenth of a millisecond. */
const MIN_PLANNED = 2_048;
/** The same while it is not known how well codes tell these rows apart. */
const MIN_UNMEASURED = 20_000;
/** Share of members below which each is compared: the port promises exactness there. */
const EXACT_SHARE = 0.2;
/** Widest walk. */
const MAX_EF = 4_096;
/** Candidates of a walk that are compared with 8 bits, at least, and for each result. */
const MIN_JUDGED = 40;
const JUDGED_PER_RESULT = 4;
/** Codes of fewer dimensions tell less: how many more rows must be judged grows with the square. */
const CODE_DIMENSIONS = 384;
/** Found by trying: with it the logarithm of what is missed is a straight line from recall .92 to .9996. */
const EXPONENT = 0.4;
/** The share of what may be missed that is aimed at: a calibration has seen a few hundred neighbours only. */
const CAUTION = 0.8;

/** Measured on 100,000 real sentences of 384 dimensions (docs/benchmarks.md), for as long as nothing was calibrated. */
export const DEFAULT_CURVES: Curves = {
  graph: { intercept: -1.3, slope: -0.465 },
  codes: { intercept: 0.8, slope: -0.92 },
};

export function choosePlan(question: Question, curves: Curves = DEFAULT_CURVES): Plan {
  const { k, size, members, isFiltered, pending, ef, recallAt = k } = question;
  const fewest = curves.codes.isMeasured === true || ef !== undefined ? MIN_PLANNED : MIN_UNMEASURED;
  if (members <= fewest || k >= members / 2) return { kind: 'exact' };
  if (isFiltered && members < size * EXACT_SHARE) return { kind: 'exact' };
  const recall = question.recall ?? DEFAULT_RECALL;
  if (recall === 1 && ef === undefined) return { kind: 'exact' };
  // The nearest members lie farther off than the nearest rows: with the same effort fewer would be found.
  const widening = Math.sqrt(size / members);
  const judged = Math.ceil(judgedFor(question, recall, curves) * widening);
  const plans: (readonly [cost: number, plan: Plan])[] = [
    [members, { kind: 'exact' }],
    [size * SCAN_COST + judged, { kind: 'codes', judged }],
  ];
  // No narrower than twice the results: by 4 bits the best of them are known no better.
  const width = Math.max(Math.ceil((ef ?? efFor(recall, Math.min(recallAt, k), curves)) * widening), 2 * k);
  // A walk under a filter goes on until it has met as many members as an unfiltered one meets rows.
  const walked = (width * WALKED_PER_EF * size) / members;
  if (pending < size && width <= MAX_EF) {
    const pendingJudged = pending === 0 ? 0 : Math.min(judged, pending);
    const plan: Plan = {
      kind: 'graph',
      ef: width,
      judged: Math.max(MIN_JUDGED, JUDGED_PER_RESULT * k),
      pendingJudged,
    };
    // An ef is a wish for the graph, wherever it can answer.
    const cost = ef === undefined ? walked * WALK_COST + pending * SCAN_COST + pendingJudged : 0;
    plans.push([cost, plan]);
  }
  return plans.reduce((best, each) => (each[0] < best[0] ? each : best))[1];
}

/** The width of a walk that reaches a recall: curves are of ten neighbours, and more lie farther off. */
export function efFor(recall: number, k: number, { graph }: Curves): number {
  return Math.ceil(workFor(recall, graph) * growthFor(k));
}

function judgedFor(question: Question, recall: number, { codes }: Curves): number {
  const { k, size, dimensions, metric, ef, recallAt = k } = question;
  const counted = Math.min(recallAt, k);
  // Codes know nothing of lengths.
  if (metric === 'inner-product') return size;
  const thinness = Math.max(1, CODE_DIMENSIONS / dimensions) ** 2;
  // A measured curve knows its dimensions, for the ten nearest; those behind them are told apart less well.
  const unknown = codes.isMeasured !== true ? thinness : counted > CALIBRATED_K ? Math.sqrt(thinness) : 1;
  const work = workFor(recall, codes) * unknown;
  return Math.min(Math.max(Math.ceil(work * growthFor(counted)), ef ?? 0, 2 * k), size);
}

/** How much more work `k` neighbours take than ten: more than k / 10, since the later ones differ by less. */
function growthFor(k: number): number {
  const times = Math.max(1, k / CALIBRATED_K);
  return times * (1 + Math.log10(times));
}

function workFor(recall: number, { intercept, slope }: RecallCurve): number {
  const missing = Math.max((1 - recall) * CAUTION, 1e-5);
  return Math.max((Math.log(missing) - intercept) / slope, 1) ** (1 / EXPONENT);
}

/** What was measured with so much work: how many of how many neighbours were missed. */
export interface RecallPoint {
  readonly work: number;
  readonly missed: number;
  readonly wanted: number;
}

/** A curve that hardly falls asks for so much work that another plan is taken. */
const FLATTEST = -0.05;
/** Misses that say something: fewer are chance. */
const MIN_MISSED = 3;

/**
 * Fits a curve to measurements, by least squares with the misses as weights: a count is known as well as its
 * size. One point tells where the curve lies and not how it falls; none, that it is as expected.
 */
export function fitCurve(points: readonly RecallPoint[], expected: RecallCurve): RecallCurve {
  const telling = points.filter(({ missed }) => missed >= MIN_MISSED);
  if (telling.length === 0) return { ...expected, isMeasured: true };
  const total = telling.reduce((sum, { missed }) => sum + missed, 0);
  const mean = (of: (point: RecallPoint) => number) =>
    telling.reduce((sum, point) => sum + point.missed * of(point), 0) / total;
  const x = ({ work }: RecallPoint) => work ** EXPONENT;
  const y = ({ missed, wanted }: RecallPoint) => Math.log(missed / wanted);
  const [meanX, meanY] = [mean(x), mean(y)];
  const spread = mean((point) => (x(point) - meanX) ** 2);
  const measured = mean((point) => (x(point) - meanX) * (y(point) - meanY)) / spread;
  const slope = telling.length > 1 ? Math.min(measured, FLATTEST) : expected.slope;
  return { slope, intercept: meanY - slope * meanX, isMeasured: true };
}

/** Runs many histories, each from a seed of its own, and makes the first that fails as short as it can be. */

import fc from 'fast-check';
import { settle } from '../../src/testing/environment.ts';
import { createKernelIndex } from '../../src/vector/kernel-index.ts';
import { DIMENSIONS, type History, histories, type Profile } from './history.ts';
import { runHistory } from './run-history.ts';
import type { RunOptions } from './scene.ts';
import { type Report, Tally } from './tally.ts';
import { Violation } from './violation.ts';

/** Longest time spent on making a failing history shorter, ms. */
const SHRINK_MS = 60_000;

export interface TortureOptions {
  readonly seed: number;
  readonly runs: number;
  /** Only histories of this profile. Default: all but `calm`. */
  readonly profile?: Profile | undefined;
  readonly lie?: RunOptions['lie'];
  readonly without?: ReadonlySet<string> | undefined;
  /** Whether a history that fails is made as short as it can be. Default true. */
  readonly isShrunk?: boolean | undefined;
  /** Failing histories after which it ends. Default 1. */
  readonly failuresWanted?: number | undefined;
  /** Told of what goes on. */
  readonly say?: ((line: string) => void) | undefined;
}

/** A history that failed, as short as it could be made. */
export interface Failure {
  /** Of the history alone. */
  readonly seed: number;
  /** What repeats it. */
  readonly command: string;
  readonly violation: string;
  readonly kind: string;
  /** Each step, and how its calls ended. */
  readonly steps: readonly string[];
}

export interface TortureResult {
  readonly report: Report;
  readonly failures: readonly Failure[];
}

/** The seed of one of the histories: the first has the run's own, so that it can be repeated alone. */
export function seedOf(seed: number, number: number): number {
  if (number === 0) return seed;
  let mixed = Math.imul((seed ^ 0x9e3779b9) + number, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 1;
}

export async function torture(options: TortureOptions): Promise<TortureResult> {
  const { seed, runs, failuresWanted = 1, say = () => undefined } = options;
  const startMs = performance.now();
  const tally = new Tally();
  const failures: Failure[] = [];
  // Compiled once, so that no history waits for anything real.
  (await createKernelIndex(DIMENSIONS)).close();
  process.on('unhandledRejection', keepUnhandled);
  try {
    for (let number = 0; number < runs && failures.length < failuresWanted; number++) {
      const failure = await runOne(seedOf(seed, number), tally, options);
      tally.histories += 1;
      if (failure !== undefined) failures.push(failure);
      if ((number + 1) % 1_000 === 0) say(`${number + 1} histories, ${tally.operations} calls`);
    }
  } finally {
    process.off('unhandledRejection', keepUnhandled);
  }
  return { report: tally.report(seed, (performance.now() - startMs) / 1_000), failures };
}

/** Failures that no one heard of. */
const unhandled: unknown[] = [];
const keepUnhandled = (error: unknown) => void unhandled.push(error);

async function runWatched(history: History, seed: number, tally: Tally, options: RunOptions): Promise<void> {
  await runHistory(history, seed, tally, options);
  await settle();
  const [first] = unhandled.splice(0);
  if (first === undefined) return;
  tally.untypedErrors += 1;
  throw new Violation('untyped', `a failure that nobody was told of: ${stackOf(first)}`);
}

/** Runs the history of a seed; what it did is counted once, not again while it is made shorter. */
async function runOne(seed: number, tally: Tally, options: TortureOptions): Promise<Failure | undefined> {
  const { lie, without, profile, isShrunk = true, say } = options;
  let isFirst = true;
  let kind: string | undefined;
  const property = fc.asyncProperty(histories(profile), async (history) => {
    const counted = isFirst ? tally : new Tally();
    const wasFirst = isFirst;
    isFirst = false;
    try {
      await runWatched(history, seed, counted, { lie, without });
    } catch (error) {
      const violation = error instanceof Violation ? error : new Violation('untyped', stackOf(error));
      if (wasFirst) count(violation, tally);
      kind ??= violation.kind;
      // A shorter history counts only if it fails in the same way.
      if (violation.kind === kind) throw violation;
    }
  });
  const result = await fc.check(property, {
    seed,
    numRuns: 1,
    unbiased: true,
    // A lie strikes by the number of the commit: a shorter history is another one.
    endOnFailure: lie !== undefined || !isShrunk,
    interruptAfterTimeLimit: SHRINK_MS,
  });
  if (!result.failed || result.counterexample === null) return undefined;
  say?.(`the history of seed ${seed} failed; made shorter ${result.numShrinks} times`);
  return describe(seed, result.counterexample[0], String(result.errorInstance), options);
}

function count(violation: Violation, tally: Tally): void {
  tally.fail(violation.kind);
  if (violation.kind === 'lost') tally.silentlyLost += violation.count;
}

/** Runs it once more, and writes down what happens. */
async function describe(
  seed: number,
  history: History,
  first: string,
  options: TortureOptions,
): Promise<Failure> {
  const { lie, without } = options;
  const command = commandOf(seed, options);
  const steps = [`a ${history.profile} history on the ${history.index} index`];
  try {
    await runWatched(history, seed, new Tally(), { lie, without, trace: (line) => steps.push(line) });
  } catch (error) {
    if (!(error instanceof Violation))
      return { seed, command, kind: 'untyped', violation: stackOf(error), steps };
    return { seed, command, kind: error.kind, violation: error.message, steps };
  }
  return { seed, command, kind: 'flaky', violation: `it failed, and run again it does not: ${first}`, steps };
}

/** What is left out, and of what profile it is, decides what a seed makes. */
function commandOf(seed: number, { profile, without, lie }: TortureOptions): string {
  const words = ['npm run torture --', `--seed ${seed} --runs 1`];
  if (profile !== undefined) words.push(`--profile ${profile}`);
  if (without !== undefined && without.size > 0) words.push(`--without ${[...without].join(',')}`);
  if (lie !== undefined) words.push(`--lie ${lie.kind} --lie-one-in ${lie.oneIn}`);
  return words.join(' ');
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

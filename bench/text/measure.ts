/** What one engine takes for a number of memories: time, memory, bytes. */

import { percentile } from '../vector/stats.ts';
import type { TextCorpus } from './corpus.ts';
import type { TextEngine, TextEngineSpec } from './engines.ts';

export interface Times {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface EngineFigures {
  readonly engine: string;
  readonly size: number;
  readonly addPerSecond: number;
  readonly heldBytes: number;
  readonly storedBytes: number;
  readonly firstLoadMs: number;
  readonly loadMs: number;
  readonly search: Times;
  readonly filtered: Times;
  /** Of questions with a mistyped word. */
  readonly near: Times;
  /** Of 400 memories; null where the engine has no such call. */
  readonly impacts: Times | null;
  /** Of the contents of ten hits. */
  readonly phrases: Times | null;
  /** The best ten of the first questions, to compare. */
  readonly rankings: readonly (readonly number[])[];
}

const LIMIT = 50;
const FILTER_EVERY = 100;
const IMPACT_MEMORIES = 400;
const PHRASE_CONTENTS = 10;
const COMPARED_QUESTIONS = 60;
const LOADS = 3;
/** Questions of a round where one takes long: a round ends after so much time. */
const ROUND_MS = 4_000;

/** @param collect collects garbage, and answers the bytes that the process holds then. */
export async function measure(
  spec: TextEngineSpec,
  corpus: TextCorpus,
  rounds: number,
  collect: () => number,
): Promise<EngineFigures> {
  const { memories, questions, mistyped } = corpus;
  const before = collect();
  const engine = await spec.open();
  const from = performance.now();
  engine.add(memories);
  const addMs = performance.now() - from;
  const filter = new Set([...memories.keys()].filter((ordinal) => ordinal % FILTER_EVERY === 0));
  const times = timesOf(engine, corpus, filter, rounds);
  const heldBytes = collect() - before;
  const rankings = questions.slice(0, COMPARED_QUESTIONS).map((question) => engine.search(question, 10));
  const stored = engine.save();
  const loads: number[] = [];
  for (let i = 0; i < LOADS; i += 1) {
    const started = performance.now();
    await spec.load(stored.map((part) => (typeof part === 'string' ? part : part.slice())));
    loads.push(performance.now() - started);
  }
  return {
    engine: spec.name,
    size: memories.length,
    addPerSecond: (1_000 * memories.length) / addMs,
    heldBytes,
    storedBytes: stored.reduce((sum, part) => sum + Buffer.byteLength(part), 0),
    firstLoadMs: loads[0] as number,
    loadMs: Math.min(...loads),
    ...times,
    near: time(mistyped, rounds, (question) => engine.searchNear(question, LIMIT)),
    rankings,
  };
}

function timesOf(
  engine: TextEngine,
  { memories, questions }: TextCorpus,
  filter: ReadonlySet<number>,
  rounds: number,
) {
  const step = Math.max(1, Math.floor(memories.length / IMPACT_MEMORIES));
  const some = Uint32Array.from({ length: Math.min(IMPACT_MEMORIES, memories.length) }, (_, i) => i * step);
  const contents = memories.slice(0, PHRASE_CONTENTS).map(({ content }) => content);
  const { impacts, phrases } = engine;
  return {
    search: time(questions, rounds, (question) => engine.search(question, LIMIT)),
    filtered: time(questions, rounds, (question) => engine.search(question, LIMIT, filter)),
    impacts: impacts === undefined ? null : time(questions, rounds, (question) => impacts(question, some)),
    phrases:
      phrases === undefined ? null : time(questions, rounds, (question) => phrases(question, contents)),
  };
}

/** The round with the best median, after one to warm up. */
function time(questions: readonly string[], rounds: number, ask: (question: string) => void): Times {
  let best: Times = { p50Ms: Number.POSITIVE_INFINITY, p99Ms: Number.POSITIVE_INFINITY };
  for (let round = 0; round <= rounds; round += 1) {
    const taken: number[] = [];
    const began = performance.now();
    for (const question of questions) {
      const from = performance.now();
      if (from - began > ROUND_MS) break;
      ask(question);
      taken.push(performance.now() - from);
    }
    const p50Ms = percentile(taken, 0.5);
    if (round > 0 && p50Ms < best.p50Ms) best = { p50Ms, p99Ms: percentile(taken, 0.99) };
  }
  return best;
}

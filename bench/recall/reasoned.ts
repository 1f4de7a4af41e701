/** `npx tsx bench/recall/reasoned.ts`: the signals no data set has, with and without each, on made memories. */

import type { Embedder } from '../../src/embedding/embedder.ts';
import { openEngine } from '../../src/engine/engine.ts';
import { createMemoryStorage } from '../../src/storage/memory.ts';
import type { MemoryEngine, NewMemory, SearchOptions, SignalName } from '../../src/types.ts';
import { createKernelIndex } from '../../src/vector/kernel-index.ts';
import { loadEmbedder } from '../embedding/embedders.ts';
import { makeNotes } from './documents/notes.ts';
import { SERVICES } from './documents/notes-bank.ts';
import { mean, recallAt, reciprocalRank } from './metrics.ts';

const NOW = Date.UTC(2024, 5, 1);
const DAY_MS = 86_400_000;
/** Ages at which a fact is told again, each time with another value, days. */
const AGES = [400, 120, 40, 10, 1];
const LIMIT = 10;

interface Asked {
  readonly question: string;
  /** Its place among the memories. */
  readonly gold: number;
  readonly options?: SearchOptions;
}

interface Trial {
  readonly signal: SignalName;
  readonly about: string;
  readonly memories: readonly NewMemory[];
  readonly asked: readonly Asked[];
  /** What is done before it is asked. */
  prepare?(engine: MemoryEngine, ids: readonly string[]): Promise<void>;
}

const notes = makeNotes();
const noteMemories = notes.turns.map(({ content, sessionId, position, source, createdAt }): NewMemory => {
  const given = { content, sessionId, position, createdAt: createdAt ?? 0 };
  return source === undefined ? given : { ...given, source };
});
const noteQuestions = notes.questions.map(({ question, gold }) => ({ question, gold: gold[0] ?? 0 }));
const sessionOf = (place: number) => notes.turns[place]?.sessionId ?? '';

/** Each service's window told five times; the last one is meant. */
const windows = SERVICES.flatMap(({ name }, i) =>
  AGES.map((days, told): NewMemory => {
    const content = `The deployment window of ${name} opens at ${(i + 3 * told) % 24}:00.`;
    return { content, createdAt: NOW - days * DAY_MS };
  }),
);
const windowQuestions = SERVICES.map(({ name }, i) => ({
  question: `When does the deployment window of ${name} open?`,
  gold: i * AGES.length + AGES.length - 1,
}));
/** The same told at one time, so that only marks tell them apart. */
const timeless = windows.map((memory) => ({ ...memory, createdAt: NOW - DAY_MS }));
const marked = (fields: Partial<NewMemory>) =>
  timeless.map((memory, i) => (i % AGES.length === AGES.length - 1 ? { ...memory, ...fields } : memory));

const TRIALS: readonly Trial[] = [
  {
    ...{ signal: 'context', about: 'the notes, asked from within their task', memories: noteMemories },
    asked: noteQuestions.map((each) => ({
      ...each,
      options: { context: { sessionId: sessionOf(each.gold) } },
    })),
  },
  {
    ...{ signal: 'usefulness', about: 'the notes, after one verdict on each answer', memories: noteMemories },
    asked: noteQuestions,
    prepare: async (engine, ids) => {
      for (const { gold } of noteQuestions) await engine.reinforce(ids[gold] ?? '', true);
    },
  },
  {
    ...{ signal: 'recency', about: 'a fact told five times within 400 days, the last one meant' },
    ...{ memories: windows, asked: windowQuestions },
  },
  {
    ...{ signal: 'outdated', about: 'a fact told five times, each superseding the one before' },
    ...{ memories: timeless, asked: windowQuestions },
    prepare: async (engine, ids) => {
      for (const [i, id] of ids.entries())
        if (i % AGES.length > 0) await engine.update(id, { supersedes: [ids[i - 1] ?? ''] });
    },
  },
  {
    ...{ signal: 'priority', about: 'five facts alike, the one meant of priority high' },
    ...{ memories: marked({ priority: 'high' }), asked: windowQuestions },
  },
  {
    ...{ signal: 'importance', about: 'five facts alike, the one meant of importance .8' },
    ...{ memories: marked({ importance: 0.8 }), asked: windowQuestions },
  },
];

async function measure({ signal, memories, asked, prepare }: Trial, builtin: Embedder) {
  const engine = await openEngine({
    ...{ storage: createMemoryStorage(), createIndex: (dimensions) => createKernelIndex(dimensions) },
    ...{ indexKind: 'kernel', builtin, tenant: 'bench', namespace: 'reasoned' },
  });
  const { ids } = await engine.addMany(memories);
  await prepare?.(engine, ids);
  const ask = async (weights: SearchOptions['weights']) => {
    const found: (readonly [number, number])[] = [];
    for (const { question, gold, options } of asked) {
      const { hits } = await engine.search(question, { ...options, now: NOW, limit: LIMIT, weights });
      const returned = hits.map(({ id }) => ids.indexOf(id));
      found.push([reciprocalRank(returned, [gold]), recallAt(returned, [gold], LIMIT)]);
    }
    return { mrr: mean(found.map(([mrr]) => mrr)), r10: mean(found.map(([, r10]) => r10)) };
  };
  const found = { without: await ask({ [signal]: 0 }), with: await ask({}) };
  await engine.close();
  return found;
}

const builtin = await loadEmbedder('builtin');
console.log('| signal | questions | MRR without | with | R@10 without | with |\n|---|---|---|---|---|---|');
for (const trial of TRIALS) {
  const found = await measure(trial, builtin);
  const figures = [found.without.mrr, found.with.mrr, found.without.r10, found.with.r10];
  const cells = figures.map((figure) => figure.toFixed(3).replace(/^0/, ''));
  console.log(`| \`${trial.signal}\`: ${trial.about} | ${trial.asked.length} | ${cells.join(' | ')} |`);
}

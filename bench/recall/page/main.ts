/** The latency benchmark's page: a store of chats, and searches of it timed on the page's own clock. */

import { type MemoryEngine, type NewMemory, openMemory } from '../../../src/index.ts';
import { type BenchMemory, Dataset } from '../../storage/dataset.ts';
import { MODEL, settle } from '../../storage/page/loci.ts';
import { HITS } from '../../storage/store.ts';
import { mostUsedWords } from '../../storage/texts.ts';
import type { QuestionKind } from '../latency.ts';

export interface ChatTask {
  readonly namespace: string;
  readonly count: number;
  readonly seed: number;
}

/** As many as the most used words of English that are stop words. */
const STOP_WORDS = mostUsedWords(100);
const QUESTION_WORDS = 6;
const FILL_BATCH = 1_000;
/** Turns of a session. */
const SESSION_TURNS = 20;
const SPEAKERS = ['Ann', 'Bob', 'Carla', 'Dmitri', 'Eve', 'Farid', 'Gita', 'Hugo'];

const bench = {
  /** Adds so many turns, and waits until the store is at rest. */
  fill: async ({ namespace, count, seed }: ChatTask): Promise<void> => {
    const dataset = new Dataset(seed, count);
    const engine = await openMemory({ namespace, storage: 'indexeddb' });
    for (let from = 0; from < count; from += FILL_BATCH) {
      const batch = dataset.memories(from, Math.min(FILL_BATCH, count - from));
      await engine.addMany(batch.map((memory, i) => turnOf(memory, from + i)));
      if ((from / FILL_BATCH) % 10 === 9) console.info(`${from + batch.length} of ${count}`);
    }
    await settle(engine);
    await engine.close();
  },

  /** Milliseconds of each search with ten full records, after a warm-up, by the kind of its question. */
  searches: async ({ namespace, count, seed }: ChatTask, kinds: readonly QuestionKind[], samples: number) => {
    const dataset = new Dataset(seed, count);
    const engine = await openMemory({ namespace, storage: 'indexeddb' });
    const ms = kinds.map((): number[] => []);
    const step = Math.max(1, Math.floor(count / samples));
    for (let sample = -Math.ceil(samples / 10); sample < samples; sample++)
      for (const [i, kind] of kinds.entries()) {
        const place = Math.abs(sample * step + i * 7) % count;
        const took = await searchOnce(engine, dataset, place, kind);
        if (sample >= 0) ms[i]?.push(took);
      }
    await engine.close();
    return ms;
  },
};

async function searchOnce(engine: MemoryEngine, dataset: Dataset, place: number, kind: QuestionKind) {
  const { text, vector, wanted } = dataset.query(place);
  const question = questionOf(kind, place, text, dataset.memory(place).content);
  const from = performance.now();
  const { hits } = await engine.search(question, {
    embedding: { space: MODEL.space, vector },
    limit: HITS,
  });
  const ms = performance.now() - from;
  if (hits.length !== HITS || hits.some(({ memory }) => memory.content === ''))
    throw new Error(`${hits.length} of ${HITS} full records were found`);
  if (kind === 'content' && !hits.some(({ id }) => id === wanted))
    throw new Error('the memory asked for was not found');
  return ms;
}

function questionOf(kind: QuestionKind, place: number, firstWords: string, content: string): string {
  const words = content.toLowerCase().match(/\p{L}+/gu) ?? [];
  const rare = [...new Set(words)]
    .filter((word) => !STOP_WORDS.has(word))
    .slice(0, QUESTION_WORDS)
    .join(' ');
  if (kind === 'common') return firstWords;
  if (kind === 'named') return `What did ${speakerOf(place)} say of ${rare}?`;
  return kind === 'timed' ? `${rare} last week` : rare;
}

function turnOf({ id, content, createdAt, vector }: BenchMemory, place: number): NewMemory {
  return {
    ...{ id, content, createdAt },
    source: 'chat',
    speaker: speakerOf(place),
    sessionId: `session-${Math.floor(place / SESSION_TURNS)}`,
    position: place % SESSION_TURNS,
    embedding: { ...MODEL, vector },
  };
}

/** Two speak in each session. */
function speakerOf(place: number): string {
  const pair = Math.floor(place / SESSION_TURNS) % (SPEAKERS.length / 2);
  return SPEAKERS[2 * pair + (place % 2)] ?? '';
}

export type RecallBench = typeof bench;

declare global {
  interface Window {
    recallBench: RecallBench;
  }
}

window.recallBench = bench;

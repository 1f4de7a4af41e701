/** How long a search takes in a browser: through Comlink, with ten full records, in a store of many chats. */

import { openBrowser } from '../storage/browser.ts';
import { percentile } from '../vector/stats.ts';
import type {} from './page/main.ts';

/**
 * Six words of a memory that are not among the most used of their language; the same with who said it, and with a
 * time; and eight words as they stand, most of which are in every other memory. Each is asked with a vector, so that
 * nothing is embedded.
 */
export const QUESTION_KINDS = ['content', 'named', 'timed', 'common'] as const;
export type QuestionKind = (typeof QUESTION_KINDS)[number];

export interface LatencyFigures {
  readonly memories: number;
  /** Searches of each kind. */
  readonly samples: number;
  /** By the kind of question. */
  readonly searchMs: Readonly<Record<string, { readonly p50: number; readonly p99: number }>>;
  readonly browser: string;
}

const SAMPLES = 1_000;
const SEED = 1;
const PAGE = { folder: new URL('./page', import.meta.url), name: 'recall-page', global: 'recallBench' };

/** Fills a store, opens it on a new page and asks. */
export async function measureLatency(memories: number, say: (line: string) => void): Promise<LatencyFigures> {
  const browser = await openBrowser(say, PAGE);
  const task = { namespace: 'recall', count: memories, seed: SEED };
  try {
    say(`Filling a store with ${memories} memories …`);
    await browser.onPage('loci', (page) => page.evaluate((each) => window.recallBench.fill(each), task));
    say(`Asking it ${SAMPLES} questions of each kind …`);
    const ms = await browser.onPage('loci', (page) =>
      page.evaluate(([each, kinds, samples]) => window.recallBench.searches(each, kinds, samples), [
        task,
        QUESTION_KINDS,
        SAMPLES,
      ] as const),
    );
    const spread = (kind: QuestionKind) => {
      const times = ms[QUESTION_KINDS.indexOf(kind)] ?? [];
      return { p50: percentile(times, 0.5), p99: percentile(times, 0.99) };
    };
    const searchMs = Object.fromEntries(QUESTION_KINDS.map((kind) => [kind, spread(kind)]));
    return { memories, samples: SAMPLES, searchMs, browser: browser.version };
  } finally {
    await browser.close();
  }
}

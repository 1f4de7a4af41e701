import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import type { BenchBrowser } from './browser.ts';
import { readOptions } from './options.ts';
import { run } from './run.ts';

interface Task {
  readonly contestant: string;
  readonly level?: string;
  readonly batch?: number;
}

/** A browser whose pages answer what they are asked by the task alone. */
function browserOf(answer: (task: Task) => number): BenchBrowser {
  const page = { evaluate: async (_work: unknown, task: Task) => answer(task) } as unknown as Page;
  return {
    version: 'none',
    onPage: (_origin, work) => work(page),
    onDoomedPage: (_origin, work) => work(page),
    close: async () => undefined,
  };
}

const quiet = () => undefined;

test('rates are medians of the rounds, by level and batch', async () => {
  const seen: number[] = [];
  const browser = browserOf(({ batch, level }) => {
    if (batch === undefined) throw new Error('only adds are asked for');
    seen.push(batch);
    const round = Math.ceil(seen.length / 8);
    return batch * (level === 'flushed' ? 1 : 10) + ([0, 500, -1][round - 1] ?? 0);
  });
  const options = { ...readOptions(['--only', 'loci']), sizes: [] };
  const { contestants } = await run(browser, options, quiet);
  expect(contestants).toMatchObject([
    {
      addsPerSecond: {
        journaled: { '1': 10, '100': 1_000, '1000': 10_000 },
        flushed: { '1': 1, '100': 100, '1000': 1_000 },
      },
    },
  ]);
});

test('who fails is named with the reason; what it did before is kept, and the others go on', async () => {
  const asked: string[] = [];
  const browser = browserOf(({ contestant, batch }) => {
    asked.push(`${contestant} ${batch ?? 'fill'}`);
    if (contestant === 'idb') throw new Error('it has no database');
    if (batch === undefined) throw new Error('too many');
    return 100;
  });
  const options = readOptions(['--only', 'idb,loci', '--sizes', '1000,2000']);
  const { contestants, skipped } = await run(browser, options, quiet);
  expect(contestants).toMatchObject([{ name: 'loci', open: [], addsPerSecond: { flushed: { '100': 100 } } }]);
  expect(skipped).toEqual([
    { name: 'idb', reason: 'adds, journaled, 1, round 1: it has no database' },
    { name: 'loci', reason: 'filling with 1000: too many' },
  ]);
  expect(asked.filter((each) => each.startsWith('idb'))).toHaveLength(1);
  expect(asked.filter((each) => each.endsWith('fill'))).toHaveLength(1);
});

import { describe, expect, it } from 'vitest';
import { latencyLine, type Report, reportOf, tablesOf } from './report.ts';
import type { Measured } from './run.ts';

const system = (name: string) => ({
  ...{ name, about: 'ours', embedder: null },
  open: () => Promise.reject(new Error('it is not opened here')),
});

/** Two questions of a conversation: one found at once, one at rank 7 of two that were wanted. */
const MEASURED: Measured = {
  scores: [
    { conversation: 'a', category: '4', r5: 1, r10: 1, reciprocalRank: 1, kept: { '500': 1, '1000': 1 } },
    {
      conversation: 'a',
      category: '1',
      r5: 0,
      r10: 0.5,
      reciprocalRank: 1 / 7,
      kept: { '500': 0, '1000': 0.5 },
    },
  ],
  searchMs: [2, 4],
  added: 30,
  addMs: 20,
};

const reportWith = (...names: readonly string[]): Report => ({
  ...{ data: 'own.json', conversations: 1, turns: 30, questions: 2, dropped: 0 },
  systems: names.map((name) => reportOf(system(name), MEASURED)),
  ...{ skipped: [], documents: null, latency: null, machine: 'a machine', date: '2024-01-01' },
});

describe('the report', () => {
  it('has the figures by their names in the JSON', () => {
    expect(reportOf(system('ours'), MEASURED)).toEqual({
      ...{ name: 'ours', about: 'ours', embedder: null, n: 2, r5: 0.5, r10: 0.75, mrr: (1 + 1 / 7) / 2 },
      byCategory: {
        '1': { n: 1, r5: 0, r10: 0.5, mrr: 1 / 7 },
        '4': { n: 1, r5: 1, r10: 1, mrr: 1 },
      },
      byConversation: { a: { n: 2, r5: 0.5, r10: 0.75, mrr: (1 + 1 / 7) / 2 } },
      evidenceKept: { '500': 0.5, '1000': 0.75 },
      searchMs: { p50: 2, p99: 4 },
      addPerSecond: 1_500,
    });
  });

  it('has a row a system, and a column a category and a conversation', () => {
    const tables = tablesOf(reportWith('ours', 'theirs'));
    expect(tables).toContain('| ours | – | 2 | .500 | .750 | .571 | .500 | .750 | 2.00 | 4.00 | 1,500 |');
    expect(tables).toContain('| R@10 by category | 1 (1) | 4 (1) |');
    expect(tables).toContain('| theirs | .500 | 1.000 |');
    expect(tables).toContain('| R@10 by conversation | a (2) |');
  });

  it('has a line of the latency', () => {
    const spread = { p50: 1.234, p99: 5 };
    const line = latencyLine({
      ...{ memories: 100_000, samples: 1_000, browser: 'Chromium 1' },
      searchMs: { content: spread, timed: { p50: 2, p99: 9.999 } },
    });
    expect(line).toContain('100,000 memories in Chromium 1');
    expect(line).toContain('content p50 1.23 ms, p99 5.00 ms');
    expect(line).toContain('timed p50 2.00 ms, p99 10.00 ms');
  });
});

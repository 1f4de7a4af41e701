import { expect, test } from 'vitest';
import { type ContestantFigures, reportOf, tablesOf } from './report.ts';

const rates = { '1': 500, '100': 5_000, '1000': 6_000 };
const bytes = { total: 120e6, jsHeap: 30e6, embedder: 0, arrayBuffers: 10e6, wasm: 80e6 };
const opened = (n: number, firstSearchMs: number) => ({
  n,
  firstSearchMs,
  rounds: [firstSearchMs],
  openedMs: 1,
  engineBytes: bytes.total,
  engineBytesBy: bytes,
  afterKill: { journaled: 100, firstSearchMs: 2 * firstSearchMs },
  fillPerSecond: 4_000,
  storedBytes: null,
});
const figures = (name: 'loci' | 'idb', ms: number): ContestantFigures => ({
  name,
  about: name,
  addsPerSecond: { journaled: rates, flushed: rates },
  addsInFlight64: { journaled: 700, flushed: 600 },
  open: [opened(1_000, ms), opened(10_000, 10 * ms)],
});
const rest = {
  tenRecordsMs: { n: 10_000, samples: 200, p50: 3, p99: 9 },
  coldSearchMs: null,
  bytesByKind: { contents: 40e6 },
  skipped: [],
  rounds: 3,
  seed: 1,
  dimensions: 384,
  date: '2026-01-01',
  machine: 'a machine',
  browser: 'a browser',
};

test('ours stands at the top of the report, a rival’s opening is that of the largest size', () => {
  const report = reportOf([figures('loci', 40), figures('idb', 90)], rest);
  expect(report.addsPerSecond).toEqual({ journaled: rates, flushed: rates });
  expect(report.open.map(({ n, firstSearchMs }) => [n, firstSearchMs])).toEqual([
    [1_000, 40],
    [10_000, 400],
  ]);
  expect(report.rivals).toMatchObject([{ name: 'idb', openMs: 900, addsPerSecond: { journaled: rates } }]);
});

test('a run in which we did not take part has no figures of ours, and no made up ones', () => {
  const report = reportOf([figures('idb', 90)], { ...rest, tenRecordsMs: null, bytesByKind: null });
  expect(report).toMatchObject({ addsPerSecond: null, open: [] });
  expect(tablesOf(report)).not.toContain('loci');
});

test('the tables show every contestant, level and size', () => {
  const tables = tablesOf(reportOf([figures('loci', 40), figures('idb', 90)], rest));
  expect(tables).toContain('| loci | journaled | 500 | 700 | 5,000 | 6,000 |');
  expect(tables).toContain('| idb | flushed | 500 | 600 | 5,000 | 6,000 |');
  expect(tables).toContain('| loci | 10,000 | 400 | 800 (100) | 120 | – | 4,000 |');
  expect(tables).toContain('Ten records by id at 10,000, cold: p50 3 ms, p99 9 ms.');
  expect(tables).toContain('contents 40');
});

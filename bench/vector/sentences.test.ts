import { expect, test } from 'vitest';
import { firstRows } from './matrix.ts';
import { readSentences, whyNoSentences } from './sentences.ts';
import { exactNeighbours } from './truth.ts';

const reason = whyNoSentences(100_000);
if (reason !== undefined) console.warn(`skipped: ${reason}`);

test('more sentences than there are cannot be had, and the reason says so', () => {
  expect(whyNoSentences(100_001)).toMatch(/100000 sentences|is not in/);
});

test.skipIf(reason !== undefined)(
  'the neighbours that come with the sentences are those found here',
  { timeout: 60_000 },
  () => {
    const { rows, queries, neighbours } = readSentences(100_000);
    expect([rows.count, queries.count, neighbours?.length]).toEqual([100_000, 1_000, 1_000]);
    const [found] = exactNeighbours(rows, firstRows(queries, 3), 10);
    // The file was made in double precision; neighbours that are as near as floats can tell may change places.
    found?.forEach((each, i) => {
      expect(new Set(each)).toEqual(new Set(neighbours?.[i]));
    });
  },
);

/** The vectors of a run: sentences where they are there and suffice, else the mixture. */

import { queryCountFor, type Vectors } from './dataset.ts';
import { firstRows } from './matrix.ts';
import { createMixture } from './mixture.ts';
import type { Options } from './options.ts';
import { readSentences, whyNoSentences } from './sentences.ts';

type Wanted = Pick<Options, 'data' | 'dimensions' | 'seed'>;

/** @throws Error with the reason where sentences are asked for and cannot be had. */
export function chooseVectors(
  n: number,
  { data, dimensions, seed }: Wanted,
  say: (line: string) => void,
): Vectors {
  const reason = data === 'mixture' ? undefined : whyNoSentences(n);
  if (data === 'sentences' && reason !== undefined) throw new Error(`no sentences: ${reason}`);
  if (data !== 'mixture' && reason === undefined) {
    const vectors = readSentences(n);
    return {
      ...vectors,
      queries: firstRows(vectors.queries, Math.min(vectors.queries.count, queryCountFor(n))),
    };
  }
  if (reason !== undefined) say(`the mixture, not sentences: ${reason}`);
  return { kind: 'mixture', ...createMixture({ count: n, queries: queryCountFor(n), dimensions, seed }) };
}

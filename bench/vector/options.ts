/** The benchmark's options, read and checked. */

import { parseArgs } from 'node:util';

export const USAGE = `npm run bench:vector -- [options]
  --n N              rows (default 10000)
  --data KIND        sentences (from ../shared/data/ann or LOCI_DATA_DIR) or mixture;
                     default: sentences where they are and suffice, else mixture
  --dim N            dimensions of the mixture (default 384)
  --seed N           of the mixture, the filters and the changes (default 1)
  --engines A,B      only these (see below); default: all that run here
  --rounds N         rounds of queries, taken in turns (default 3, at least 3)
  --browser          in a worker of a Chromium; hnswlib-node beside it in Node
  --curve A,B,C      one run after another at these numbers of rows, and a table of them
  --json             print one JSON object as the last line`;

export interface Options {
  /** One run for each. */
  readonly sizes: readonly number[];
  readonly isCurve: boolean;
  readonly data: 'mixture' | 'sentences' | undefined;
  readonly dimensions: number;
  readonly seed: number;
  readonly engines: readonly string[] | undefined;
  readonly rounds: number;
  readonly isBrowser: boolean;
  readonly isJson: boolean;
}

/** @throws Error with one line on what is wrong, and the usage. */
export function readOptions(args: readonly string[], known: readonly string[]): Options {
  const usage = `${USAGE}\nEngines: ${known.join(', ')}`;
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        n: { type: 'string', default: '10000' },
        data: { type: 'string' },
        dim: { type: 'string', default: '384' },
        seed: { type: 'string', default: '1' },
        engines: { type: 'string' },
        rounds: { type: 'string', default: '3' },
        browser: { type: 'boolean', default: false },
        curve: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    });
    const { data } = values;
    if (data !== undefined && data !== 'mixture' && data !== 'sentences')
      throw new Error('--data is mixture or sentences');
    const engines = values.engines?.split(',').map((name) => name.trim());
    const unknown = engines?.find((name) => !known.includes(name));
    if (unknown !== undefined) throw new Error(`--engines: there is no engine "${unknown}"`);
    const sizes = (values.curve ?? values.n).split(',');
    return {
      sizes: sizes.map((size) => whole(size, values.curve === undefined ? '--n' : '--curve', 100, 2_000_000)),
      isCurve: values.curve !== undefined,
      data,
      dimensions: whole(values.dim, '--dim', 2, 4_096),
      seed: whole(values.seed, '--seed', 0, 2 ** 31),
      engines,
      rounds: whole(values.rounds, '--rounds', 3, 99),
      isBrowser: values.browser,
      isJson: values.json,
    };
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n${usage}`);
  }
}

function whole(text: string, option: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < least || value > most)
    throw new Error(`${option} must be a whole number from ${least} to ${most}`);
  return value;
}

/** The benchmark's options, read and checked. */

import { parseArgs } from 'node:util';

export const USAGE = `npm run bench:text -- [options]
  --sizes A,B,C      memories (default 1000,10000,100000)
  --rounds N         rounds of queries, of which the best counts (default 5)
  --seed N           of the memories, the filters and the mistyped words (default 1)
  --json             print one JSON object as the last line`;

export interface Options {
  readonly sizes: readonly number[];
  readonly rounds: number;
  readonly seed: number;
  readonly isJson: boolean;
}

/** @throws Error with one line on what is wrong, and the usage. */
export function readOptions(args: readonly string[]): Options {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        sizes: { type: 'string', default: '1000,10000,100000' },
        rounds: { type: 'string', default: '5' },
        seed: { type: 'string', default: '1' },
        json: { type: 'boolean', default: false },
      },
    });
    return {
      sizes: values.sizes.split(',').map((size) => whole(size, '--sizes', 100, 1_000_000)),
      rounds: whole(values.rounds, '--rounds', 1, 99),
      seed: whole(values.seed, '--seed', 0, 2 ** 31),
      isJson: values.json,
    };
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n${USAGE}`);
  }
}

function whole(text: string, option: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < least || value > most)
    throw new Error(`${option} must be whole numbers from ${least} to ${most}`);
  return value;
}

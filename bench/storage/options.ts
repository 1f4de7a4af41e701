/** The benchmark's options, read and checked. */

import { parseArgs } from 'node:util';
import { CONTESTANT_NAMES, type ContestantName } from './store.ts';

export const USAGE = `npm run bench:storage -- [options]
  --open A,B         sizes to open beside 1000,10000,100000
  --sizes A,B        sizes to open in place of those
  --adds N           memories of a round in batches of 100 and 1000 (default 10000); fewer one by one
  --seed N           of texts and vectors (default 1)
  --rounds N         rounds, in turns (default 3, at least 3)
  --only A,B         of ${CONTESTANT_NAMES.join(', ')}
  --json             print one JSON object as the last line`;

export interface Options {
  /** Ascending. */
  readonly sizes: readonly number[];
  readonly adds: number;
  readonly seed: number;
  readonly rounds: number;
  readonly contestants: readonly ContestantName[];
  readonly isJson: boolean;
}

/** @throws Error with one line on what is wrong, and the usage. */
export function readOptions(args: readonly string[]): Options {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        open: { type: 'string' },
        sizes: { type: 'string', default: '1000,10000,100000' },
        adds: { type: 'string', default: '10000' },
        seed: { type: 'string', default: '1' },
        rounds: { type: 'string', default: '3' },
        only: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    });
    const sizesOf = (text: string, option: string) =>
      text.split(',').map((size) => whole(size, option, 100, 2_000_000));
    const more = values.open === undefined ? [] : sizesOf(values.open, '--open');
    return {
      sizes: [...new Set([...sizesOf(values.sizes, '--sizes'), ...more])].sort((a, b) => a - b),
      adds: whole(values.adds, '--adds', 1_000, 1_000_000),
      seed: whole(values.seed, '--seed', 0, 2 ** 31),
      rounds: whole(values.rounds, '--rounds', 3, 99),
      contestants: values.only?.split(',').map(contestant) ?? CONTESTANT_NAMES,
      isJson: values.json,
    };
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n${USAGE}`);
  }
}

function contestant(text: string): ContestantName {
  const found = CONTESTANT_NAMES.find((name) => name === text.trim());
  if (found === undefined) throw new Error(`--only: there is no "${text}"`);
  return found;
}

function whole(text: string, option: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < least || value > most)
    throw new Error(`${option} must be a whole number from ${least} to ${most}`);
  return value;
}

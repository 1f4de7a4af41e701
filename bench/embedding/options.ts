/** The benchmark's options, read and checked. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

export const USAGE = `npm run bench:embedding -- [options]
  --sts FILE         sentence pairs with a score (default stsb-en-dev.csv of the evaluation data)
  --locomo FILE      conversations with questions (default locomo-dev5.json of the evaluation data)
  --seed N           of the half-finished mixture (default 1)
  --calibrate        measure how the scores of each pair of models lie, for src/embedding/calibration.ts, and end
  --text FOLDER      sentences for that (default text of the evaluation data)
  --no-browser       do not measure in Chromium
  --json             print one JSON object as the last line`;

export interface Options {
  /** Undefined where none was named and the default is not there. */
  readonly sts: string | undefined;
  readonly locomo: string | undefined;
  readonly seed: number;
  /** Folder of sentences to calibrate by; undefined where nothing is to be calibrated. */
  readonly calibrateBy: string | undefined;
  readonly isBrowserWanted: boolean;
  readonly isJson: boolean;
}

/** @throws Error with one line on what is wrong, and the usage. */
export function readOptions(args: readonly string[]): Options {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        sts: { type: 'string' },
        locomo: { type: 'string' },
        calibrate: { type: 'boolean', default: false },
        text: { type: 'string' },
        seed: { type: 'string', default: '1' },
        'no-browser': { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    });
    const seed = Number(values.seed);
    if (!Number.isInteger(seed) || seed < 0) throw new Error('--seed must be a whole number from 0');
    return {
      sts: fileOf(values.sts, 'sts/stsb-en-dev.csv', '--sts'),
      locomo: fileOf(values.locomo, 'locomo/locomo-dev5.json', '--locomo'),
      seed,
      calibrateBy: values.calibrate ? needed(fileOf(values.text, 'text', '--text')) : undefined,
      isBrowserWanted: !values['no-browser'],
      isJson: values.json,
    };
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n${USAGE}`);
  }
}

function needed(folder: string | undefined): string {
  if (folder === undefined) throw new Error('--calibrate: there are no sentences; see --text');
  return folder;
}

function fileOf(named: string | undefined, usual: string, option: string): string | undefined {
  if (named !== undefined && !existsSync(named)) throw new Error(`${option}: there is no ${named}`);
  const data = process.env.LOCI_DATA_DIR || fileURLToPath(new URL('../../../shared/data', import.meta.url));
  const file = named ?? join(data, usual);
  return existsSync(file) ? file : undefined;
}

/**
 * `npm run torture -- [--seed 1] [--runs 10000] [--json] [--browser]`: random histories of calls on a
 * storage that fails, compared with a model; what it does and counts is in docs/torture.md.
 */

import { parseArgs } from 'node:util';
import type { Profile } from './torture/history.ts';
import { type TortureResult, torture } from './torture/run.ts';

const USAGE = `npm run torture -- [options]
  --seed N        of the run (default 1); that of a failing history repeats it with --runs 1
  --runs N        histories (default 10000)
  --profile P     only histories of one profile: fixed, harsh, damaged or calm
  --without A,B   leave out kinds of faults
  --lie KIND      the storage lies: lie (commits not written) or droppedPut; it must be found out
  --lie-one-in N  one commit in so many (default 1000)
  --keep-going N  end after so many failing histories (default 1)
  --json          one JSON object as the last line`;

const PROFILES: readonly string[] = ['fixed', 'harsh', 'damaged', 'calm'];

function readOptions() {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      runs: { type: 'string', default: '10000' },
      profile: { type: 'string' },
      without: { type: 'string', default: '' },
      lie: { type: 'string' },
      'lie-one-in': { type: 'string', default: '1000' },
      'keep-going': { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
    },
  });
  const { lie, profile } = values;
  if (lie !== undefined && !isLie(lie)) throw new Error(`--lie ${lie}?\n${USAGE}`);
  if (profile !== undefined && !PROFILES.includes(profile))
    throw new Error(`--profile ${profile}?\n${USAGE}`);
  return {
    seed: wholeNumber('seed', values.seed),
    runs: wholeNumber('runs', values.runs),
    profile: profile as Profile | undefined,
    without: new Set(values.without.split(',').filter((kind) => kind !== '')),
    lie:
      lie === undefined ? undefined : { kind: lie, oneIn: wholeNumber('lie-one-in', values['lie-one-in']) },
    failuresWanted: wholeNumber('keep-going', values['keep-going']),
    isJson: values.json,
  } as const;
}

function isLie(kind: string): kind is 'lie' | 'droppedPut' {
  return kind === 'lie' || kind === 'droppedPut';
}

function wholeNumber(name: string, text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 0 && number < 2 ** 31) return number;
  throw new Error(`--${name} must be a whole number from 0\n${USAGE}`);
}

function print({ report, failures }: TortureResult): void {
  for (const { seed, violation, steps } of failures) {
    console.log(`\nThe history of seed ${seed} fails:\n`);
    for (const step of steps) console.log(`  ${step}`);
    console.log(`\n  ${violation}\n`);
  }
  const { faults, refusals, ...figures } = report;
  for (const [name, value] of Object.entries(figures))
    console.log(`${name.padEnd(20)} ${JSON.stringify(value)}`);
  console.log(`faults               ${JSON.stringify(faults)}`);
  console.log(`refusals             ${JSON.stringify(refusals)}`);
}

async function main(): Promise<void> {
  const { isJson, ...options } = readOptions();
  const result = await torture({ ...options, say: (line) => console.error(line) });
  print(result);
  const { failing, reportedDamaged, silentlyLost } = result.report;
  const isLying = options.lie !== undefined;
  const lyingFound = failing > 0 || silentlyLost > 0 || reportedDamaged > 0;
  if (isJson) console.log(JSON.stringify({ ...result.report, ...(isLying ? { lyingFound } : {}) }));
  if (isLying ? !lyingFound : failing > 0) process.exitCode = 1;
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

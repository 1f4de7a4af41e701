/**
 * `npm run torture -- [--seed 1] [--runs 10000] [--json] [--browser]`: random histories of calls on a
 * storage that fails, compared with a model; what it does and counts is in docs/torture.md.
 */

import { parseArgs } from 'node:util';
import { serveDemo } from './serve-demo.ts';
import { tortureBrowser } from './torture/browser/run.ts';
import type { Profile } from './torture/history.ts';
import { torture } from './torture/run.ts';
import type { Report } from './torture/tally.ts';

const USAGE = `npm run torture -- [options]
  --seed N        of the run (default 1); that of a failing history repeats it with --runs 1
  --runs N        histories (default 10000)
  --profile P     only histories of one profile: fixed, harsh, damaged or calm
  --without A,B   leave out kinds of faults
  --lie KIND      the storage lies: lie (commits not written) or droppedPut; it must be found out
  --lie-one-in N  one commit in so many (default 1000)
  --keep-going N  end after so many failing histories (default 1)
  --browser       kill tabs, workers and the browser in a real Chromium instead
  --kills N       of --browser, at least (default 200)
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
      browser: { type: 'boolean', default: false },
      kills: { type: 'string', default: '200' },
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
    isBrowser: values.browser,
    kills: wholeNumber('kills', values.kills),
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

/** What did not hold, in words; nothing where all did. */
interface Result {
  readonly report: Report;
  readonly problems: readonly string[];
}

async function inNode(options: ReturnType<typeof readOptions>): Promise<Result> {
  const { report, failures } = await torture({ ...options, say: (line) => console.error(line) });
  const problems = failures.map(({ seed, command, violation, steps }) =>
    [
      `The history of seed ${seed} fails:`,
      ...steps.map((step) => `  ${step}`),
      `  ${violation}`,
      command,
    ].join('\n'),
  );
  return { report, problems };
}

async function inBrowser({ seed, kills, lie }: ReturnType<typeof readOptions>): Promise<Result> {
  console.error('Building the page …');
  const server = await serveDemo({ port: 0 });
  try {
    return await tortureBrowser({ url: server.url, seed, kills, lie, say: (line) => console.error(line) });
  } finally {
    await server.close();
  }
}

function print({ report, problems }: Result): void {
  for (const problem of problems) console.log(`\n${problem}\n`);
  for (const [name, value] of Object.entries(report))
    console.log(`${name.padEnd(20)} ${JSON.stringify(value)}`);
}

async function main(): Promise<void> {
  const options = readOptions();
  const result = await (options.isBrowser ? inBrowser(options) : inNode(options));
  print(result);
  const isLying = options.lie !== undefined;
  const lyingFound = result.problems.length > 0;
  if (options.isJson) console.log(JSON.stringify({ ...result.report, ...(isLying ? { lyingFound } : {}) }));
  if (lyingFound !== isLying) process.exitCode = 1;
}

// Without this, what is done at the exit is not done when someone stops it.
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));
try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

/** `npm run bench:storage`: how fast memories are kept and a full store is opened, ours and rivals in one run. */

import { cpus } from 'node:os';
import { ensureRivals } from '../vector/rivals.ts';
import { openBrowser } from './browser.ts';
import { DIMENSIONS } from './dataset.ts';
import { type Options, readOptions } from './options.ts';
import { type Report, reportOf, tablesOf } from './report.ts';
import { run } from './run.ts';

const say = (line: string) => console.error(line);

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  ensureRivals(say, ['dexie']);
  const report = await runOnce(options);
  console.log(`\n${titleOf(report)}\n\n${tablesOf(report)}\n`);
  for (const { name, reason } of report.skipped) console.log(`Skipped ${name}: ${reason}.`);
  if (options.isJson) console.log(JSON.stringify(report));
}

async function runOnce(options: Options): Promise<Report> {
  const browser = await openBrowser(say);
  try {
    const { contestants, ...rest } = await run(browser, options, say);
    return reportOf(contestants, {
      ...rest,
      rounds: options.rounds,
      seed: options.seed,
      dimensions: DIMENSIONS,
      date: new Date().toISOString().slice(0, 10),
      machine: `${cpus()[0]?.model.trim() ?? 'unknown'}, ${cpus().length} cores, ${process.platform} ${process.arch}, Node ${process.version}`,
      browser: browser.version,
    });
  } finally {
    await browser.close();
  }
}

function titleOf({ machine, browser, rounds, seed, dimensions, date }: Report): string {
  return `${dimensions} dimensions, ${rounds} rounds, seed ${seed}, ${date}, ${machine}, ${browser}`;
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

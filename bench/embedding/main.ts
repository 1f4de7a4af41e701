/** `npm run bench:embedding`: a bag of words, the built-in model and MiniLM beside one another, and across. */

import { cpus } from 'node:os';
import { openTimingBrowser } from './browser.ts';
import { type Options, readOptions } from './options.ts';
import { type Report, tablesOf } from './report.ts';
import { calibrate, run } from './run.ts';

const say = (line: string) => console.error(line);

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options.calibrateBy !== undefined) {
    const pairs = await calibrate(options.calibrateBy, say);
    for (const { space, query, document, mean, deviation } of pairs)
      console.log(
        `${space}: ${query} asks ${document}: mean ${mean.toFixed(4)}, deviation ${deviation.toFixed(4)}`,
      );
    if (options.isJson) console.log(JSON.stringify(pairs));
    return;
  }
  const report = await runOnce(options);
  console.log(
    `\n${report.date}, ${report.machine}, ${report.browser ?? 'no browser'}\n\n${tablesOf(report)}\n`,
  );
  for (const { name, reason } of report.skipped) console.log(`Skipped ${name}: ${reason}.`);
  if (options.isJson) console.log(JSON.stringify(report));
}

async function runOnce(options: Options): Promise<Report> {
  const browser = options.isBrowserWanted ? await openTimingBrowser(say) : undefined;
  try {
    return {
      ...(await run(options, browser, say)),
      machine: `${cpus()[0]?.model.trim() ?? 'unknown'}, ${cpus().length} cores, ${process.platform} ${process.arch}, Node ${process.version}`,
      browser: browser?.version ?? null,
      date: new Date().toISOString().slice(0, 10),
    };
  } finally {
    await browser?.close();
  }
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

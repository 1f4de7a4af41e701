/** `npm run bench:vector`: ours and the rivals in the same run on the same data, in Node or a Chromium worker. */

import { cpus } from 'node:os';
import { createBench } from './bench.ts';
import { openBrowserBench } from './browser.ts';
import { createDataset, type Dataset } from './dataset.ts';
import type { EngineSpec } from './engine.ts';
import { engines as specs } from './engines/index.ts';
import { createNodePlatform } from './node-platform.ts';
import { type Options, readOptions } from './options.ts';
import { curveOf, type Report, ratiosOf, tableOf } from './report.ts';
import { ensureRivals } from './rivals.ts';
import { type Entrant, run } from './run.ts';
import { chooseVectors } from './vectors.ts';

const say = (line: string) => console.error(line);

async function main(): Promise<void> {
  const options = readOptions(
    process.argv.slice(2),
    specs.map(({ name }) => name),
  );
  ensureRivals(say);
  const reports: Report[] = [];
  for (const n of options.sizes) {
    const report = await runOnce(n, options);
    reports.push(report);
    console.log(`\n${titleOf(report)}\n\n${tableOf(report)}\n`);
    for (const { engine, reason } of report.skipped) console.log(`Skipped ${engine}: ${reason}.`);
    console.log(`Ratios: ${JSON.stringify(report.ratios)}\n`);
  }
  if (options.isCurve) console.log(`${curveOf(reports)}\n`);
  if (options.isJson) console.log(JSON.stringify(options.isCurve ? reports : reports[0]));
}

async function runOnce(n: number, options: Options): Promise<Report> {
  const vectors = chooseVectors(n, options, say);
  say(`${n} ${vectors.kind}: exact neighbours …`);
  const dataset = createDataset(vectors, options.seed);
  const platform = createNodePlatform();
  const browser = options.isBrowser ? await openBrowserBench(dataset, say) : undefined;
  try {
    const node = createBench(dataset, specs, platform, say);
    const { entrants, skipped } = choose(n, options, ({ name, runtimes }) => {
      if (browser !== undefined && runtimes.includes('chromium'))
        return { name, runtime: 'chromium', bench: browser.bench };
      // Beside a browser only what cannot run in one: the native rivals, as the measure of what is possible.
      return runtimes.includes('node') ? { name, runtime: 'node', bench: node } : undefined;
    });
    const outcome = await run(entrants, options.rounds, say);
    return reportOf(dataset, options, browser?.browser, outcome.engines, [...skipped, ...outcome.skipped]);
  } finally {
    await browser?.close();
    platform.close();
  }
}

/** The engines asked for that can take part; the others with their reason. */
function choose(n: number, { engines }: Options, place: (spec: EngineSpec) => Entrant | undefined) {
  const entrants: Entrant[] = [];
  const skipped: { engine: string; reason: string }[] = [];
  for (const spec of specs.filter(({ name }) => engines?.includes(name) ?? true)) {
    const entrant = place(spec);
    const reason =
      entrant === undefined
        ? 'it runs in browsers only (--browser)'
        : n > spec.maxRows
          ? `it is measured up to ${spec.maxRows} rows only`
          : undefined;
    if (reason === undefined && entrant !== undefined) entrants.push(entrant);
    else {
      say(`skipped ${spec.name}: ${reason}`);
      skipped.push({ engine: spec.name, reason: reason ?? '' });
    }
  }
  return { entrants, skipped };
}

function reportOf(
  { rows, queries, kind, seed }: Dataset,
  { isBrowser, rounds }: Options,
  browser: string | undefined,
  engines: Report['engines'],
  skipped: Report['skipped'],
): Report {
  return {
    n: rows.count,
    dim: rows.dimensions,
    data: kind,
    runtime: isBrowser ? 'chromium' : 'node',
    seed,
    queries: queries.count,
    rounds,
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus()[0]?.model.trim() ?? 'unknown'}, ${cpus().length} cores, ${process.platform} ${process.arch}, Node ${process.version}${browser === undefined ? '' : `, ${browser}`}`,
    engines,
    skipped,
    ratios: ratiosOf(engines),
  };
}

function titleOf({ n, dim, data, runtime, seed, queries, rounds, date, machine }: Report): string {
  return `${n} × ${dim} ${data}, ${runtime}, ${queries} queries, ${rounds} rounds, seed ${seed}, ${date}, ${machine}`;
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

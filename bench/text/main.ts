/** `npm run bench:text`: the word index beside MiniSearch in speed, memory and quality, each size in processes of its own. */

import { spawn } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { ensureRivals } from '../vector/rivals.ts';
import { locomoFile, makeCorpus, whyNoData } from './corpus.ts';
import { QUALITY_ENGINES, TEXT_ENGINES } from './engines.ts';
import { type EngineFigures, measure } from './measure.ts';
import { type Options, readOptions } from './options.ts';
import { measureQuality } from './quality.ts';
import { type Report, ratiosOf, tablesOf } from './report.ts';

/** Before the engine, the size, the rounds and the seed: this process measures only these. */
const ONE = '--one';
const say = (line: string) => console.error(line);

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  if (args[0] === ONE) return measureOne(args.slice(1));
  const options = readOptions(args);
  ensureRivals(say, ['minisearch']);
  const report = await run(options);
  if (report.sizes.length > 0) console.log(`\n${report.date}, ${report.machine}\n\n${tablesOf(report)}\n`);
  for (const { name, reason } of report.skipped) console.log(`Skipped ${name}: ${reason}.`);
  // The rankings are compared already.
  if (options.isJson)
    console.log(JSON.stringify(report, (key, value) => (key === 'rankings' ? undefined : value)));
}

async function run({ sizes: wanted, rounds, seed }: Options): Promise<Report> {
  const reason = whyNoData();
  const skipped = reason === undefined ? [] : [{ name: 'everything', reason }];
  const specs = reason === undefined ? QUALITY_ENGINES : [];
  for (const { name, whyNot } of specs) {
    const why = whyNot();
    if (why !== undefined) skipped.push({ name, reason: why });
  }
  const isHere = ({ name }: { readonly name: string }) => !skipped.some((each) => each.name === name);
  const sizes: EngineFigures[] = [];
  for (const size of reason === undefined ? wanted : [])
    for (const { name } of TEXT_ENGINES.filter(isHere)) {
      say(`${name}, ${size} memories …`);
      sizes.push(await measureApart(name, size, rounds, seed));
    }
  const quality = [];
  for (const spec of specs.filter(isHere)) quality.push(await measureQuality(spec, locomoFile()));
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus()[0]?.model.trim() ?? 'unknown'}, ${cpus().length} cores, ${process.platform} ${process.arch}, Node ${process.version}`,
    ...{ seed, rounds, sizes, quality, skipped, ratios: ratiosOf(sizes) },
  };
}

/** In a process of its own, whose memory holds nothing else. */
function measureApart(engine: string, size: number, rounds: number, seed: number): Promise<EngineFigures> {
  const child = spawn(
    process.execPath,
    [
      '--expose-gc',
      '--import',
      'tsx',
      fileURLToPath(import.meta.url),
      ONE,
      engine,
      `${size}`,
      `${rounds}`,
      `${seed}`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  return new Promise((resolve, reject) => {
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      printed += chunk;
    });
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(JSON.parse(printed) as EngineFigures);
      else reject(new Error(`measuring ${engine} with ${size} memories ended with ${code}`));
    });
  });
}

async function measureOne([name, size, rounds, seed]: readonly string[]): Promise<void> {
  const spec = TEXT_ENGINES.find((each) => each.name === name);
  const { gc } = globalThis as { gc?: () => void };
  if (spec === undefined || gc === undefined)
    throw new Error(`there is no engine "${name}", or no --expose-gc`);
  const corpus = makeCorpus(Number(size), Number(seed));
  const collect = () => {
    gc();
    gc();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  console.log(JSON.stringify(await measure(spec, corpus, Number(rounds), collect)));
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

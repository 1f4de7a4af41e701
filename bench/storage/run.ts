/** One run: adds and openings of every contestant, in turns, a new page each time. */

import { median, percentile } from '../vector/stats.ts';
import type { BenchBrowser } from './browser.ts';
import { measureWorker, type WorkerBytes } from './memory.ts';
import type { Options } from './options.ts';
import { type ColdReads, type ContestantFigures, type OpenFigures, type Rates, round } from './report.ts';
import { CONTESTANTS, type ContestantName, LEVELS, type Level } from './store.ts';

/** Memories added one by one in a round: each waits for a transaction, flushed ones for the disk. */
const SINGLE_ADDS = { journaled: 500, flushed: 200 } as const;
const IN_FLIGHT = 64;
/** Memories left in the journal before a kill, at most, and as a share of those that are there. */
const LEFT_IN_JOURNAL = { most: 1_000, share: 0.1 };
/** Cold reads: each of ten records and of one search. */
const COLD_SAMPLES = 200;
/** Size at which they are measured, where it is opened; else the largest. */
const COLD_READS_AT = 100_000;
/** Sizes above which a rival that keeps all vectors as floats in memory is not opened. */
const RIVAL_ROWS = 200_000;

type Say = (line: string) => void;

export interface Outcome {
  readonly contestants: readonly ContestantFigures[];
  readonly tenRecordsMs: ColdReads | null;
  readonly coldSearchMs: ColdReads | null;
  readonly bytesByKind: Readonly<Record<string, number>> | null;
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
}

/** A contestant that fails takes no further part, with its reason; what it did is kept, and the others go on. */
export async function run(browser: BenchBrowser, options: Options, say: Say): Promise<Outcome> {
  const bench = new Run(browser, options, say);
  await bench.measureAdds();
  for (const n of options.sizes) await bench.measureOpening(n);
  return bench.outcome();
}

/** What is measured of adds: a call's memories, and how many calls are under way. */
const ADD_KINDS = [
  { key: '1', batch: 1, inFlight: 1 },
  { key: 'inFlight64', batch: 1, inFlight: IN_FLIGHT },
  { key: '100', batch: 100, inFlight: 1 },
  { key: '1000', batch: 1_000, inFlight: 1 },
] as const;
type AddKey = (typeof ADD_KINDS)[number]['key'];

interface Opening {
  readonly ms: number[];
  readonly openedMs: number[];
  readonly killedMs: number[];
  fillPerSecond: number;
  storedBytes: number | null;
  bytes: WorkerBytes | undefined;
}

class Run {
  readonly #browser: BenchBrowser;
  readonly #options: Options;
  readonly #say: Say;
  /** Those that have not failed. */
  readonly #active: Set<ContestantName>;
  readonly #rates = new Map<string, number[]>();
  readonly #open = new Map<ContestantName, OpenFigures[]>();
  readonly #skipped: { name: string; reason: string }[] = [];
  #tenRecordsMs: ColdReads | null = null;
  #coldSearchMs: ColdReads | null = null;
  #bytesByKind: Readonly<Record<string, number>> | null = null;

  constructor(browser: BenchBrowser, options: Options, say: Say) {
    this.#browser = browser;
    this.#options = options;
    this.#say = say;
    this.#active = new Set(options.contestants);
  }

  async measureAdds(): Promise<void> {
    for (let i = 1; i <= this.#options.rounds; i++)
      for (const level of LEVELS)
        for (const kind of ADD_KINDS)
          await this.#each(`adds, ${level}, ${kind.key}, round ${i}`, async (contestant) => {
            const { adds, seed } = this.#options;
            const { batch, inFlight } = kind;
            const count = batch > 1 ? adds : SINGLE_ADDS[level];
            const database = `adds-${contestant}-${level}-${kind.key}-${i}`;
            const task = { contestant, database, level, batch, inFlight, count, seed };
            const rate = await this.#browser.onPage(contestant, (page) =>
              page.evaluate((each) => window.storageBench.adds(each), task),
            );
            this.#say(`${contestant}: ${Math.round(rate)}/s`);
            const key = rateKey(contestant, level, kind.key);
            this.#rates.set(key, [...(this.#rates.get(key) ?? []), rate]);
          });
  }

  /** Fills a database of each contestant, opens them in turns, then kills them in turns. */
  async measureOpening(n: number): Promise<void> {
    const openings = new Map<ContestantName, Opening>();
    await this.#each(`filling with ${n}`, async (name) => {
      if (name !== 'loci' && n > RIVAL_ROWS) {
        this.#skipped.push({ name, reason: `it is opened up to ${RIVAL_ROWS} rows only, not at ${n}` });
        return;
      }
      openings.set(name, await this.#fill(name, n));
    });
    const opened = (name: ContestantName) => openings.get(name);
    for (let i = 0; i < this.#options.rounds; i++)
      await this.#each(`opening ${n}, round ${i + 1}`, async (name) => {
        const opening = opened(name);
        if (opening !== undefined) await this.#openOnce(name, n, i, opening);
      });
    const left = Math.min(LEFT_IN_JOURNAL.most, Math.ceil(n * LEFT_IN_JOURNAL.share));
    for (let i = 0; i < this.#options.rounds; i++)
      await this.#each(`opening ${n} after a kill, round ${i + 1}`, async (name) => {
        const opening = opened(name);
        if (opening !== undefined) await this.#openKilled(name, n, i, left, opening);
      });
    await this.#each(`removing ${n}`, async (name) => {
      await this.#remove(name, n);
      const opening = opened(name);
      if (opening === undefined) return;
      this.#open.set(name, [...(this.#open.get(name) ?? []), figuresOf(n, left, opening)]);
    });
  }

  outcome(): Outcome {
    const finished = this.#options.contestants.filter((name) => this.#hasAdded(name));
    const contestants = finished.map((name) => ({
      name,
      about: CONTESTANTS[name].about,
      addsPerSecond: this.#ratesOf(name),
      addsInFlight64: eachLevel((level) => this.#rateOf(name, level, 'inFlight64')),
      open: this.#open.get(name) ?? [],
    }));
    return {
      contestants,
      tenRecordsMs: this.#tenRecordsMs,
      coldSearchMs: this.#coldSearchMs,
      bytesByKind: this.#bytesByKind,
      skipped: this.#skipped,
    };
  }

  async #fill(name: ContestantName, n: number): Promise<Opening> {
    const task = { ...this.#task(name, n), from: 0, count: n };
    return this.#browser.onPage(name, async (page) => {
      const fillPerSecond = await page.evaluate((each) => window.storageBench.fill(each), task);
      return { ms: [], openedMs: [], killedMs: [], fillPerSecond, storedBytes: null, bytes: undefined };
    });
  }

  /** A new page, a new worker; what is measured once is measured in the last round. */
  async #openOnce(name: ContestantName, n: number, i: number, opening: Opening): Promise<void> {
    await this.#browser.onPage(name, async (page) => {
      const task = { ...this.#task(name, n), place: placeOf(n, i) };
      const { ms, openMs } = await page.evaluate((each) => window.storageBench.firstSearch(each), task);
      this.#say(`${name}: ${Math.round(ms)} ms`);
      opening.ms.push(ms);
      opening.openedMs.push(openMs);
      if (i < this.#options.rounds - 1) {
        await page.evaluate(() => window.storageBench.close());
        return;
      }
      await page.evaluate(() => window.storageBench.settle());
      opening.bytes = await measureWorker(page, CONTESTANTS[name].worker);
      opening.storedBytes = await page.evaluate(() => window.storageBench.usageBytes());
      await page.evaluate(() => window.storageBench.close());
    });
    const isForCold = n === Math.min(COLD_READS_AT, this.#options.sizes.at(-1) ?? n);
    if (name === 'loci' && isForCold && i === this.#options.rounds - 1) await this.#readCold(n);
  }

  async #readCold(n: number): Promise<void> {
    const samples = Math.min(COLD_SAMPLES, Math.floor(n / 20));
    await this.#browser.onPage('loci', async (page) => {
      const task = { ...this.#task('loci', n), place: placeOf(n, 0) };
      await page.evaluate((each) => window.storageBench.firstSearch(each), task);
      const read = await page.evaluate(([each, count]) => window.storageBench.coldReads(each, count), [
        task,
        samples,
      ] as const);
      this.#tenRecordsMs = coldReadsOf(n, read.records);
      this.#coldSearchMs = coldReadsOf(n, read.searches);
      this.#bytesByKind = await page.evaluate(() => window.storageBench.bytesByKind());
      await page.evaluate(() => window.storageBench.close());
    });
  }

  /** The page is killed while the store is open, right after the last write was acknowledged. */
  async #openKilled(
    name: ContestantName,
    n: number,
    i: number,
    left: number,
    opening: Opening,
  ): Promise<void> {
    const task = this.#task(name, n);
    await this.#browser.onDoomedPage(name, (page) =>
      page.evaluate((each) => window.storageBench.addAndLeave(each), {
        ...task,
        from: n + i * left,
        count: left,
      }),
    );
    await this.#browser.onPage(name, async (page) => {
      // What was written last is asked for: it must be there.
      const { ms } = await page.evaluate((each) => window.storageBench.firstSearch(each), {
        ...task,
        place: n + i * left + left - 1,
      });
      this.#say(`${name}: ${Math.round(ms)} ms`);
      opening.killedMs.push(ms);
      await page.evaluate(() => window.storageBench.settle());
      await page.evaluate(() => window.storageBench.close());
    });
  }

  async #remove(name: ContestantName, n: number): Promise<void> {
    const { database } = this.#task(name, n);
    await this.#browser.onPage(name, (page) =>
      page.evaluate((each) => window.storageBench.remove(each), database),
    );
  }

  #task(contestant: ContestantName, n: number) {
    return { contestant, database: `open-${contestant}-${n}`, total: n, seed: this.#options.seed };
  }

  async #each(doing: string, work: (name: ContestantName) => Promise<void>): Promise<void> {
    this.#say(`${doing} …`);
    for (const name of this.#active)
      try {
        await work(name);
      } catch (error) {
        const reason = `${doing}: ${error instanceof Error ? error.message.split('\n')[0] : error}`;
        this.#say(`skipped ${name}: ${reason}`);
        this.#skipped.push({ name, reason });
        this.#active.delete(name);
      }
  }

  #ratesOf(name: ContestantName): Readonly<Record<Level, Rates>> {
    return eachLevel((level) => ({
      '1': this.#rateOf(name, level, '1'),
      '100': this.#rateOf(name, level, '100'),
      '1000': this.#rateOf(name, level, '1000'),
    }));
  }

  #hasAdded(name: ContestantName): boolean {
    const keys = LEVELS.flatMap((level) => ADD_KINDS.map(({ key }) => rateKey(name, level, key)));
    return keys.every((key) => this.#rates.get(key)?.length === this.#options.rounds);
  }

  #rateOf(name: ContestantName, level: Level, key: AddKey): number {
    return round(median(this.#rates.get(rateKey(name, level, key)) ?? []));
  }
}

const rateKey = (name: ContestantName, level: Level, key: AddKey) => `${name} ${level} ${key}`;

function eachLevel<T>(work: (level: Level) => T): Readonly<Record<Level, T>> {
  return { journaled: work('journaled'), flushed: work('flushed') };
}

/** Which memory a round asks for: another one each time. */
function placeOf(n: number, i: number): number {
  return Math.floor(n * (0.1 + 0.27 * i)) % n;
}

function coldReadsOf(n: number, times: readonly number[]): ColdReads {
  const [p50, p99] = [0.5, 0.99].map((share) => round(percentile(times, share)));
  return { n, samples: times.length, p50: p50 ?? Number.NaN, p99: p99 ?? Number.NaN };
}

function figuresOf(n: number, journaled: number, opening: Opening): OpenFigures {
  if (opening.bytes === undefined) throw new Error('its memory was not measured');
  return {
    n,
    firstSearchMs: round(median(opening.ms)),
    rounds: opening.ms.map(round),
    openedMs: round(median(opening.openedMs)),
    engineBytes: opening.bytes.total,
    engineBytesBy: opening.bytes,
    afterKill: { journaled, firstSearchMs: round(median(opening.killedMs)) },
    fillPerSecond: round(opening.fillPerSecond),
    storedBytes: opening.storedBytes,
  };
}

/**
 * Kills tabs, workers and the whole browser in the middle of writing, and counts what was acknowledged
 * and is missing. What is killed and when comes from the seed; what is on its way then, from the machine.
 */

import type { BrowserContext, CDPSession, Page } from 'playwright';
import { createRandom } from '../../../src/testing/environment.ts';
import { type Report, Tally } from '../tally.ts';
import { KillableChromium } from './chromium.ts';
import { Ledger, type Listed, type TabEvent } from './ledger.ts';
import { type BrowserLie, lieInWorkers } from './lie.ts';
import { INIT_SCRIPT, listAll, startWriter, type WriterConfig } from './writer.ts';

const TENANT = 'torture';
/** Kills of one namespace: it stays small enough to be listed each time. */
const KILLS_A_NAMESPACE = 8;
const MOST_TABS = 3;
/** Shortest and longest time of writing before a kill, and of the survivors after it, ms. */
const WRITING_MS = { least: 20, most: 400 };
const SURVIVING_MS = { least: 0, most: 150 };
/** Longest wait for anything of a page, ms: longer than the engine's own wait for a database. */
const PAGE_DEADLINE_MS = 60_000;

/** What is killed, with its share. */
const KILLS = [
  ['workerKilled', 0.45],
  ['tabClosed', 0.35],
  ['tabCrashed', 0.12],
  ['browserKilled', 0.08],
] as const;
type Kill = (typeof KILLS)[number][0];

export interface BrowserOptions {
  /** Where the built demo is served, with a slash at its end. */
  readonly url: string;
  readonly seed: number;
  /** At least so many kills. */
  readonly kills: number;
  readonly lie?: BrowserLie | undefined;
  /** Whether it ends with the first thing that does not hold. Default false. */
  readonly endsAtFirst?: boolean | undefined;
  readonly say?: ((line: string) => void) | undefined;
}

export interface BrowserResult {
  readonly report: Report;
  /** What did not hold, in words. */
  readonly problems: readonly string[];
}

export async function tortureBrowser(options: BrowserOptions): Promise<BrowserResult> {
  return new BrowserTorture(options).run();
}

interface Tab {
  readonly name: string;
  readonly page: Page;
}

class BrowserTorture {
  readonly #options: BrowserOptions;
  readonly #random: () => number;
  readonly #tally = new Tally();
  readonly #browser = new KillableChromium();
  readonly #problems: string[] = [];
  readonly #lost = new Set<string>();
  readonly #run = crypto.randomUUID().slice(0, 8);
  #ledger = new Ledger();
  #context: BrowserContext | undefined;
  #tabs: Tab[] = [];
  #opened = 0;
  #kills = 0;

  constructor(options: BrowserOptions) {
    this.#options = options;
    this.#random = createRandom(options.seed);
  }

  async run(): Promise<BrowserResult> {
    const { seed, kills, say, endsAtFirst } = this.#options;
    const startMs = performance.now();
    try {
      await this.#launch();
      while (this.#kills < kills && !(endsAtFirst && this.#problems.length > 0)) {
        await this.#namespace();
        say?.(`${this.#kills} kills, ${this.#tally.acknowledged} changes acknowledged`);
      }
    } finally {
      await this.#browser.remove();
    }
    const report = this.#tally.report(seed, (performance.now() - startMs) / 1_000);
    return { report, problems: this.#problems };
  }

  async #launch(): Promise<void> {
    const context = await this.#browser.launch();
    context.setDefaultTimeout(PAGE_DEADLINE_MS);
    await context.addInitScript(INIT_SCRIPT);
    await context.exposeBinding('torture', (_source, event: TabEvent) => this.#hear(event));
    const { lie, seed } = this.#options;
    if (lie !== undefined)
      await lieInWorkers(context, lie, seed + 1_000 * this.#kills, () => this.#tally.count(lie.kind));
    this.#context = context;
  }

  /** One namespace, from the first tab to the last comparison in a tab that has seen nothing. */
  async #namespace(): Promise<void> {
    this.#ledger = new Ledger();
    const namespace = `${this.#run}-${++this.#tally.histories}`;
    for (let kill = 0; kill < KILLS_A_NAMESPACE && this.#kills < this.#options.kills; kill++) {
      if (this.#options.endsAtFirst && this.#problems.length > 0) break;
      await this.#cycle(namespace);
    }
    for (const tab of this.#tabs.splice(0)) await tab.page.close();
    await this.#compare(namespace, await this.#openPage());
  }

  async #cycle(namespace: string): Promise<void> {
    const wanted = 1 + Math.floor(this.#random() * MOST_TABS);
    while (this.#tabs.length > wanted) await this.#tabs.pop()?.page.close();
    while (this.#tabs.length < wanted) this.#tabs.push(await this.#openTab());
    await Promise.all(this.#tabs.map((tab) => this.#write(tab, namespace)));
    await this.#wait(WRITING_MS);
    await this.#kill(this.#chooseKill());
    await this.#wait(SURVIVING_MS);
    await Promise.all(this.#tabs.map(({ page }) => page.evaluate(() => window.stopTorture())));
    // Half the time in a tab that was there, else in one that finds only what is stored or owned by others.
    const survivor = this.#random() < 0.5 ? this.#tabs[0] : undefined;
    await this.#compare(namespace, survivor?.page ?? (await this.#openPage()), survivor !== undefined);
  }

  async #openTab(): Promise<Tab> {
    return { name: `t${++this.#opened}`, page: await this.#openPage() };
  }

  async #openPage(): Promise<Page> {
    if (this.#context === undefined) throw new Error('the browser is not there');
    const page = await this.#context.newPage();
    await page.goto(`${this.#options.url}console.html`);
    await page.waitForFunction(() => 'loci' in window);
    return page;
  }

  /** A loop of its own each time: a name is never used twice. */
  async #write({ page }: Tab, namespace: string): Promise<void> {
    const seed = Math.floor(this.#random() * 2 ** 31);
    const config: WriterConfig = { tenant: TENANT, namespace, tab: `w${++this.#opened}`, seed };
    await page.evaluate(startWriter, config);
  }

  #chooseKill(): Kill {
    let left = this.#random();
    for (const [kill, share] of KILLS) {
      left -= share;
      if (left < 0) return kill;
    }
    return 'workerKilled';
  }

  async #kill(kill: Kill): Promise<void> {
    this.#kills += 1;
    this.#tally.count(kill);
    const at = Math.floor(this.#random() * this.#tabs.length);
    const tab = this.#tabs[at];
    if (tab === undefined) return;
    if (kill === 'workerKilled') {
      await tab.page.evaluate(() => {
        for (const worker of window.tortureWorkers.splice(0)) worker.terminate();
      });
      return;
    }
    if (kill === 'browserKilled') {
      this.#tabs = [];
      await this.#browser.kill();
      await this.#launch();
      return;
    }
    this.#tabs.splice(at, 1);
    if (kill === 'tabCrashed') await this.#crash(tab.page);
    await tab.page.close();
  }

  /** Ends the process that draws the page, and its workers with it. */
  async #crash(page: Page): Promise<void> {
    const crashed = new Promise((resolve) => page.once('crash', resolve));
    const session: CDPSession | undefined = await this.#context?.newCDPSession(page);
    // It never answers: whoever could is gone.
    session?.send('Page.crash').catch(() => undefined);
    await crashed;
  }

  #hear(event: TabEvent): void {
    switch (event.type) {
      case 'begin':
        this.#tally.operations += 1;
        this.#ledger.begin(event.opId, event.changes);
        return;
      case 'acknowledged':
        this.#tally.measure(this.#tally.calls, undefined);
        this.#tally.acknowledged += this.#ledger.acknowledge(event.opId);
        if (event.isRetried) this.#tally.refuse('repeated with the same id, then acknowledged');
        return;
      case 'refused':
        this.#tally.measure(this.#tally.calls, event.code);
        this.#tally.refuse(event.code);
        if (event.code !== 'OUTCOME_UNKNOWN') this.#ledger.refuse(event.opId);
        return;
      case 'read': {
        this.#tally.operations += 1;
        const refusal = event.problem ?? event.code;
        this.#tally.measure(this.#tally.calls, refusal);
        this.#tally.measure(this.#tally.reads, refusal);
        if (event.code !== undefined) this.#tally.refuse(`get ${event.code}`);
        if (event.problem !== undefined) this.#lose(event.key, `a read: ${event.problem}`, false);
        return;
      }
      case 'untyped':
        this.#tally.untypedErrors += 1;
        this.#fail(`untyped: ${event.text}`);
    }
  }

  async #compare(namespace: string, page: Page, isKept = false): Promise<void> {
    const { listed, damaged }: { listed: Listed[]; damaged: number } = await page.evaluate(listAll, {
      tenant: TENANT,
      namespace,
    });
    const { missing, unwanted } = this.#ledger.compare(listed);
    for (const [key, problem] of missing) this.#lose(key, problem, damaged > 0);
    for (const problem of unwanted) this.#fail(problem);
    if (damaged > 0) this.#fail(`status() counts ${damaged} damaged`);
    if (!isKept) await page.close();
  }

  /** Each memory is lost once, however often that is noticed. */
  #lose(key: string, problem: string, isReported: boolean): void {
    this.#fail(problem);
    if (this.#lost.has(key)) return;
    this.#lost.add(key);
    if (isReported) this.#tally.reportedDamaged += 1;
    else this.#tally.silentlyLost += 1;
  }

  #fail(problem: string): void {
    this.#problems.push(`after ${this.#kills} kills: ${problem}`);
    this.#tally.failing = 1;
  }

  #wait({ least, most }: { readonly least: number; readonly most: number }): Promise<void> {
    const ms = least + this.#random() * (most - least);
    return new Promise((resolve) => setTimeout(resolve, ms));
  }
}

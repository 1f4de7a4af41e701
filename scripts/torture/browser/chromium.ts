/** A Chromium of our own, with a profile that outlives it: it is ended by SIGKILL, as a system does that runs out of memory. */

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium } from 'playwright';
import { CHROMIUM_ARGS, ensureBrowser } from '../../browser.ts';

/** Longest wait for the browser to listen, ms. */
const START_DEADLINE_MS = 60_000;
/** How often it is looked for, ms. */
const POLL_MS = 20;

const ARGS = [
  ...CHROMIUM_ARGS,
  '--headless=new',
  '--remote-debugging-port=0',
  '--no-default-browser-check',
  '--disable-dev-shm-usage',
  '--hide-crash-restore-bubble',
  // A writer in a tab behind another must write on.
  '--disable-background-timer-throttling',
  '--disable-renderer-backgrounding',
  '--disable-backgrounding-occluded-windows',
];

export class KillableChromium {
  readonly #profile = mkdtempSync(join(tmpdir(), 'loci-torture-'));
  readonly #path = ensureBrowser(() => undefined).path;
  #process: ChildProcess | undefined;

  constructor() {
    // In a group of its own it would outlive us.
    process.once('exit', () => this.#end());
  }

  /** Starts it on the profile, and connects. */
  async launch(): Promise<BrowserContext> {
    const portFile = join(this.#profile, 'DevToolsActivePort');
    rmSync(portFile, { force: true });
    // A process group of its own, so that all of its processes can be ended at once.
    this.#process = spawn(this.#path, [...ARGS, `--user-data-dir=${this.#profile}`, 'about:blank'], {
      detached: true,
      stdio: 'ignore',
    });
    const port = await portOf(portFile);
    const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`);
    const [context] = browser.contexts();
    if (context === undefined) throw new Error('the browser has no context');
    return context;
  }

  /** Ends all of its processes at once. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (child === undefined || hasEnded(child)) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    this.#end();
    await gone;
  }

  #end(): void {
    const child = this.#process;
    this.#process = undefined;
    if (child?.pid !== undefined && !hasEnded(child)) process.kill(-child.pid, 'SIGKILL');
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

async function portOf(file: string): Promise<number> {
  for (let waitedMs = 0; waitedMs < START_DEADLINE_MS; waitedMs += POLL_MS) {
    const port = existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n')[0]) : 0;
    if (port > 0) return port;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`the browser did not start within ${START_DEADLINE_MS} ms`);
}

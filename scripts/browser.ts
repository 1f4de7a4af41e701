/** Finds a Chromium for the tests and the quickstart, or installs one, and says which. */

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright';

/** Flags for a Chromium that runs without a display, as root, and without calling home. */
export const CHROMIUM_ARGS: readonly string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const INSTALLED_NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome'];
const INSTALLED_PATHS = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** A browser that was found, and where. */
export interface FoundBrowser {
  readonly path: string;
  readonly how: string;
}

/** Looks, without installing anything: `$CHROMIUM_PATH`, an installed browser, Playwright's own. */
export function findBrowser(): FoundBrowser | undefined {
  const named = process.env.CHROMIUM_PATH;
  if (named !== undefined && named !== '') {
    if (!existsSync(named)) throw new Error(`CHROMIUM_PATH names ${named}, and there is no such file`);
    return { path: named, how: '$CHROMIUM_PATH' };
  }
  for (const name of INSTALLED_NAMES) {
    const path = which(name);
    if (path !== undefined) return { path, how: 'installed' };
  }
  const fixed = INSTALLED_PATHS.find((path) => existsSync(path));
  if (fixed !== undefined) return { path: fixed, how: 'installed' };
  const own = chromium.executablePath();
  return own !== '' && existsSync(own) ? { path: own, how: "Playwright's own" } : undefined;
}

/** Finds a browser, or installs one: `apt-get` when root on Debian, else `npx playwright install chromium`. */
export function ensureBrowser(say: (line: string) => void = console.error): FoundBrowser {
  const browser = findBrowser() ?? installBrowser(say);
  say(`Chromium: ${browser.path} (${browser.how})`);
  return browser;
}

function installBrowser(say: (line: string) => void): FoundBrowser {
  if (isDebian() && process.getuid?.() === 0) {
    say('No Chromium found; installing Debian’s with apt-get …');
    const done =
      run('apt-get', ['update']) && run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium']);
    const found = done ? findBrowser() : undefined;
    if (found !== undefined) return { ...found, how: 'just installed with apt-get' };
  }
  say('No Chromium found; trying `npx playwright install chromium` …');
  const found = run('npx', ['playwright', 'install', 'chromium']) ? findBrowser() : undefined;
  if (found !== undefined) return { ...found, how: 'just installed by Playwright' };
  throw new Error(
    'No Chromium could be found or installed. Run `sudo apt-get install chromium` or ' +
      '`npx playwright install --with-deps chromium`, or set CHROMIUM_PATH to a Chromium or Chrome.',
  );
}

function run(command: string, args: readonly string[]): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const result = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'], env });
  return result.status === 0;
}

function which(name: string): string | undefined {
  try {
    const finder = process.platform === 'win32' ? 'where' : 'which';
    const out = execFileSync(finder, [name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return out.split('\n')[0]?.trim() || undefined;
  } catch {
    return undefined; // `which` exits 1 where there is none
  }
}

function isDebian(): boolean {
  return (
    existsSync('/etc/os-release') && /^ID(_LIKE)?=.*debian/m.test(readFileSync('/etc/os-release', 'utf8'))
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    ensureBrowser();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

/** Installs the rivals, which are a package of their own, where that has not been done. */

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const bench = fileURLToPath(new URL('..', import.meta.url));

/**
 * A failure is told and no error: what is there is measured.
 *
 * @param needed packages that an installation of before may lack.
 */
export function ensureRivals(say: (line: string) => void, needed: readonly string[] = []): void {
  const installed = join(bench, 'node_modules');
  if (existsSync(installed) && needed.every((name) => existsSync(join(installed, name)))) return;
  say('Installing the rivals into bench/node_modules (once; native ones are compiled) …');
  const isWindows = process.platform === 'win32';
  const { status } = spawnSync(isWindows ? 'npm.cmd' : 'npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: bench,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: isWindows,
  });
  if (status !== 0) say('The rivals could not all be installed: `npm ci` in bench/ says why.');
}

/** A rival's package, from the benchmarks' own folder: it need not be installed. */

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Why a package cannot be measured, or undefined. */
export function whyNoRival(name: string): string | undefined {
  const folder = fileURLToPath(new URL(`../../node_modules/${name}`, import.meta.url));
  return existsSync(folder) ? undefined : `${name} is not installed; \`npm ci\` in bench/ installs it`;
}

/** Not known to the type checker, which must pass where a rival is not installed. */
export function importRival(name: string): Promise<unknown> {
  return import(/* @vite-ignore */ name);
}

/** `npm run build:package`: emits the package into `dist/`, module by module, and prints its size. */

import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');

rmSync(dist, { recursive: true, force: true });
execFileSync(
  process.execPath,
  [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'src/tsconfig.build.json'],
  {
    cwd: root,
    stdio: 'inherit',
  },
);

cpSync(join(root, 'src/kernel/build'), join(dist, 'kernel/build'), { recursive: true });
cpSync(join(root, 'src/embedding/builtin/table.bin'), join(dist, 'embedding/builtin/table.bin'));

const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js'));
for (const name of files) {
  const file = join(dist, name);
  const source = readFileSync(file, 'utf8');
  // The compiler rewrites imports, and not the URLs of workers.
  const rewritten = source.replace(
    /new URL\('(\.[^']+)\.ts', import\.meta\.url\)/g,
    "new URL('$1.js', import.meta.url)",
  );
  if (rewritten !== source) writeFileSync(file, rewritten);
}
const bytes = files.reduce((sum, name) => sum + statSync(join(dist, name)).size, 0);
const tableBytes = statSync(join(dist, 'embedding/builtin/table.bin')).size;
console.log(
  `dist/: ${files.length} modules, ${(bytes / 1024).toFixed(0)} KB of JavaScript, neither bundled nor minified; the built-in model's table is beside them, ${(tableBytes / 1e6).toFixed(1)} MB`,
);

/** What browsers of 2022 cannot parse keeps the whole worker from starting there. */

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

test('no source looks behind in a regular expression, which Safari before 16.4 refuses', () => {
  const folders = [new URL('./', import.meta.url), new URL('../demo/', import.meta.url)].map((url) =>
    fileURLToPath(url),
  );
  const looking = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name) && !name.endsWith('.test.ts'))
      .filter((name) => /\(\?<[=!]/.test(readFileSync(`${folder}${name}`, 'utf8'))),
  );
  expect(looking).toEqual([]);
});

/** The examples of docs/recall.md, run as they stand. */

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { SIGNALS } from '../retrieval/signals.ts';
import { createTestEnvironment } from '../testing/environment.ts';
import type { MemoryEngine } from '../types.ts';
import { openTestEngine } from './engine-test-util.ts';

const page = readFileSync(new URL('../../docs/recall.md', import.meta.url), 'utf8');
const blocks = [...page.matchAll(/^```js\n(.*?)^```$/gmsu)].map(([, code = '']) => code);

type Example = (memory: MemoryEngine, same: (value: unknown, wanted: unknown) => void) => Promise<void>;
const AsyncFunction = (async () => undefined).constructor as new (...args: string[]) => Example;

it('has examples', () => expect(blocks.length).toBeGreaterThanOrEqual(2));

it.each(blocks)('does what is written beside it: %s', async (block) => {
  const engine = await openTestEngine({ environment: createTestEnvironment({ seed: 1, now: Date.now() }) });
  const code = block.replace(/^(.*); \/\/ => (.*)$/gmu, 'same($1, $2);');
  let checked = 0;
  await new AsyncFunction('memory', 'same', code)(engine, (value, wanted) => {
    expect(value).toEqual(wanted);
    checked += 1;
  });
  expect(checked).toBe([...block.matchAll(/; \/\/ => /g)].length);
  await engine.close();
});

it('names every signal with the weight that it has, and the reason for it', () => {
  const [, section = ''] = page.split('\n## Signals\n');
  const [table = ''] = section.split('\n\nA passage');
  const rows = [...table.matchAll(/^\| `(\w+)` \| (−?[\d.]+) \| (.*) \|$/gmu)];
  const told = rows.map(([, name, weight = '', reason]) => [name, Number(weight.replace('−', '-')), reason]);
  expect(told).toEqual(Object.entries(SIGNALS).map(([name, { weight, reason }]) => [name, weight, reason]));
});

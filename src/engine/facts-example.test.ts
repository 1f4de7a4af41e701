import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createTestEnvironment } from '../testing/environment.ts';
import type { MemoryEngine } from '../types.ts';
import { openTestEngine } from './engine-test-util.ts';

const page = readFileSync(new URL('../../docs/facts.md', import.meta.url), 'utf8');
const blocks = [...page.matchAll(/^```js\n(.*?)^```$/gmsu)].map(([, code = '']) => code);

type Example = (memory: MemoryEngine, same: (value: unknown, wanted: unknown) => void) => Promise<void>;
const AsyncFunction = (async () => undefined).constructor as new (...args: string[]) => Example;

it('the examples in docs/facts.md do what is written beside them', async () => {
  expect(blocks).toHaveLength(4);
  const engine = await openTestEngine({ environment: createTestEnvironment({ seed: 1, now: Date.now() }) });
  let checked = 0;
  // The blocks go on from one another, as on the page.
  const code = blocks.join('').replace(/^(.*); \/\/ => (.*)$/gmu, 'same($1, $2);');
  await new AsyncFunction('memory', 'same', code)(engine, (value, wanted) => {
    expect(value).toEqual(wanted);
    checked += 1;
  });
  expect(checked).toBe(8);
  await engine.close();
});

/** The examples of docs/association.md, run as they stand. */

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { MemoryEngine } from '../types.ts';
import { openTestEngine } from './engine-test-util.ts';

const text = readFileSync(new URL('../../docs/association.md', import.meta.url), 'utf8');
const examples = [...text.matchAll(/```js\n([\s\S]*?)\/\/ → (.*)\n```/g)].map(([, code, answer]) => ({
  code: code ?? '',
  answer: answer ?? '',
}));

const AsyncFunction = (async () => undefined).constructor as new (
  name: string,
  code: string,
) => (memory: MemoryEngine) => Promise<unknown>;

it('has three examples', () => {
  expect(examples).toHaveLength(3);
});

it.each(examples)('$answer', async ({ code, answer }) => {
  const memory = await openTestEngine();
  await memory.addMany(
    Array.from({ length: 12 }, (_, i) => ({ content: `sailing trip ${i} around the bay`, createdAt: i })),
  );
  expect(await new AsyncFunction('memory', code)(memory)).toEqual(JSON.parse(answer));
});

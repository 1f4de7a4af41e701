import { expect, test } from '@playwright/test';
import { freshNamespace, openConsole } from './support.ts';

/** What is tried on an engine that holds one memory, in the page; each must be refused with this code. */
const CASES: readonly (readonly [name: string, code: string, script: string])[] = [
  ['empty text', 'INVALID_INPUT', `m.add({ content: '' })`],
  ['over-long text', 'INVALID_INPUT', `m.add({ content: 'x'.repeat(40000) })`],
  ['a lone surrogate', 'INVALID_INPUT', `m.add({ content: 'a\\ud800' })`],
  ['no memory at all', 'INVALID_INPUT', `m.add()`],
  ['null for a memory', 'INVALID_INPUT', `m.add(null)`],
  ['a function in metadata', 'INVALID_INPUT', `m.add({ content: 'a', metadata: { f() {} } })`],
  [
    'a prototype key',
    'INVALID_INPUT',
    `m.add({ content: 'a', metadata: JSON.parse('{"__proto__":{"x":1}}') })`,
  ],
  [
    'wrong dimensions',
    'INVALID_VECTOR',
    `m.add({ content: 'a', embedding: { modelId: 'h', space: 'h', vector: new Float32Array([1, 2, 3]) } })`,
  ],
  [
    'NaN in a vector',
    'INVALID_VECTOR',
    `m.add({ content: 'a', embedding: { modelId: 'h', space: 'h', vector: new Float32Array([NaN, 1]) } })`,
  ],
  ['a bad memory in a batch', 'INVALID_INPUT', `m.addMany([{ content: 'fine' }, { content: '' }])`],
  ['an unknown operator', 'INVALID_FILTER', `m.list({ filter: { speaker: { $like: 'A' } } })`],
  ['an unknown field', 'INVALID_FILTER', `m.search('x', { filter: { colour: 'red' } })`],
  [
    'a prototype key in a filter',
    'INVALID_FILTER',
    `m.list({ filter: JSON.parse('{"metadata.__proto__.x":1}') })`,
  ],
  ['deleteAll without a scope', 'SCOPE_REQUIRED', `m.deleteAll()`],
  ['deleteAll with an empty filter', 'SCOPE_REQUIRED', `m.deleteAll({ filter: {} })`],
  ['an empty query', 'INVALID_INPUT', `m.search('')`],
  ['a query that is no text', 'INVALID_INPUT', `m.search(7)`],
  ['an update of nothing', 'NOT_FOUND', `m.update('0190163d-8694-739b-aea5-966c26f8ad91', { speaker: 'x' })`],
  ['an operation id that is none', 'INVALID_INPUT', `m.add({ content: 'a' }, { opId: '/../' })`],
];

test('every bad input over the worker’s boundary is a typed error with a hint, and changes nothing', async ({
  page,
}) => {
  await openConsole(page);
  const answers = await page.evaluate(
    async ({ namespace, scripts }) => {
      const memory = await window.loci.openMemory({ namespace });
      const vector = Float32Array.of(1, 0);
      await memory.add({ content: 'there before', embedding: { modelId: 'h', space: 'h', vector } });
      const seen: unknown[] = [];
      for (const script of scripts) {
        const run = new Function('m', `return ${script}`) as (m: typeof memory) => Promise<unknown>;
        try {
          await run(memory);
          seen.push('accepted');
        } catch (error) {
          const { name, code, hint } = error as { name: string; code: string; hint: string };
          const { count } = await memory.stats();
          seen.push({ name, code, hasHint: typeof hint === 'string' && hint !== '', count });
        }
      }
      await memory.close();
      return seen;
    },
    { namespace: freshNamespace(), scripts: CASES.map(([, , script]) => script) },
  );
  expect(answers.map((answer, i) => [CASES[i]?.[0], answer])).toEqual(
    CASES.map(([name, code]) => [name, { name: 'LociError', code, hasHint: true, count: 1 }]),
  );
});

test('the raw worker refuses every message that is not a call of a verb', async ({ page }) => {
  await openConsole(page);
  const codes = await page.evaluate(async (namespace) => {
    await window.loci.openMemory({ namespace });
    const worker = window.workers.at(-1);
    const ask = (message: object) =>
      new Promise<string>((resolve) => {
        const id = crypto.randomUUID();
        worker?.addEventListener('message', ({ data }) => {
          if (data.id === id) resolve(data.value?.error?.code ?? 'answered');
        });
        worker?.postMessage({ id, argumentList: [{ type: 'RAW', value: 'return 1' }], ...message });
      });
    return Promise.all([
      ask({ type: 'APPLY', path: ['constructor', 'constructor'] }),
      ask({ type: 'APPLY', path: ['__proto__'] }),
      ask({ type: 'GET', path: ['add'] }),
      ask({ type: 'SET', path: ['add'], value: { type: 'RAW', value: 1 } }),
    ]);
  }, freshNamespace());
  expect(codes).toEqual(Array(4).fill('METHOD_NOT_ALLOWED'));
});

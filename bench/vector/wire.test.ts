import { expect, test } from 'vitest';
import { createDataset } from './dataset.ts';
import { createMixture } from './mixture.ts';
import { fetchDataset, filesOf } from './wire.ts';

test('a dataset arrives in the worker as it was', async () => {
  const mixture = createMixture({ count: 130, queries: 5, dimensions: 8, seed: 2 });
  const dataset = createDataset({ kind: 'mixture', ...mixture }, 2);
  const files = filesOf(dataset);
  const get = async (url: Parameters<typeof fetch>[0]) => {
    const file = files.get(new URL(`${url}`).pathname);
    return file === undefined ? new Response(null, { status: 404 }) : new Response(Uint8Array.from(file));
  };
  const arrived = await fetchDataset(new URL('http://page.example/'), get);
  const plain = ({ filtered, ...rest }: typeof dataset) => ({
    ...rest,
    filtered: filtered.map(({ filter, ...each }) => ({ ...each, words: [...filter.words] })),
  });
  expect(plain(arrived)).toEqual(plain(dataset));
});

import { expect, it } from 'vitest';
import { describeVectorContract } from '../testing/vector-contract.ts';
import { createExactIndex } from './exact.ts';
import { createHnswlibIndex } from './hnswlib.ts';

describeVectorContract('the exact index', async (dimensions) => createExactIndex(dimensions), {
  exact: true,
  serializes: true,
});

it('serialises more rows than a call can have arguments', () => {
  const index = createExactIndex(1);
  for (let ordinal = 0; ordinal < 200_000; ordinal++) index.add(ordinal, Float32Array.of(1));
  const loaded = createExactIndex(1);
  loaded.load?.(index.serialize?.() ?? new Uint8Array());
  expect(loaded.size).toBe(200_000);
});

it('refuses to load rows that name an ordinal twice or hold NaN', () => {
  const index = createExactIndex(1);
  index.add(1, Float32Array.of(1));
  index.add(2, Float32Array.of(1));
  const bytes = index.serialize?.() ?? new Uint8Array();
  const twice = bytes.slice();
  new Uint32Array(twice.buffer)[3] = 1;
  const notANumber = bytes.slice();
  new Float32Array(notANumber.buffer)[4] = Number.NaN;
  const corrupt = expect.objectContaining({ code: 'STORAGE_CORRUPT', hint: expect.any(String) });
  for (const broken of [twice, notANumber]) expect(() => index.load?.(broken)).toThrow(corrupt);
  expect(index.search(Float32Array.of(1), 3).map(({ ordinal }) => ordinal)).toEqual([1, 2]);
});

it('says where hnswlib-wasm cannot run that the exact index can', async () => {
  await expect(createHnswlibIndex(4)).rejects.toMatchObject({
    code: 'INDEX_UNAVAILABLE',
    hint: expect.stringContaining('exact'),
  });
});

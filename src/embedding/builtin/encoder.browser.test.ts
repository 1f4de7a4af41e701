import { expect, it } from 'vitest';
import { describeEmbedderContract } from '../../testing/embedder-contract.ts';
import { createBuiltinEmbedder, createEncoder } from './encoder.ts';
import { GOLDEN } from './golden-test-util.ts';
import tableUrl from './table.bin?url';
import { readBuiltinTable } from './table.ts';

const response = await fetch(tableUrl);
const table = readBuiltinTable(new Uint8Array(await response.arrayBuffer()));

describeEmbedderContract('the built-in model in Chromium', async () => createBuiltinEmbedder(table));

it('gives the numbers that it gives in Node', () => {
  const encode = createEncoder(table);
  for (const { text, first } of GOLDEN) expect([...encode(text).slice(0, first.length)]).toEqual(first);
});

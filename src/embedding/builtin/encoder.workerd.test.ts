import { expect, it } from 'vitest';
import { describeEmbedderContract } from '../../testing/embedder-contract.ts';
import { createBuiltinEmbedder, createEncoder } from './encoder.ts';
import { GOLDEN } from './golden-test-util.ts';
import bytes from './table.bin';
import { readBuiltinTable } from './table.ts';

const table = readBuiltinTable(new Uint8Array(bytes));

describeEmbedderContract('the built-in model in workerd, imported as a module', async () =>
  createBuiltinEmbedder(table),
);

it('gives the numbers that it gives in Node', () => {
  const encode = createEncoder(table);
  for (const { text, first } of GOLDEN) expect([...encode(text).slice(0, first.length)]).toEqual(first);
});

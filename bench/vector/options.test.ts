import { expect, test } from 'vitest';
import { readOptions } from './options.ts';

const known = ['loci', 'exact'];

test('options have defaults, and a curve is many sizes', () => {
  expect(readOptions([], known)).toMatchObject({ sizes: [10_000], seed: 1, rounds: 3, isJson: false });
  expect(readOptions(['--curve', '1000,10000'], known)).toMatchObject({
    sizes: [1_000, 10_000],
    isCurve: true,
  });
  expect(readOptions(['--engines', 'loci, exact'], known).engines).toEqual(['loci', 'exact']);
});

test.each([
  [['--n', 'many'], '--n must be a whole number'],
  [['--n', ''], '--n must be a whole number'],
  [['--curve', '1000,'], '--curve must be a whole number'],
  [['--rounds', '2'], '--rounds must be a whole number from 3'],
  [['--data', 'images'], '--data is mixture or sentences'],
  [['--engines', 'loci,faiss'], 'there is no engine "faiss"'],
  [['--fast'], "Unknown option '--fast'"],
])('%j is refused with a reason and the usage', (args, reason) => {
  expect(() => readOptions(args, known)).toThrow(reason);
  expect(() => readOptions(args, known)).toThrow('npm run bench:vector');
});

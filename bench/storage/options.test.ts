import { expect, test } from 'vitest';
import { readOptions } from './options.ts';

test('options have defaults, and a size is opened once, the smallest first', () => {
  expect(readOptions([])).toMatchObject({ sizes: [1_000, 10_000, 100_000], rounds: 3, isJson: false });
  expect(readOptions(['--open', '1000000,1000', '--json'])).toMatchObject({
    sizes: [1_000, 10_000, 100_000, 1_000_000],
    isJson: true,
  });
  expect(readOptions(['--sizes', '2000', '--only', 'loci, idb'])).toMatchObject({
    sizes: [2_000],
    contestants: ['loci', 'idb'],
  });
});

test.each([
  [['--open', '1e9'], '--open must be a whole number'],
  [['--sizes', ''], '--sizes must be a whole number'],
  [['--rounds', '2'], '--rounds must be a whole number from 3'],
  [['--only', 'loci,rxdb'], 'there is no "rxdb"'],
  [['--fast'], "Unknown option '--fast'"],
])('%j is refused with a reason and the usage', (args, reason) => {
  expect(() => readOptions(args)).toThrow(reason);
  expect(() => readOptions(args)).toThrow('npm run bench:storage');
});

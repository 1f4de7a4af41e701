import { describe, expect, it } from 'vitest';
import { readOptions } from './options.ts';

describe('the options of the text benchmark', () => {
  it('have defaults', () => {
    expect(readOptions([])).toEqual({ sizes: [1_000, 10_000, 100_000], rounds: 5, seed: 1, isJson: false });
  });

  it('are read', () => {
    expect(readOptions(['--sizes', '500,700', '--rounds', '2', '--json'])).toMatchObject({
      sizes: [500, 700],
      rounds: 2,
      isJson: true,
    });
  });

  it.each([['--sizes', '5'], ['--rounds', 'x'], ['--what']])('refuse %s %s with the usage', (...args) => {
    expect(() => readOptions(args.filter((arg) => arg !== undefined))).toThrow('npm run bench:text');
  });
});

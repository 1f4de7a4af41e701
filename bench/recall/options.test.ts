import { describe, expect, it } from 'vitest';
import { readOptions } from './options.ts';

describe('the options', () => {
  it('name systems and conversations in lists', () => {
    const options = readOptions(['--systems', 'a, b', '--conversations', 'one', '--json'], ['a', 'b']);
    expect(options).toMatchObject({ systems: ['a', 'b'], conversations: ['one'], isJson: true });
  });

  it('take everything where nothing is named', () => {
    expect(readOptions([], ['a'])).toMatchObject({
      ...{ systems: undefined, conversations: undefined, isJson: false },
      data: expect.stringMatching(/locomo-dev5\.json$/),
    });
  });

  it('take no system, and a store of a size to search in', () => {
    expect(readOptions(['--systems', 'none', '--latency', '--memories', '5000'], ['a'])).toMatchObject({
      ...{ systems: [], latencyMemories: 5_000 },
    });
    expect(readOptions(['--memories', '5000'], ['a']).latencyMemories).toBeUndefined();
  });

  it('take the documents alone', () => {
    const options = readOptions(['--data', 'none', '--documents'], ['a']);
    expect(options).toMatchObject({ data: 'none', hasDocuments: true });
  });

  it.each([
    [['--memories', 'many'], '--memories must be a whole number'],
    [['--systems', 'c'], '--systems: there is no "c", but a, b'],
    [['--data', '/nowhere/file.json'], '--data: there is no /nowhere/file.json'],
    [['--unknown'], 'npm run bench:recall'],
  ])('%s are refused with what is wrong', (args, message) => {
    expect(() => readOptions(args, ['a', 'b'])).toThrow(message);
  });
});

/** Options of calls: known names only, so that a misspelt one is no default. */

import { LociError } from '../errors.ts';

/**
 * The options of a call; none are as good as empty ones, and one that there is not is no option.
 *
 * @param what they are called in errors. Default: the options.
 */
export function checkOptions<T extends object>(
  options: T | null | undefined,
  known: readonly (keyof T & string)[],
  what = 'the options',
): T | Record<string, never> {
  if (options === undefined || options === null) return {};
  if (typeof options === 'object' && !Array.isArray(options)) {
    const unknown = Object.keys(options).find((key) => !known.some((name) => name === key));
    if (unknown === undefined) return options;
    throw new LociError('INVALID_INPUT', `there is no option "${unknown}"`, {
      hint: `The options are ${known.join(', ')}.`,
    });
  }
  throw new LociError('INVALID_INPUT', `${what} must be an object`, {
    hint: 'Give { name: value }, or leave it out.',
  });
}

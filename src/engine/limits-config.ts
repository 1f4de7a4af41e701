/** The limits of a namespace as a host gives them, checked and with their defaults. */

import { LociError } from '../errors.ts';
import { DEFAULT_MAX_BYTES, DEFAULT_MAX_MEMORIES, MIN_MAX_BYTES } from '../limits.ts';
import { checkOptions } from '../memory/options.ts';
import type { LimitsConfig } from '../types.ts';

export type Limits = { readonly [K in keyof LimitsConfig]-?: NonNullable<LimitsConfig[K]> };

const NAMES = ['maxBytes', 'maxMemories', 'whenFull'] as const satisfies readonly (keyof LimitsConfig)[];

/** @throws LociError `INVALID_INPUT` for a limit that is none. */
export function resolveLimits(given: LimitsConfig | undefined): Limits {
  const limits: LimitsConfig = checkOptions(given, NAMES);
  const resolved = {
    maxBytes: limits.maxBytes ?? DEFAULT_MAX_BYTES,
    maxMemories: limits.maxMemories ?? DEFAULT_MAX_MEMORIES,
    whenFull: limits.whenFull ?? 'evict',
  } as const;
  checkWhole('maxBytes', resolved.maxBytes, MIN_MAX_BYTES);
  checkWhole('maxMemories', resolved.maxMemories, 1);
  if (resolved.whenFull !== 'evict' && resolved.whenFull !== 'refuse')
    throw new LociError('INVALID_INPUT', 'limits.whenFull must be "evict" or "refuse"', {
      hint: 'Leave it out to evict the least valuable memories.',
    });
  return resolved;
}

function checkWhole(name: string, value: unknown, least: number): void {
  if (Number.isSafeInteger(value) && (value as number) >= least) return;
  throw new LociError('INVALID_INPUT', `limits.${name} must be a whole number from ${least}`, {
    hint: 'Leave it out for the default.',
  });
}

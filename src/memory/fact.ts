/** Facts in time: when two facts are about the same, when they say the same, and what a moment makes of one. */

import crc32 from 'crc-32';
import type { MemoryFields, Validity } from '../types.ts';

const PLAIN_NAME = /^[a-z\d]+(?: [a-z\d]+)*$/;

/**
 * The form in which subjects and predicates are compared: case, width, and how words are joined make no
 * difference, so that `lives_in`, `Lives in` and `lives-in` are one.
 */
export function normalizeName(name: string): string {
  if (PLAIN_NAME.test(name)) return name;
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s_-]+/g, ' ')
    .trim();
}

/**
 * Tells contents of facts apart, 32 bits: two that differ in case, spaces or the marks at their ends only are
 * the same. Of contents that differ one pair in four thousand million has the same one, and is then not marked.
 */
export function contentHashOf(content: string): number {
  const form = content
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .replace(/^[\s\p{P}]+|[\s\p{P}]+$/gu, '');
  return crc32.str(form) >>> 0;
}

/** What a memory is at a moment, and the memory that took its place. */
export interface ValidityMark {
  readonly state: Validity;
  /** The ordinal of the memory that superseded or contradicts it. */
  readonly by?: number | undefined;
}

/** The moment that is asked about. */
export interface Moment {
  /** ms since the epoch. */
  readonly at: number;
  /** Whether the caller named it. Else it is now, and only a `validFrom` makes something future: clocks of devices differ. */
  readonly isNamed: boolean;
  /** When it is asked, ms since the epoch. */
  readonly now: number;
}

export function momentOf(asOf: number | undefined, now: number): Moment {
  return { at: asOf ?? now, isNamed: asOf !== undefined, now };
}

export type Times = Pick<MemoryFields, 'createdAt'> & Partial<Pick<MemoryFields, 'validFrom' | 'invalidAt'>>;

/** When what a memory says begins to hold: as the host says, else when it happened. */
export function beginOf({ validFrom, createdAt }: Times): number {
  return validFrom ?? createdAt;
}

/** Whether what a memory says has begun to hold at a moment. */
export function hasBegun({ validFrom, createdAt }: Times, { at, isNamed }: Moment): boolean {
  if (validFrom !== undefined) return validFrom <= at;
  return !isNamed || createdAt <= at;
}

/** Whether what a memory says holds no longer at a moment, by its own word. */
export function hasEnded({ invalidAt }: Times, { at }: Moment): boolean {
  return invalidAt !== undefined && invalidAt <= at;
}

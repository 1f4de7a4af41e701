import { describe, expect, it } from 'vitest';
import { endOfLife, isExpired } from './expiry.ts';

describe('the end of a memory', () => {
  it('is the earlier of expiry and legal deletion', () => {
    expect(endOfLife({ expiresAt: 5, legalDeletionAt: 3, legalHold: false })).toBe(3);
    expect(endOfLife({ expiresAt: 2, legalDeletionAt: 3, legalHold: false })).toBe(2);
  });

  it('never comes without either, or on legal hold', () => {
    expect(endOfLife({ legalHold: false })).toBe(Number.POSITIVE_INFINITY);
    expect(isExpired({ expiresAt: 1, legalDeletionAt: 1, legalHold: true }, 2)).toBe(false);
  });

  it('has come at the very millisecond', () => {
    expect(isExpired({ expiresAt: 2, legalHold: false }, 1)).toBe(false);
    expect(isExpired({ expiresAt: 2, legalHold: false }, 2)).toBe(true);
  });
});

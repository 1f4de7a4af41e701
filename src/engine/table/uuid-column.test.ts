import { describe, expect, it } from 'vitest';
import { UuidColumn, UuidIndex } from './uuid-column.ts';

const hex = (value: number, width: number) => value.toString(16).padStart(width, '0');

/** Ids of generators that count: in the last bytes, in the time, or in the middle. */
const COUNTING = {
  'in the last bytes': (i: number) => `0190163d-8694-739b-aea5-${hex(0x26c8_f8ad_0000 + i, 12)}`,
  'in the time': (i: number) => `${hex(0x0190_163d, 8)}-${hex(i % 65_536, 4)}-739b-aea5-26c8f8ad0000`,
  'in the high bytes of the end': (i: number) => `0190163d-8694-739b-aea5-${hex(i, 6)}f8ad00`,
  'in the sequence of a version 7': (i: number) =>
    `0190163d-8694-7${hex(i % 4_096, 3)}-a${hex(i >> 12, 3)}-26c8f8ad0000`,
};

describe('an index of UUIDs', () => {
  for (const [where, idOf] of Object.entries(COUNTING))
    it(`spreads ids that count up ${where} as chance would`, () => {
      const ids = 16_384;
      const slots = 2 * ids;
      const column = new UuidColumn();
      const taken = new Set<number>();
      for (let i = 0; i < ids; i++) {
        column.set(i, idOf(i));
        taken.add(column.hashAt(i) & (slots - 1));
      }
      // Chance fills 1 − e^(−1/2) of them.
      expect(taken.size / slots).toBeGreaterThan(0.38);
    });

  it('finds what was added and not what was removed', () => {
    const index = new UuidIndex();
    const idOf = COUNTING['in the last bytes'];
    for (let i = 0; i < 2_000; i++) index.add(i, idOf(i));
    for (let i = 0; i < 2_000; i += 3) index.remove(i);
    for (let i = 0; i < 2_000; i++) expect(index.find(idOf(i))).toBe(i % 3 === 0 ? undefined : i);
  });
});

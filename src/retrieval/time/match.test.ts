import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { timeMatch } from './match.ts';

const DAY_MS = 86_400_000;
const range = { fromMs: 10_000, toMs: 20_000, scaleMs: 1_000 };

describe('how well a memory’s time fits', () => {
  it('is 1 inside, from the first moment to the last', () => {
    expect([10_000, 15_000, 19_999].map((at) => timeMatch(range, at))).toEqual([1, 1, 1]);
  });

  it('halves with each scale outside', () => {
    expect([9_000, 8_000, 20_999, 21_999].map((at) => timeMatch(range, at))).toEqual([0.5, 0.25, 0.5, 0.25]);
  });

  it('falls more slowly after a range of days, since things are told later', () => {
    const day = { fromMs: 0, toMs: DAY_MS, scaleMs: DAY_MS };
    expect(timeMatch(day, -3 * DAY_MS)).toBe(0.125);
    expect(timeMatch(day, 4 * DAY_MS - 1)).toBe(0.5);
    const month = { fromMs: 0, toMs: 30 * DAY_MS, scaleMs: 15 * DAY_MS };
    expect(timeMatch(month, 45 * DAY_MS - 1)).toBe(0.5);
  });

  it('is 1 of a session that lasts into the range, and of one that lasts beyond it', () => {
    expect(timeMatch(range, 5_000, 10_000)).toBe(1);
    expect(timeMatch(range, 5_000, 30_000)).toBe(1);
    expect(timeMatch(range, 5_000, 9_000)).toBe(0.5);
  });

  it('never leaves 0–1, and never rises with the distance', () => {
    const ranges = fc.tuple(fc.nat(1e6), fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 1, max: 1e9 }));
    fc.assert(
      fc.property(ranges, fc.nat(1e7), fc.nat(1e7), ([fromMs, width, scaleMs], a, b) => {
        const each = { fromMs, toMs: fromMs + width, scaleMs };
        const [near, far] = [Math.min(a, b), Math.max(a, b)];
        for (const at of [(d: number) => fromMs - d, (d: number) => fromMs + width + d]) {
          expect(timeMatch(each, at(near))).toBeGreaterThanOrEqual(timeMatch(each, at(far)));
          expect(timeMatch(each, at(near))).toBeLessThanOrEqual(1);
          expect(timeMatch(each, at(far))).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });
});

import { describe, expect, it } from 'vitest';
import { createTestEnvironment } from '../testing/environment.ts';
import type { SearchOptions } from '../types.ts';
import { planTimes, readTimes, strictRange, timeSignal } from './question-times.ts';

const NOW = Date.parse('2024-03-15T12:00:00Z');
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const read = (question: string, options: SearchOptions = { now: NOW }) =>
  readTimes(question, options, createTestEnvironment({ now: NOW }));

describe('a range that nothing else is wanted from', () => {
  it.each<[string, number]>([
    ['What happened around the anomaly in the last 48 hours?', 48 * HOUR_MS],
    ['what failed within the past 3 days', 3 * DAY_MS],
    ['anything in the last 90 minutes?', 1.5 * HOUR_MS],
  ])('is a stretch of stated length until now: %s', async (question, ms) => {
    const range = strictRange(await read(question));
    expect(range && [range.fromMs, range.toMs]).toEqual([NOW - ms, NOW + 1]);
  });

  it.each([
    'What did we see last spring?',
    'Where were we on 3 March?',
    'What happened two weeks ago?',
    'What happened yesterday?',
    'What has changed since March 2023?',
    'Who left before June 2023?',
    'What happened in 2022?',
    'What is the plan?',
    'What happened in the 48 hours before the incident?',
  ])('is none in: %s', async (question) => {
    expect(strictRange(await read(question))).toBeUndefined();
  });

  it('ends at the clock where the caller gives no date', async () => {
    const environment = createTestEnvironment({ now: NOW + DAY_MS });
    const times = await readTimes('what failed in the last 48 hours?', {}, environment);
    expect(times.now).toBe(NOW + DAY_MS);
    expect(strictRange(times)?.toMs).toBe(NOW + DAY_MS + 1);
  });

  it.each([
    'What failed in the last 2 hours or yesterday?',
    'What failed in the last 2 days, compared with last week?',
    'what failed in the last 48 hours, and what in 2022?',
    'What did she say in the last 3 days or before June 2023?',
  ])('is none where an earlier time is asked for as well: %s', async (question) => {
    const times = await read(question);
    expect(times.ranges).toHaveLength(2);
    expect(strictRange(times)).toBeUndefined();
  });

  it.each<[string, number]>([
    ['What failed in the last 48 hours, and what yesterday?', 48],
    ['What failed in the last 2 hours, and what is planned for tomorrow?', 2],
    ['What failed in the last 2 hours, or in the last 48 hours?', 48],
  ])(
    'stays where the other times lie within or after it, and is the longest: %s',
    async (question, hours) => {
      const times = await read(question);
      expect(times.ranges).toHaveLength(2);
      expect(strictRange(times)?.fromMs).toBe(NOW - hours * HOUR_MS);
    },
  );

  it('is told as such in the plan, and the others as what they are', async () => {
    const times = await read('what failed in the last 48 hours, and what is due on 1 April 2024?');
    const event = { id: 'an-id', fromMs: 1, toMs: 2, text: 'on Friday' };
    const range = times.ranges[0] as (typeof times.ranges)[number];
    const told = planTimes(times, [{ ...range, fromMs: 1, toMs: 2, text: 'the outage', event }]);
    expect(told.map((time) => [time.text, time.isStrict, time.event])).toEqual([
      [expect.stringContaining('48 hours'), true, undefined],
      [expect.stringContaining('1 April 2024'), false, undefined],
      ['the outage', false, event],
    ]);
  });
});

describe('how well a time fits', () => {
  it('is not asked where the question names none', () => {
    expect(timeSignal([])).toBeUndefined();
  });

  it('is 1 within any of the ranges, and less the farther away', async () => {
    const { ranges } = await read('what happened in 2020 and what in 2022?');
    expect(ranges).toHaveLength(2);
    const fits = timeSignal(ranges) ?? (() => Number.NaN);
    const at = (date: string) => fits(Date.parse(date));
    expect(at('2020-06-01')).toBe(1);
    expect(at('2022-06-01')).toBe(1);
    expect(at('2023-03-01')).toBeLessThan(1);
    expect(at('2024-03-01')).toBeLessThan(at('2023-03-01'));
    expect(at('1990-01-01')).toBeGreaterThanOrEqual(0);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_NOW_MS } from '../../limits.ts';
import { resolveTimes } from './resolve.ts';
import { EARLIEST_MS, LATEST_MS, type TimeOptions, type TimeRange } from './types.ts';

/** A Sunday. */
const NOW = Date.parse('2023-10-22T12:00:00Z');
const DAY_MS = 86_400_000;

/** "2023-05-01 – 2023-06-01": the range's ends, to the minute where they are no midnights. */
function show({ fromMs, toMs }: TimeRange): string {
  const end = (ms: number) => new Date(ms).toISOString().slice(0, 16).replace('T00:00', '');
  return `${fromMs === EARLIEST_MS ? '…' : end(fromMs)} – ${end(toMs)}`;
}
const read = async (query: string, options?: TimeOptions) =>
  (await resolveTimes(query, NOW, options)).ranges.map(show).join(', ');

describe('the times of a query', () => {
  it.each([
    // Days.
    ['What did we do yesterday?', '2023-10-21 – 2023-10-22'],
    ['the day before yesterday', '2023-10-20 – 2023-10-21'],
    ['What is on today?', '2023-10-22 – 2023-10-23'],
    ['What broke last night?', '2023-10-21T18:00 – 2023-10-22T06:00'],
    ['who called this morning', '2023-10-22T05:00 – 2023-10-22T12:00'],
    ['yesterday evening', '2023-10-21T17:00 – 2023-10-22'],
    ['three days ago', '2023-10-19 – 2023-10-20'],
    ['a few days ago', '2023-10-17 – 2023-10-21'],
    ['What did she say on Friday?', '2023-10-20 – 2023-10-21'],
    ['last Sunday', '2023-10-15 – 2023-10-16'],
    ['next Friday', '2023-10-27 – 2023-10-28'],
    ['the meeting on Tue', '2023-10-17 – 2023-10-18'],
    // Dates.
    ['on 8 May', '2023-05-08 – 2023-05-09'],
    ['on 24 December', '2022-12-24 – 2022-12-25'],
    ['What did Gina find on 1 February, 2023?', '2023-02-01 – 2023-02-02'],
    ['on October 13, 2023', '2023-10-13 – 2023-10-14'],
    ['the 4th of July', '2023-07-04 – 2023-07-05'],
    ['deploys of 2023-05-08', '2023-05-08 – 2023-05-09'],
    ['5/8/2023', '2023-05-08 – 2023-05-09'],
    ['from 3 to 9 May', '2023-05-03 – 2023-05-10'],
    ['between 3 and 9 May 2022', '2022-05-03 – 2022-05-10'],
    ['between 3 May and 9 June 2022', '2022-05-03 – 2022-06-10'],
    ['around 3pm on 3 May', '2023-05-02T15:00 – 2023-05-04T15:01'],
    // Weeks and weekends.
    ['What happened last week?', '2023-10-09 – 2023-10-16'],
    ['this week', '2023-10-16 – 2023-10-23'],
    ['two weeks ago', '2023-10-05 – 2023-10-12'],
    ['the weekend before last', '2023-10-07 – 2023-10-09'],
    ['last weekend', '2023-10-14 – 2023-10-16'],
    ['the week of 23 August 2023', '2023-08-21 – 2023-08-28'],
    ['the first week of August 2023', '2023-08-01 – 2023-08-08'],
    ['the first weekend of August 2023', '2023-08-05 – 2023-08-07'],
    ['the last week of May', '2023-05-25 – 2023-06-01'],
    ['last weekend before April 10, 2023', '2023-04-08 – 2023-04-10'],
    ['the week before August 3, 2023', '2023-07-27 – 2023-08-03'],
    ['two weeks before August 11, 2023', '2023-07-24T12:00 – 2023-07-31T12:00'],
    ['in the two weeks before 11 August 2023', '2023-07-28 – 2023-08-11'],
    ['three days after 5 May 2023', '2023-05-08 – 2023-05-09'],
    // Months.
    ['Where did Maria go in May 2023?', '2023-05-01 – 2023-06-01'],
    ['what happened in may', '2023-05-01 – 2023-06-01'],
    ['in December', '2022-12-01 – 2023-01-01'],
    ['in October', '2023-10-01 – 2023-11-01'],
    ['last October', '2022-10-01 – 2022-11-01'],
    ['next May', '2024-05-01 – 2024-06-01'],
    ['last month', '2023-09-01 – 2023-10-01'],
    ['early June 2023', '2023-06-01 – 2023-06-11'],
    ['What did April say in June?', '2023-06-01 – 2023-07-01'],
    ['between May and July 2022', '2022-05-01 – 2022-08-01'],
    ['May to July 2022', '2022-05-01 – 2022-08-01'],
    ['June to May 2022', '2021-06-01 – 2022-06-01'],
    ['from June to May', '2023-06-01 – 2024-06-01'],
    ['on 3 May 2023 from 2pm to 4pm', '2023-05-03T14:00 – 2023-05-03T16:01'],
    ['between November and February', '2022-11-01 – 2023-03-01'],
    // Seasons, quarters, years.
    ['what did she do last spring', '2023-03-01 – 2023-06-01'],
    ['during the summer', '2023-06-01 – 2023-09-01'],
    ['in the fall', '2023-09-01 – 2023-12-01'],
    ['winter 2022', '2022-12-01 – 2023-03-01'],
    ['the summer of 2021', '2021-06-01 – 2021-09-01'],
    ['sales in Q2', '2023-04-01 – 2023-07-01'],
    ['sales in Q4', '2023-10-01 – 2024-01-01'],
    ['the first quarter of 2022', '2022-01-01 – 2022-04-01'],
    ['What happened in 2022?', '2022-01-01 – 2023-01-01'],
    ['In 2022 Maria moved', '2022-01-01 – 2023-01-01'],
    ['from 2019 to 2021', '2019-01-01 – 2022-01-01'],
    ['last year', '2022-01-01 – 2023-01-01'],
    ['the second half of 2022', '2022-07-02T12:00 – 2023-01-01'],
    ['back in the 1990s', '1990-01-01 – 2000-01-01'],
    // Up to now.
    ['What broke in the last 48 hours?', '2023-10-20T12:00 – 2023-10-22T12:00'],
    ['errors in last 24h', '2023-10-21T12:00 – 2023-10-22T12:00'],
    ['over the past month', '2023-09-22T12:00 – 2023-10-22T12:00'],
    ['What broke in the past twenty-four hours?', '2023-10-21T12:00 – 2023-10-22T12:00'],
    ['the last forty eight hours', '2023-10-20T12:00 – 2023-10-22T12:00'],
    ['in the last thirty days', '2023-09-22T12:00 – 2023-10-22T12:00'],
    ['within the last hundred days', '2023-07-14T12:00 – 2023-10-22T12:00'],
    ['What broke in the last half day?', '2023-10-22 – 2023-10-22T12:00'],
    ['what broke in the past half hour', '2023-10-22T11:30 – 2023-10-22T12:00'],
    ['in the last half an hour', '2023-10-22T11:30 – 2023-10-22T12:00'],
    ['in the last two hundred and ten days', '2023-03-26T12:00 – 2023-10-22T12:00'],
    ['a hundred days ago', '2023-07-14 – 2023-07-15'],
    ['sixteen days ago', '2023-10-06 – 2023-10-07'],
    ['ninety-nine days ago', '2023-07-15 – 2023-07-16'],
    // One end.
    ['What has changed since March?', '2023-03-01 – 2023-10-22T12:00'],
    ['since 2019', '2019-01-01 – 2023-10-22T12:00'],
    ['before June 2023', '… – 2023-06-01'],
    ['until the end of May', '… – 2023-06-01'],
    ['after 15 July 2023', '2023-07-16 – 2023-10-22T12:00'],
    ['by May 2023', '… – 2023-06-01'],
    // Two of them.
    ['the meeting of 3 May 2023 and that on 7 June 2023', '2023-05-03 – 2023-05-04, 2023-06-07 – 2023-06-08'],
  ])('are known of: %s', async (query, expected) => {
    expect(await read(query)).toBe(expected);
  });

  it.each([
    ...['What may Sarah do?', 'It may rain', 'may 2 of them come?', 'Who is May?', 'March for equality'],
    ...[
      'Is June coming to the party?',
      'Has August called?',
      'a letter from April',
      'Tell me about April’s job',
    ],
    ...['Did she call after April left?', 'Wait a second', 'The Sun is bright', 'Which sat nav did he buy?'],
    ...[
      'He wed her in a church',
      'Mon ami',
      'Where is Sam now?',
      'What is the weather now',
      'the 90s',
      'in the 90s',
    ],
    ...[
      '20 people came',
      'after 2020 requests the server failed',
      'in 2000 meters',
      'room 2022',
      'error 1999',
    ],
    ...[
      'it grew by 2000',
      'Spring Boot 2022',
      'build 2023.05.1',
      'version 1.2.2023',
      '10.0.0.1',
      'ratio 3-4-5',
    ],
    ...['5/8 inch', '3/4', 'call 555-12-2022', 'When did she last see him?', 'How long does it last?'],
    ...[
      'Did it last half a day?',
      'The talks last half an hour.',
      'Did the meeting last two hours?',
      'for 3 years',
      'for a day',
      'in 10 minutes',
      'after 10 years',
    ],
    ...['every Friday', 'on Fridays', 'Black Friday', 'Did they eat at Sunday’s?', 'I am 20 years old'],
    ...[
      'How many times at 5?',
      'in the morning',
      'afternoon tea',
      'How long ago was it?',
      'the last year of school',
    ],
    ...[
      'spring rolls',
      'summer camp',
      'the fall of Rome',
      'What comes next?',
      'the first time',
      'day after day',
    ],
    ...['Jan’s birthday', 'What is her second job?', 'minute details', 'the house of the week', ''],
  ])('are none of: %s', async (query) => {
    expect(await resolveTimes(query, NOW)).toEqual({ ranges: [], anchors: [] });
  });

  it('say how they were meant', async () => {
    const first = async (query: string) => (await resolveTimes(query, NOW)).ranges[0];
    expect(await first('What changed since March?')).toMatchObject({
      text: 'since March',
      kind: 'range',
      isOpenEnded: true,
    });
    expect(await first('two weeks ago')).toMatchObject({ kind: 'point', isOpenEnded: false });
    expect(await first('between 3 and 9 May 2022')).toMatchObject({ isOpenEnded: false });
    // A window told by the number ends more sharply than a month.
    expect((await first('in the last 48 hours'))?.scaleMs).toBe(3 * 3_600_000);
    expect((await first('in May 2023'))?.scaleMs).toBe(15.5 * DAY_MS);
  });

  it('are those of the place where the query is asked', async () => {
    expect(await read('yesterday', { utcOffsetMinutes: 600 })).toBe('2023-10-20T14:00 – 2023-10-21T14:00');
    expect(await read('yesterday', { utcOffsetMinutes: 13 * 60 })).toBe(
      '2023-10-21T11:00 – 2023-10-22T11:00',
    );
    expect(await read('on 8 May', { utcOffsetMinutes: -300 })).toBe('2023-05-08T05:00 – 2023-05-09T05:00');
    expect(await read('last summer', { hemisphere: 'southern' })).toBe('2022-12-01 – 2023-03-01');
  });

  it('without the library are those that need none, and the failure is told', async () => {
    const broken = () => Promise.reject(new TypeError('Failed to fetch'));
    const times = await resolveTimes('in May 2023, or last week', NOW, {}, broken);
    expect(times.ranges.map(show)).toContain('2023-10-09 – 2023-10-16');
    expect(times.degraded).toContain('Failed to fetch');
  });

  it('ask for the library only where there may be a date', async () => {
    const never = () => Promise.reject(new Error('not to be loaded'));
    for (const query of ['last week', 'in the last 48 hours', 'since 2019', 'after the wedding', 'a red car'])
      expect(await resolveTimes(query, NOW, {}, never)).not.toHaveProperty('degraded');
  });
});

describe('whenever a query is asked', () => {
  const questions = fc.constantFrom(
    ...[
      'in the last 48 hours',
      'yesterday',
      'last year',
      'in the last 9999 decades',
      'this week',
      'next month',
    ],
    ...['on Friday', 'on 3 May', 'last spring', 'Q3', 'two months ago', 'since March', 'in two weeks'],
  );

  it('its times are numbers, at the ends of all time too', async () => {
    const moments = fc.oneof(
      fc.constantFrom(EARLIEST_MS, EARLIEST_MS + 1, 0, LATEST_MS - 1, LATEST_MS),
      fc.integer({ min: EARLIEST_MS, max: LATEST_MS }),
    );
    const direction = fc.constantFrom('past' as const, 'future' as const, 'nearest' as const);
    await fc.assert(
      fc.asyncProperty(
        questions,
        moments,
        direction,
        fc.integer({ min: -1_440, max: 1_440 }),
        async (...given) => {
          const [query, moment, toward, utcOffsetMinutes] = given;
          const times = await resolveTimes(query, moment, { direction: toward, utcOffsetMinutes });
          for (const { fromMs, toMs, scaleMs } of times.ranges)
            expect([fromMs, toMs, scaleMs].every(Number.isFinite)).toBe(true);
          if (Math.abs(moment) <= MAX_NOW_MS && toward === 'past' && query !== 'in two weeks')
            expect(times.ranges).toHaveLength(1);
        },
      ),
    );
  });
});

describe('whatever a query says', () => {
  const words = fc.constantFrom(
    ...[
      'since',
      'before',
      'after',
      'between',
      'and',
      'from',
      'to',
      'the',
      'last',
      'next',
      'two',
      '3',
      'weeks',
      'days',
    ],
    ...[
      'week',
      'of',
      'May',
      'june',
      '2023',
      '1999',
      'spring',
      'Friday',
      'Sun',
      'early',
      'ago',
      'in',
      'around',
      '8',
      '31',
    ],
    ...[
      'yesterday',
      'Q3',
      '12/31/2022',
      '2023-02-30',
      'first',
      'weekend',
      'wedding',
      ',',
      '?',
      'month',
      'year',
      'past',
    ],
  );
  const queries = fc.oneof(
    fc.array(words, { maxLength: 12 }).map((each) => each.join(' ')),
    fc.string({ unit: 'grapheme', maxLength: 60 }),
  );
  const moments = fc.date({ min: new Date('1990-01-01'), max: new Date('2060-01-01'), noInvalidDate: true });

  it('every range begins before it ends and is made of the query’s own words, in order and apart', async () => {
    await fc.assert(
      fc.asyncProperty(queries, moments, fc.integer({ min: -720, max: 840 }), async (query, now, offset) => {
        const { ranges, degraded } = await resolveTimes(query, now.getTime(), { utcOffsetMinutes: offset });
        expect(degraded).toBeUndefined();
        let from = 0;
        for (const { fromMs, toMs, text, scaleMs } of ranges) {
          expect(fromMs).toBeLessThan(toMs);
          expect(scaleMs).toBeGreaterThan(0);
          const place = query.indexOf(text, from);
          expect(text).not.toBe('');
          expect(place).toBeGreaterThanOrEqual(from);
          from = place + text.length;
        }
      }),
      { numRuns: 500 },
    );
  });

  it('a day or month without its year is never wholly to come', async () => {
    const months = fc.constantFrom('January', 'March', 'July', 'September', 'December');
    await fc.assert(
      fc.asyncProperty(months, fc.integer({ min: 1, max: 28 }), moments, async (month, day, now) => {
        for (const query of [`in ${month}`, `on ${day} ${month}`]) {
          const [range] = (await resolveTimes(query, now.getTime())).ranges;
          expect(range?.fromMs).toBeLessThanOrEqual(now.getTime());
          expect(range?.fromMs).toBeGreaterThan(now.getTime() - 367 * DAY_MS);
        }
      }),
    );
  });

  it('is the same an hour later by the clock and by the zone', async () => {
    await fc.assert(
      fc.asyncProperty(queries, moments, async (query, now) => {
        const HOUR_MS = 3_600_000;
        const here = await resolveTimes(query, now.getTime());
        const there = await resolveTimes(query, now.getTime() - HOUR_MS, { utcOffsetMinutes: 60 });
        const shift = (ms: number) => (Math.abs(ms) === 8.64e15 ? ms : ms - HOUR_MS);
        const moved = here.ranges.map((range) => ({
          ...range,
          fromMs: shift(range.fromMs),
          toMs: shift(range.toMs),
        }));
        expect(there.ranges).toEqual(moved);
      }),
    );
  });
});

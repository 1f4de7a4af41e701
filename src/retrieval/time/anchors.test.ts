import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resolveAnchor } from './anchors.ts';
import { timeMatch } from './match.ts';
import { resolveTimes } from './resolve.ts';
import type { EventAnchor } from './types.ts';

const NOW = Date.parse('2023-10-22T12:00:00Z');
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const read = async (query: string) => (await resolveTimes(query, NOW)).anchors;
const only = async (query: string): Promise<EventAnchor> => {
  const [anchor, ...others] = await read(query);
  if (anchor === undefined || others.length > 0) throw new Error(`not one anchor in "${query}"`);
  return anchor;
};

/** The words of all times that a query names itself. */
const rangesOf = async (query: string) => (await resolveTimes(query, NOW)).ranges.map(({ text }) => text);

describe('a distance to an event', () => {
  it.each([
    'in the last 48 hours before the wedding',
    'What broke in the last two weeks before the wedding in Graz?',
    'What did we buy in the past 3 days after the move?',
  ])('is no time that lasts until now as well: %s', async (query) => {
    expect(await rangesOf(query)).toEqual([]);
  });

  it('leaves what is said of now beside it, in the same words or others', async () => {
    const query = 'What broke in the last 48 hours, and what in the last 48 hours before the wedding?';
    expect(await rangesOf(query)).toEqual(['last 48 hours']);
    expect(await rangesOf('in the last 48 hours before the wedding in June 2022')).toEqual(['June 2022']);
    expect(await rangesOf('What was told yesterday of the day before the wedding?')).toEqual(['yesterday']);
  });
});

describe('the events that a query hangs on', () => {
  it.each([
    ['two weeks before the wedding', 'before', 'the wedding', 14],
    ['What did she do the day after the interview?', 'after', 'the interview', 1],
    ['a month after meeting Maria', 'after', 'meeting Maria', 30.44],
    ['three days before Maria’s party, who called?', 'before', 'Maria’s party', 3],
    ['What did Melanie do after the road trip to relax?', 'after', 'the road trip', undefined],
    ['Why did he join after the visit to the hospital?', 'after', 'the visit to the hospital', undefined],
    ['After the wedding what did she buy?', 'after', 'the wedding', undefined],
    ['before she moved to Lisbon', 'before', 'she moved to Lisbon', undefined],
    [
      'How has it improved since starting boot camps with his family?',
      'after',
      'starting boot camps with his family',
      undefined,
    ],
    ['What did they make during the pottery workshop?', 'around', 'the pottery workshop', undefined],
    ['Who was on call at the time of the outage?', 'around', 'the outage', undefined],
    ['the day of the interview', 'around', 'the interview', undefined],
    ['What did they see during their trip last year?', 'around', 'their trip', undefined],
  ])('are known of: %s', async (query, relation, event, days) => {
    const anchor = await only(query);
    expect(anchor).toMatchObject({ relation, event });
    if (days === undefined) expect(anchor).not.toHaveProperty('offsetMs');
    else expect((anchor.offsetMs ?? 0) / DAY_MS).toBeCloseTo(days, 9);
    expect(query).toContain(anchor.text);
  });

  it.each([
    ...[
      'look after the kids',
      'Who is named after her grandmother?',
      'since he likes dogs',
      'since the dog is ill',
    ],
    ...[
      'never seen it before',
      'before and after',
      'after all that',
      'around the house',
      'before 2020',
      'after school',
    ],
    ...[
      'one after the other',
      'since last week',
      'during the summer',
      'the week before August 3, 2023',
      'before that',
    ],
  ])('are none of: %s', async (query) => {
    expect(await read(query)).toEqual([]);
  });
});

describe('an event whose time was found', () => {
  const wedding = Date.parse('2023-06-17T15:00:00Z');
  const range = async (query: string) => resolveAnchor(await only(query), wedding, NOW);
  const days = async (query: string) => {
    const { fromMs, toMs } = await range(query);
    return [
      Math.round(((fromMs - wedding) / DAY_MS) * 100) / 100,
      Math.round(((toMs - wedding) / DAY_MS) * 100) / 100,
    ];
  };

  it('gives a range the wider the coarser the unit and the longer the distance', async () => {
    expect(await days('three hours before the wedding')).toEqual([-0.17, -0.08]);
    expect(await days('the day after the wedding')).toEqual([0, 2]);
    expect(await days('two weeks before the wedding')).toEqual([-17.5, -10.5]);
    expect(await days('six months before the wedding')).toEqual([-205.47, -159.81]);
  });

  it('gives all of a distance where that is said', async () => {
    expect(await days('in the 48 hours before the wedding')).toEqual([-2, 0]);
    expect(await days('the week after the wedding')).toEqual([0, 7]);
  });

  it('gives a month where no distance is said, and all until now since it', async () => {
    expect(await days('before the wedding')).toEqual([-30, 0]);
    expect(await days('after the wedding')).toEqual([0, 30]);
    expect(await days('during the wedding')).toEqual([-1, 1]);
    expect(await range('since the wedding')).toMatchObject({
      fromMs: wedding,
      toMs: NOW + 1,
      isOpenEnded: true,
    });
  });

  it('holds what lies at the distance told, whatever that is', () => {
    const anchors = fc.record({
      relation: fc.constantFrom('before' as const, 'after' as const),
      offsetMs: fc.integer({ min: 1, max: 2_000 * DAY_MS }),
      unitMs: fc.constantFrom(HOUR_MS, DAY_MS, 7 * DAY_MS),
      isWithin: fc.boolean(),
    });
    fc.assert(
      fc.property(anchors, (parts) => {
        const anchor = { ...parts, event: 'the wedding', isOpenEnded: false, text: '' };
        const found = resolveAnchor(anchor, wedding, NOW);
        const told = wedding + (parts.relation === 'before' ? -1 : 1) * parts.offsetMs;
        expect(timeMatch(found, told)).toBe(1);
        expect(found.fromMs).toBeLessThan(found.toMs);
      }),
    );
  });
});

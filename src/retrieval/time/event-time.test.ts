import { describe, expect, it } from 'vitest';
import { Analyser } from '../../text/terms.ts';
import { eventTimeIn } from './event-time.ts';
import type { TimeOptions } from './types.ts';

/** A Thursday. */
const TOLD = Date.parse('2024-05-02T18:00:00Z');
const analyser = new Analyser();
const termsOf = (text: string) => analyser.wordsOf(text).flatMap((word) => analyser.termOf(word) ?? []);

async function datesOf(text: string, event: string, toldAt = TOLD, options?: TimeOptions) {
  const terms = new Set(termsOf(event).filter((term) => !analyser.isStopWord(term)));
  const { range } = await eventTimeIn(text, { terms, termsOf }, toldAt, options);
  return range && [range.fromMs, range.toMs].map((ms) => new Date(ms).toISOString().slice(0, 10));
}

describe('the date that a text gives an event', () => {
  it.each<[string, string, string, string]>([
    ['The wedding is on 14 June.', 'wedding', '2024-06-14', '2024-06-15'],
    ['Our wedding will be on 14 January in Graz.', 'wedding', '2025-01-14', '2025-01-15'],
    ['The wedding was on 14 January in Graz.', 'wedding', '2024-01-14', '2024-01-15'],
    ['On 14 January we had the wedding of Rui.', 'wedding of Rui', '2024-01-14', '2024-01-15'],
    ['We marry next Saturday, and the wedding party is at the farm.', 'wedding', '2024-05-04', '2024-05-05'],
    ['The move is this Monday.', 'move', '2024-05-06', '2024-05-07'],
    ['We moved to Porto on 3 March.', 'move to Porto', '2024-03-03', '2024-03-04'],
    ['We move on 3 March.', 'move', '2025-03-03', '2025-03-04'],
    ['We moved yesterday, at last.', 'move', '2024-05-01', '2024-05-02'],
    ['We get married on 14 January, and the wedding is in Graz.', 'wedding', '2025-01-14', '2025-01-15'],
    ['Two hundred guests come to the wedding on 14 June.', 'wedding', '2024-06-14', '2024-06-15'],
    ['They agreed on the contract on 14 January.', 'contract', '2024-01-14', '2024-01-15'],
    ['The launch was postponed to 21 May.', 'launch', '2024-05-21', '2024-05-22'],
    ['We planned the launch for 21 February.', 'launch', '2025-02-21', '2025-02-22'],
    ['Launch 29 April', 'launch', '2024-04-29', '2024-04-30'],
    ['The audit starts in two weeks.', 'audit', '2024-05-13', '2024-05-20'],
    ['The audit is ten days from now.', 'audit', '2024-05-12', '2024-05-13'],
    ['My exam is the day after tomorrow.', 'exam', '2024-05-04', '2024-05-05'],
    ['The recital takes place on 2024-07-09 in the hall.', 'recital', '2024-07-09', '2024-07-10'],
    ['The wedding was last summer.', 'wedding', '2023-06-01', '2023-09-01'],
    ['The wedding is in the summer.', 'wedding', '2024-06-01', '2024-09-01'],
    ['The retreat is in Q3.', 'retreat', '2024-07-01', '2024-10-01'],
  ])('is read against when it was told, by the tense: %s', async (text, event, from, to) => {
    expect(await datesOf(text, event)).toEqual([from, to]);
  });

  it.each<[string, string, string]>([
    ['We met on 3 May 2019, and the wedding is on 14 June.', 'wedding', '2024-06-14'],
    ['The wedding is on 14 June, and the christening on 20 June.', 'wedding', '2024-06-14'],
    ['The wedding is on 14 June, and the christening on 20 June.', 'christening', '2024-06-20'],
    [
      'The rent is due on 1 June. The wedding is on 14 June. Rui flies home on 20 June.',
      'wedding',
      '2024-06-14',
    ],
    ['The wedding has a date! It is on 14 June.', 'wedding', '2024-06-14'],
    ['We bought a sofa after the move on 3 March.', 'move', '2024-03-03'],
    ['I told her in January that the wedding takes place in September.', 'wedding', '2024-09-01'],
    ['In May we heard that the wedding is in September.', 'wedding', '2024-09-01'],
  ])('is the one that stands nearest to its words: %s (%s)', async (text, event, from) => {
    expect((await datesOf(text, event))?.[0]).toBe(from);
  });

  it.each<[string, string, string]>([
    ['The wedding was moved from 14 June to 21 September.', 'wedding', '2024-09-21'],
    ['The wedding has been postponed from June 14 to July 5.', 'wedding', '2024-07-05'],
    ['We pushed the launch back from Friday to next Monday.', 'launch', '2024-05-06'],
    ['The wedding is soon. It was moved from the 14th of June to the 21st.', 'wedding', ''],
    ['The wedding is not on 14 June but on 21 June.', 'wedding', '2024-06-21'],
    ['The wedding isn’t on 14 June, it is on 21 June.', 'wedding', '2024-06-21'],
    ['The wedding won’t take place on 14 June but on 21 June.', 'wedding', '2024-06-21'],
    ['The wedding is on 21 June, not on 14 June.', 'wedding', '2024-06-21'],
    ['The wedding is on 21 June instead of 14 June.', 'wedding', '2024-06-21'],
    ['The wedding is not on 14 June. It is on 21 June.', 'wedding', '2024-06-21'],
    ['We did not come to the wedding on 14 January.', 'wedding', '2024-01-14'],
    ['The wedding lasts from 14 June to 16 June.', 'wedding', '2024-06-14'],
    ['Our move takes from 14 June to 16 June.', 'move', '2024-06-14'],
    ['We moved from Porto to Lisbon on 3 March.', 'move to Lisbon', '2024-03-03'],
  ])('is the one that holds, not one that is denied or was before: %s', async (text, event, from) => {
    expect((await datesOf(text, event))?.[0] ?? '').toBe(from);
  });

  it.each<[string, string, string]>([
    ['The wedding has a date! On 14 June, at the farm.', 'wedding', '2024-06-14'],
    ['The wedding has a date! In June, if it does not rain.', 'wedding', '2024-06-01'],
    ['The wedding has a date! On 14 June it will take place.', 'wedding', '2024-06-14'],
    ['The wedding has a date! The date is 14 June.', 'wedding', '2024-06-14'],
    ['The wedding is soon. In May we fly to Rome.', 'wedding', ''],
    ['The wedding is soon. In May, we fly to Rome.', 'wedding', ''],
    ['The wedding is soon. On 14 June Ana flies to Rome.', 'wedding', ''],
    ['The wedding is soon. This weekend we fly to Rome.', 'wedding', ''],
    ['The wedding is soon. In May the garden needs us.', 'wedding', ''],
    ['The wedding is soon. In Rome we stayed with Bo in May.', 'wedding', ''],
  ])('is taken from the sentence after it only where that goes on: %s', async (text, event, from) => {
    expect((await datesOf(text, event))?.[0] ?? '').toBe(from);
  });

  it.each<[string, string]>([
    ['We talked about the wedding last night.', 'wedding'],
    ['We talked about the wedding last night, nothing new.', 'wedding of Rui'],
    ['Yesterday we talked about the wedding.', 'wedding'],
    ['I bought a dress for the wedding yesterday.', 'wedding'],
    ['I bought a dress for Ana’s big wedding on Monday.', 'wedding'],
    ['I bought a dress for Rui’s wedding yesterday.', 'Rui’s wedding'],
    ['We talked about the wedding of Rui yesterday.', 'wedding of Rui'],
    ['The invitations for the wedding went out on 20 February.', 'wedding'],
  ])('is no past time at which it was only spoken of or made ready: %s', async (text, event) => {
    expect(await datesOf(text, event)).toBeUndefined();
  });

  it.each<[string, string, string]>([
    ['We booked the farm for the wedding on 14 June.', 'wedding', '2024-06-14'],
    ['I will buy a dress for the wedding next Saturday.', 'wedding', '2024-05-04'],
    ['For Ana the wedding was on 14 January.', 'wedding', '2024-01-14'],
    ['We waited for Bo at the wedding yesterday.', 'wedding', '2024-05-01'],
    ['We talked about the wedding last night. It is on 14 June.', 'wedding', '2024-06-14'],
  ])('is what stands beside it all the same in: %s', async (text, event, from) => {
    expect((await datesOf(text, event))?.[0]).toBe(from);
  });

  it.each<[string, string]>([
    ['The wedding was lovely.', 'wedding'],
    ['The wedding is not on 14 June.', 'wedding'],
    ['The rent is due on 1 June. The wedding cost more.', 'wedding'],
    ['On 1 June, two weeks before the wedding, the rings came.', 'wedding'],
    ['The wedding must be before June.', 'wedding'],
    ['We moved house in three days.', 'move'],
    ['The band of the wedding was big in the 1990s.', 'wedding'],
    ['Nothing of the kind on 14 June.', 'wedding'],
  ])('is none in: %s', async (text, event) => {
    expect(await datesOf(text, event)).toBeUndefined();
  });

  it('is looked for in the first of very many sentences that name it', async () => {
    const long = `${'The wedding cost more. '.repeat(7)}The wedding is on 14 June. `;
    expect((await datesOf(long, 'wedding'))?.[0]).toBe('2024-06-14');
    expect(await datesOf(`The wedding cost more. ${long}`, 'wedding')).toBeUndefined();
  });

  it('is a day of where it is asked', async () => {
    const terms = new Set(termsOf('wedding'));
    const text = 'The wedding is on 14 June.';
    const { range } = await eventTimeIn(text, { terms, termsOf }, TOLD, { utcOffsetMinutes: 120 });
    expect(range?.fromMs).toBe(Date.parse('2024-06-13T22:00:00Z'));
  });

  it('is told to be unknown where the library that reads dates is not there', async () => {
    const load = () => Promise.reject(new Error('no network'));
    const read = await eventTimeIn(
      'The wedding is on 14 June.',
      { terms: new Set(termsOf('wedding')), termsOf },
      TOLD,
      {},
      load,
    );
    expect(read).toEqual({ degraded: expect.stringContaining('no network') });
  });
});

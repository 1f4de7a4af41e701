import { describe, expect, it } from 'vitest';
import type { MemoryEngine, NewMemory, PlanTime, SearchOptions } from '../types.ts';
import { NOW, openTestEngine } from './engine-test-util.ts';

const DAY_MS = 86_400_000;
const at = (date: string) => Date.parse(`${date}T12:00:00Z`);
/** The clock of the engines stands at 2023-11-14. */
const told = (date: string, content: string, extra: Partial<NewMemory> = {}): NewMemory => ({
  content,
  createdAt: at(date),
  ...extra,
});

async function openWith(...memories: readonly NewMemory[]) {
  const engine = await openTestEngine({ changeRule: 'off' });
  const { ids } = await engine.addMany(memories);
  return { engine, ids };
}

async function timesOf(engine: MemoryEngine, question: string, options?: SearchOptions) {
  return (await engine.search(question, options)).plan.times ?? [];
}

const covers = (time: PlanTime | undefined, date: string) =>
  time !== undefined && time.fromMs <= at(date) && at(date) < time.toMs;

describe('the time of an event that a question hangs on', () => {
  it('is the date that a memory gives it, and the plan says whose words these are', async () => {
    const { engine, ids } = await openWith(
      told('2023-03-01', 'The wedding of Rui is on 14 June.'),
      told('2023-03-02', 'The roof leaks again.'),
    );
    const [time, ...others] = await timesOf(engine, 'What did she buy two weeks before the wedding of Rui?');
    expect(others).toEqual([]);
    expect(covers(time, '2023-05-31')).toBe(true);
    expect(covers(time, '2023-02-15')).toBe(false);
    expect(time?.isStrict).toBe(false);
    expect(time?.event).toMatchObject({ id: ids[0], text: expect.stringContaining('14 June') });
    expect([time?.event?.fromMs, time?.event?.toMs]).toEqual([
      Date.parse('2023-06-14'),
      Date.parse('2023-06-15'),
    ]);
    await engine.close();
  });

  it('brings up what happened then, not what happened when it was told of', async () => {
    const { engine } = await openWith(
      told('2023-03-01', 'The wedding of Rui is on 14 June.'),
      told('2023-02-15', 'She bought a pair of shoes at the market.'),
      told('2023-05-31', 'She bought a pair of gloves at the market.'),
    );
    const { hits } = await engine.search(
      'What did she buy at the market two weeks before the wedding of Rui?',
    );
    const bought = hits.map(({ memory }) => memory.content).filter((content) => content.includes('pair'));
    expect(bought[0]).toContain('gloves');
    await engine.close();
  });

  it('is when the memory was told where its text gives no date, or when it begins to hold', async () => {
    const { engine, ids } = await openWith(told('2023-03-01', 'The wedding of Rui was in Porto'));
    const question = 'What did she do two weeks before the wedding of Rui?';
    const [time] = await timesOf(engine, question);
    expect(covers(time, '2023-02-15')).toBe(true);
    expect(time?.event).toEqual({ id: ids[0], fromMs: at('2023-03-01'), toMs: at('2023-03-01') });
    await engine.update(ids[0] ?? '', { validFrom: at('2023-06-14') });
    expect(covers((await timesOf(engine, question))[0], '2023-05-31')).toBe(true);
    await engine.close();
  });

  it('is reckoned from when a fact begins that was added later', async () => {
    const { engine } = await openWith({
      content: 'The move to Porto is next Saturday.',
      createdAt: NOW,
      validFrom: at('2021-06-10'),
    });
    const [time] = await timesOf(engine, 'What broke the day after the move to Porto?');
    expect(covers(time, '2021-06-13')).toBe(true);
    await engine.close();
  });

  it('is that of each memory that tells of it, and only of those that give a date where one does', async () => {
    const undated = [
      told('2023-03-01', 'The wedding was lovely'),
      told('2023-04-01', 'The wedding cake was late'),
    ];
    const { engine, ids } = await openWith(...undated);
    expect(await timesOf(engine, 'What did she do after the wedding?')).toHaveLength(2);
    const { id } = await engine.add(told('2023-02-01', 'The wedding is on 14 June'));
    const times = await timesOf(engine, 'What did she do after the wedding?');
    expect(times.map(({ event }) => event?.id)).toEqual([id]);
    expect(ids).not.toContain(id);
    await engine.close();
  });

  it('is not the date that was replaced', async () => {
    const { engine, ids } = await openWith(told('2023-02-01', 'The wedding is on 14 June'));
    const { id } = await engine.supersede(ids[0] ?? '', told('2023-03-01', 'The wedding is on 21 July'));
    const times = await timesOf(engine, 'What did she do after the wedding?');
    expect(times.map(({ event }) => [event?.id, event?.text])).toEqual([
      [id, expect.stringContaining('21 July')],
    ]);
    await engine.close();
  });

  it('is not known where no memory that may be found has all words of it, and where none is asked for', async () => {
    const { engine } = await openWith(
      told('2023-02-01', 'The wedding is on 14 June', { sessionId: 'other' }),
      told('2023-02-02', 'We sailed to Madeira'),
    );
    expect(await timesOf(engine, 'What did she do after the wedding in Madeira?')).toEqual([]);
    expect(await timesOf(engine, 'What did she do after the divorce?')).toEqual([]);
    expect(await timesOf(engine, 'What did she do?')).toEqual([]);
    const filter = { sessionId: 'mine' };
    expect(await timesOf(engine, 'What did she do after the wedding?', { filter })).toEqual([]);
    await engine.close();
  });

  it('is looked up once for all wordings that mean the same time', async () => {
    const { engine } = await openWith(told('2023-03-01', 'The wedding of Rui is on 14 June.'));
    const queries = ['purchases', 'things bought'];
    const times = await timesOf(engine, 'What did she buy after the wedding of Rui?', { queries });
    expect(times).toHaveLength(1);
    expect(times[0]?.fromMs).toBe(Date.parse('2023-06-14') + DAY_MS / 2);
    await engine.close();
  });
});

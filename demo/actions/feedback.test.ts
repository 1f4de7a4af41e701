import { expect, test } from 'vitest';
import { LociError } from '../../src/errors.ts';
import { createFakeEngine } from '../fake-engine.ts';
import { loadSettings } from '../settings.ts';
import { type App, createState, type Services } from '../state.ts';
import { tellUseful } from './feedback.ts';

async function pageWithAnswer() {
  const engine = createFakeEngine();
  const { id } = await engine.add({ content: 'My sister Ana lives in Lisbon' });
  const { hits, ms, embedMs } = await engine.search('Where does my sister live?');
  const state = createState(loadSettings('', undefined));
  state.engine.value = engine;
  const recall = { hits, ms, embedMs, considered: 1 };
  state.turns.value = [1, 2].map((turn) => ({
    id: turn,
    role: 'assistant',
    text: 'Lisbon',
    state: 'done',
    recall,
  }));
  const app: App = { state, services: {} as Services, sessionId: 's1' };
  const told = () =>
    state.turns.value.map(({ recall }) => [recall?.verdicts?.[id], recall?.hits[0]?.memory.feedback]);
  return { app, engine, id, told };
}

test('a verdict is told once for an answer, and every answer shows what the engine knows of the memory', async () => {
  const { app, id, told } = await pageWithAnswer();
  await Promise.all([tellUseful(app, 1, id, false), tellUseful(app, 1, id, false)]);
  await tellUseful(app, 1, id, false);
  const once = expect.objectContaining({ useful: 0, useless: 1 });
  expect(told()).toEqual([
    [false, once],
    [undefined, once],
  ]);
  await tellUseful(app, 2, id, true);
  const both = expect.objectContaining({ useful: 1, useless: 1 });
  expect(told()).toEqual([
    [false, both],
    [true, both],
  ]);
});

test('a verdict that could not be kept is told as an error, and not shown as told', async () => {
  const { app, engine, id, told } = await pageWithAnswer();
  engine.reinforce = () => Promise.reject(new LociError('QUOTA_EXCEEDED', 'full'));
  await tellUseful(app, 1, id, true);
  expect(app.state.notices.value).toMatchObject([{ code: 'QUOTA_EXCEEDED', message: 'full' }]);
  expect(told()[0]).toEqual([undefined, undefined]);
  expect(app.state.lastWrite.value).toBe('failed');
});

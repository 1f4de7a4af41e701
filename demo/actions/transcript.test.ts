import { expect, test } from 'vitest';
import { createFakeEngine } from '../fake-engine.ts';
import type { ChatTurn } from '../state.ts';
import { scrub } from './transcript.ts';

test('what is forgotten leaves the log: the statement, and answers that quoted it', async () => {
  const engine = createFakeEngine();
  const { id } = await engine.add({ content: 'My locker code is 4711' });
  const { hits, ms, embedMs } = await engine.search('What is my locker code?');
  const said: ChatTurn = { id: 1, role: 'user', text: 'My locker code is 4711', state: 'done', memoryId: id };
  const answer: ChatTurn = {
    id: 2,
    role: 'assistant',
    text: 'You said: “My locker code is 4711”',
    state: 'done',
    recall: { hits, ms, embedMs, considered: 1 },
  };
  const log = JSON.stringify([said, answer].map((turn) => scrub(turn, new Set([id]))));
  expect(log).not.toContain('4711');
  expect(scrub(answer, new Set(['another']))).toBe(answer);
});

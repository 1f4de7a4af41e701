import { describe, expect, test } from 'vitest';
import { LociError } from '../src/errors.ts';
import { type AgentEvent, handleMessage } from './agent.ts';
import { createFakeEngine, type FakeEngine } from './fake-engine.ts';
import { createQuotingResponder } from './responders/quoting.ts';
import type { Responder, RespondRequest } from './responders/responder.ts';

const quoting = createQuotingResponder();

async function say(engine: FakeEngine, text: string, responder: Responder = quoting) {
  const events: AgentEvent[] = [];
  const parts = { engine, responder, fallback: quoting, sessionId: 's1' };
  const message = { text, history: [], signal: new AbortController().signal };
  for await (const event of handleMessage(parts, message)) events.push(event);
  const answer = events.map((event) => (event.type === 'piece' ? event.text : '')).join('');
  return { events, answer };
}

function responderOf(respond: (request: RespondRequest) => AsyncIterable<string>): Responder {
  return { name: 'test', recallsFor: 'everything', respond };
}

describe('the agent', () => {
  test('stores a statement as the user’s, in the working tier of this session', async () => {
    const engine = createFakeEngine();
    const { answer } = await say(engine, 'My sister Ana lives in Lisbon');
    expect(answer).toBe('Noted. I will remember that.');
    expect(engine.memories).toMatchObject([
      {
        content: 'My sister Ana lives in Lisbon',
        speaker: 'user',
        sessionId: 's1',
        kind: 'episodic',
        tier: 'working',
      },
    ]);
  });

  test('answers a question with the memory, and does not store the question', async () => {
    const engine = createFakeEngine();
    await say(engine, 'My sister Ana lives in Lisbon');
    const { answer, events } = await say(engine, 'Where does my sister live?');
    expect(answer).toMatch(/^You said on \d+ \w+ \d{4}: “My sister Ana lives in Lisbon”$/);
    expect(events.find(({ type }) => type === 'recalled')).toMatchObject({
      hits: [{ score: expect.any(Number) }],
    });
    expect(engine.memories).toHaveLength(1);
  });

  test('never quotes an earlier question back, not even the same one', async () => {
    const engine = createFakeEngine();
    await engine.addMany([
      { content: 'where does my SISTER live' },
      { content: 'Does my sister live in Rome?' },
    ]);
    expect((await say(engine, 'Where does my sister live?')).answer).toMatch(/^I know nothing about that/);
  });

  test('says that it knows nothing when no memory fits', async () => {
    const engine = createFakeEngine();
    await engine.add({ content: 'The library closes at six' });
    expect((await say(engine, 'What is my blood type?')).answer).toMatch(/^I know nothing about that/);
  });

  test('keeps what a mixed message states, and answers what it asks from that too', async () => {
    const engine = createFakeEngine();
    const { answer } = await say(engine, 'My dog Rex is brown. What colour is my dog Rex?');
    expect(engine.memories.map(({ content }) => content)).toEqual(['My dog Rex is brown.']);
    expect(answer).toContain('“My dog Rex is brown.”');
  });

  test('hands a model the memories that fit a statement, but not the statement itself', async () => {
    const engine = createFakeEngine();
    await engine.add({ content: 'My sister Ana likes tea' });
    const seen: string[] = [];
    const model = responderOf(async function* ({ hits }) {
      seen.push(...hits.map(({ memory }) => memory.content));
      yield 'Ok.';
    });
    await say(engine, 'My sister Ana moved', model);
    expect(seen).toEqual(['My sister Ana likes tea']);
  });

  test('falls back to quoting when the model fails, and says why', async () => {
    const engine = createFakeEngine();
    await engine.add({ content: 'My sister Ana lives in Lisbon' });
    const broken = responderOf(async function* () {
      yield 'Your sis';
      throw new LociError('MODEL_UNAVAILABLE', 'no model');
    });
    const { events } = await say(engine, 'Where does my sister live?', broken);
    const at = events.findIndex(({ type }) => type === 'fallback');
    expect(events[at]).toMatchObject({ error: { code: 'MODEL_UNAVAILABLE' } });
    const after = events.slice(at + 1).map((event) => (event.type === 'piece' ? event.text : ''));
    expect(after.join('')).toContain('“My sister Ana lives in Lisbon”');
  });

  test('does not fall back when the user stopped the answer', async () => {
    const stopping = responderOf(async function* () {
      yield 'Your';
      throw new LociError('RESPONDER_FAILED', 'stopped', { details: { aborted: true } });
    });
    await expect(say(createFakeEngine(), 'Who am I?', stopping)).rejects.toMatchObject({
      code: 'RESPONDER_FAILED',
    });
  });

  test('repeats a write of unknown outcome with its operation id, so that it is kept once', async () => {
    const engine = createFakeEngine();
    const { add } = engine;
    const opIds: unknown[] = [];
    engine.add = (memory, options) => {
      opIds.push(options?.opId);
      if (opIds.length > 1) return add(memory, options);
      return Promise.reject(new LociError('OUTCOME_UNKNOWN', 'the worker died', { opId: 'op-7' }));
    };
    await say(engine, 'My sister lives in Lisbon');
    expect(opIds).toEqual([undefined, 'op-7']);
    expect(engine.memories).toHaveLength(1);
  });

  test('throws a storage error and answers nothing, since nothing is kept', async () => {
    const engine = createFakeEngine();
    engine.add = () => Promise.reject(new LociError('QUOTA_EXCEEDED', 'full'));
    await expect(say(engine, 'My sister lives in Lisbon')).rejects.toMatchObject({ code: 'QUOTA_EXCEEDED' });
  });
});

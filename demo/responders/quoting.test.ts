import { describe, expect, test } from 'vitest';
import type { HitExplanation, NewMemory, SearchHit } from '../../src/types.ts';
import { createFakeEngine } from '../fake-engine.ts';
import { createQuotingResponder } from './quoting.ts';
import type { Intent } from './responder.ts';

async function hitOf(
  content: string,
  cosine: number,
  terms: readonly string[],
  extra: Partial<NewMemory> = {},
) {
  const engine = createFakeEngine();
  await engine.add({ content, speaker: 'user', createdAt: Date.UTC(2026, 2, 14, 12), ...extra });
  const [memory] = engine.memories;
  if (memory === undefined) throw new Error('the fake engine kept nothing');
  const why: HitExplanation = {
    foundBy: ['vector'],
    signals: [],
    vector: { raw: cosine, normalized: cosine, weight: 0.6, space: 'minilm-384', trust: 1 },
    ...(terms.length === 0 ? {} : { lexical: { raw: 2, normalized: 1, weight: 0.4, terms } }),
  };
  return { id: memory.id, score: cosine, memory, why } satisfies SearchHit;
}

async function answer(hits: readonly SearchHit[], question: string, intent: Intent = 'question') {
  const { signal } = new AbortController();
  const pieces: string[] = [];
  const request = { question, intent, hits, history: [], signal };
  for await (const piece of createQuotingResponder().respond(request)) pieces.push(piece);
  return pieces.join('');
}

describe('the quoting responder', () => {
  test('quotes with speaker and date', async () => {
    const hit = await hitOf('I am moving to Porto', 0.6, ['porto'], { speaker: 'Caroline' });
    expect(await answer([hit], 'Who moves to Porto?')).toBe(
      'Caroline said on 14 March 2026: “I am moving to Porto”',
    );
  });

  test('knows nothing when there are no hits', async () => {
    expect(await answer([], 'Who am I?')).toMatch(/^I know nothing/);
  });

  test('says of what was replaced that it holds no longer', async () => {
    const hit = { ...(await hitOf('I live in Lisbon', 0.6, ['lisbon'])), validity: 'superseded' as const };
    expect(await answer([hit], 'Where do I live?')).toBe(
      'You said on 14 March 2026, which holds no longer: “I live in Lisbon”',
    );
  });

  test('quotes the same words once', async () => {
    const hits = [await hitOf('I like tea', 0.7, ['tea']), await hitOf('I like tea!', 0.7, ['tea'])];
    expect((await answer(hits, 'Do I like tea?')).match(/tea/g)).toHaveLength(1);
  });

  test('sends the user to the Memories panel when asked to forget', async () => {
    const hit = await hitOf('I live in Lisbon', 0.8, ['lisbon']);
    const text = await answer([hit], 'Forget that I live in Lisbon', 'forget');
    expect(text).toContain('Memories panel');
    expect(text).toContain('“I live in Lisbon”');
  });
});

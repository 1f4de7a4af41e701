import { describe, expect, test } from 'vitest';
import type { HitExplanation, Memory, SearchHit } from '../src/types.ts';
import { createFakeEngine } from './fake-engine.ts';
import { isRelevant, relevantHits } from './relevance.ts';

const LAST_WEEK = { fromMs: 0, toMs: 7 * 86_400_000, text: 'last week', isStrict: false };
const IN_MAY = { ...LAST_WEEK, text: 'in May 2023' };

async function hitOf(
  terms: readonly string[],
  cosine: number,
  given: { readonly space?: string; readonly time?: number; readonly calibrated?: number } = {},
): Promise<SearchHit> {
  const engine = createFakeEngine();
  const { id } = await engine.add({ content: 'anything' });
  const memory = (await engine.get(id)) as Memory;
  const { space = 'minilm-384', time, calibrated } = given;
  const why: HitExplanation = {
    foundBy: ['vector'],
    signals: time === undefined ? [] : [{ signal: 'time', value: time, weight: 2, score: 0.2 }],
    vector: { raw: cosine, normalized: cosine, weight: 0.6, space, trust: 1, calibrated },
    ...(terms.length === 0 ? {} : { lexical: { raw: 2, normalized: 1, weight: 0.4, terms } }),
  };
  return { id, score: 0.9, memory, why };
}

describe('a hit says something about a question', () => {
  test('by meaning alone where it is close, on the scale of the model that asks', async () => {
    const asked = { query: 'In which city is the home of my sister?' };
    expect(isRelevant(await hitOf([], 0.55), asked)).toBe(true);
    expect(isRelevant(await hitOf([], 0.3), asked)).toBe(false);
    expect(isRelevant(await hitOf([], 0.3, { calibrated: 0.4 }), asked)).toBe(true);
  });

  test('by words that carry meaning, one of which may be a coincidence', async () => {
    const asked = { query: 'What is my blood type?' };
    expect(isRelevant(await hitOf(['my', 'is'], 0.12), asked)).toBe(false);
    expect(isRelevant(await hitOf(['blood'], 0.12), asked)).toBe(false);
    expect(isRelevant(await hitOf(['blood'], 0.22), asked)).toBe(true);
    expect(isRelevant(await hitOf(['blood', 'type'], 0), asked)).toBe(true);
  });

  test('not by a hashed vector, which is close where only grammar is shared', async () => {
    const hashed = { space: 'hashed-512' };
    const asked = { query: 'What is my blood type?' };
    expect(isRelevant(await hitOf(['what', 'is'], 0.45, hashed), asked)).toBe(false);
    expect(isRelevant(await hitOf(['blood'], 0.1, hashed), asked)).toBe(true);
  });

  test('by its time alone where nothing else is asked for', async () => {
    const asked = { query: 'What happened last week?', times: [LAST_WEEK] };
    expect(isRelevant(await hitOf([], 0.05, { time: 1 }), asked)).toBe(true);
    expect(isRelevant(await hitOf([], 0.05, { time: 0.9 }), asked)).toBe(false);
    expect(isRelevant(await hitOf([], 0.05, { time: 1 }), { ...asked, query: 'Who fell last week?' })).toBe(
      false,
    );
  });

  test('by words of time as by one word in common, however many they are', async () => {
    const asked = { query: 'What did I eat in May 2023?', times: [IN_MAY] };
    expect(isRelevant(await hitOf(['may', '2023'], 0.1, { time: 1 }), asked)).toBe(false);
    expect(isRelevant(await hitOf(['may', '2023'], 0.25, { time: 1 }), asked)).toBe(true);
    expect(isRelevant(await hitOf(['eat', 'may'], 0.1, { time: 1 }), asked)).toBe(true);
  });

  test('by answering one that does, right after it in its session', async () => {
    const asked = { query: 'Why was the opening moved?' };
    const at = async (position: number, terms: readonly string[], answer: number) => {
      const hit = await hitOf(terms, 0.2);
      const memory = { ...hit.memory, sessionId: 's1', position };
      const signals = [{ signal: 'answer' as const, value: answer, weight: 2, score: 0.1 }];
      return { ...hit, id: String(position), memory, why: { ...hit.why, signals } };
    };
    const hits = [await at(3, [], 0.4), await at(2, ['opening', 'moved'], 0), await at(8, [], 0.4)];
    expect(relevantHits(hits, asked).map(({ id }) => id)).toEqual(['3', '2']);
    const unlike = [await at(3, [], 0.1), await at(2, ['opening', 'moved'], 0)];
    expect(relevantHits(unlike, asked).map(({ id }) => id)).toEqual(['2']);
  });
});

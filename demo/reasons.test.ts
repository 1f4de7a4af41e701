import { describe, expect, test } from 'vitest';
import type { HitExplanation, Memory, SearchHit, SignalName } from '../src/types.ts';
import { createFakeEngine } from './fake-engine.ts';
import {
  describeFeedback,
  describeFoundBy,
  describeMeasures,
  describeParts,
  describeTime,
  describeValidity,
} from './reasons.ts';

async function hitOf(why: Partial<HitExplanation>, content = 'I live in Porto'): Promise<SearchHit> {
  const engine = createFakeEngine();
  const { id } = await engine.add({ content });
  const memory = (await engine.get(id)) as Memory;
  return { id, score: 0.5, memory, why: { foundBy: [], signals: [], ...why } };
}

const part = (signal: SignalName, score: number) => ({ signal, value: 1, weight: 1, score });

describe('the reasons for a hit', () => {
  test('say what found it', async () => {
    expect(describeFoundBy(await hitOf({ foundBy: ['vector', 'lexical'] }))).toBe(
      'Found by meaning and by words',
    );
    expect(describeFoundBy(await hitOf({ foundBy: ['speaker'] }))).toBe('Found by who said it');
    expect(describeFoundBy(await hitOf({ foundBy: ['neighbour'] }))).toBe(
      'Found beside another that was found',
    );
    expect(describeFoundBy(await hitOf({ foundBy: ['vector', 'lexical', 'association'] }))).toBe(
      'Found by meaning, by words, by association',
    );
  });

  test('name the largest parts of the score, for and against, and add up', async () => {
    const names = [
      ...(['passage', 'meaning', 'session', 'outdated', 'statement', 'length', 'speaker', 'answer'] as const),
      ...(['recency', 'use'] as const),
    ];
    const scores = [0.1, 0.3, 0.05, -0.2, 0.04, 0.07, 0.06, 0.03, -0.01, 0.004];
    const hit = await hitOf({ signals: names.map((name, at) => part(name, scores[at] ?? 0)) });
    const parts = describeParts(hit);
    expect(parts[0]).toEqual({ text: 'its meaning', score: 0.3 });
    expect(parts[1]).toEqual({ text: 'does not hold now', score: -0.2 });
    expect(parts.map(({ score }) => score.toFixed(2)).join(' ')).toBe(
      '0.30 -0.20 0.10 0.07 0.06 0.05 0.04 0.02',
    );
    expect(parts.at(-1)?.text).toBe('3 smaller ones');
  });

  test('say against what speaks against', async () => {
    const signals = [part('answer', 0.2), part('recency', -0.1)];
    const texts = describeParts(await hitOf({ signals })).map(({ text }) => text);
    expect(texts).toEqual(['answers a question like yours', 'old']);
  });

  test('leave out what would read as nothing', async () => {
    expect(describeParts(await hitOf({ signals: [part('use', 0.004)] }))).toEqual([]);
  });

  test('give what was measured, with how far a model is trusted where that is not fully', async () => {
    const vector = { raw: 0.512, normalized: 1, weight: 1, space: 's', trust: 0.4 };
    const lexical = { raw: 3.2, normalized: 1, weight: 1, terms: ['sister', 'lives'] };
    expect(describeMeasures(await hitOf({ vector, lexical }))).toBe(
      'cosine 0.51, trusted 40 % · BM25 3.20: sister, lives',
    );
    expect(describeMeasures(await hitOf({ vector: { ...vector, trust: 1 } }))).toBe('cosine 0.51');
  });

  test('say of what does not hold what took its place, where that is on the page', async () => {
    const now = await hitOf({});
    const before = {
      ...(await hitOf({}, 'I live in Lisbon')),
      validity: 'superseded' as const,
      replacedBy: now.id,
    };
    expect(describeValidity(before, [now, before])).toBe('superseded by “I live in Porto”');
    expect(describeValidity(before, [before])).toBe('superseded by a later memory');
    expect(describeValidity({ ...before, validity: 'ended' }, [])).toBe('holds no longer');
    expect(describeValidity({ ...now, validity: 'current' }, [now])).toBeUndefined();
    expect(describeValidity(now, [now])).toBeUndefined();
  });

  test('say how a time in the question was read: days as days, windows to the minute', () => {
    const fromMs = new Date(2026, 2, 1).getTime();
    const toMs = new Date(2026, 2, 8).getTime();
    const week = describeTime({ text: 'last week', fromMs, toMs, isStrict: false });
    expect(week).toMatch(/^“last week” as /);
    expect(week).toMatch(/1.*7/);
    expect(week).not.toMatch(/:/);
    const window = describeTime({ text: 'in the last 48 hours', fromMs, toMs, isStrict: true });
    expect(window).toMatch(/:.*, and nothing else was looked at$/);
    const event = { id: 'an-id', fromMs, toMs, text: '14 June' };
    const after = describeTime({ text: 'after the wedding', fromMs, toMs, isStrict: false, event });
    expect(after).toMatch(/, since a memory says “14 June”$/);
  });

  test('count what was told of its use as far as it has not faded', () => {
    expect(describeFeedback({ useful: 0.98, useless: 2.1, at: 0 })).toBe(
      'told useful once, not useful 2 times',
    );
    expect(describeFeedback({ useful: 0, useless: 0.3, at: 0 })).toBeUndefined();
    expect(describeFeedback(undefined)).toBeUndefined();
  });
});

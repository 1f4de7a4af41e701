import { describe, expect, it } from 'vitest';
import { Analyser } from '../../../src/text/terms.ts';
import { PARAPHRASE_TOPICS } from './set.ts';

const pairs = PARAPHRASE_TOPICS.flatMap((topic) => topic.pairs);
const others = PARAPHRASE_TOPICS.flatMap((topic) => topic.others);
const analyser = new Analyser();
const termsOf = (text: string) =>
  new Set(analyser.wordsOf(text).flatMap((word) => analyser.termOf(word) ?? []));

describe('the set of paraphrases', () => {
  it('has at least 120 questions among at least 600 other sentences', () => {
    expect(pairs.length).toBeGreaterThanOrEqual(120);
    expect(others.length).toBeGreaterThanOrEqual(600);
  });

  it.each(pairs)('shares no content word between “$question” and its answer', ({ question, answer }) => {
    const asked = termsOf(question);
    expect([...termsOf(answer)].filter((term) => asked.has(term))).toEqual([]);
    expect(asked.size).toBeGreaterThan(0);
  });

  it('says nothing twice', () => {
    const all = [...others, ...pairs.flatMap(({ question, answer }) => [question, answer])];
    expect(new Set(all).size).toBe(all.length);
  });

  it('has several sentences on the topic of each answer', () => {
    for (const { topic, pairs: asked, others: near } of PARAPHRASE_TOPICS)
      if (asked.length > 0) expect(near.length, topic).toBeGreaterThanOrEqual(10);
  });
});

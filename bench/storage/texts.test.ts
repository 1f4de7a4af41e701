import { expect, test } from 'vitest';
import { createRandom } from '../../src/testing/environment.ts';
import { makeText, mostUsedWords, WORDS } from './texts.ts';

const random = createRandom(1);
const texts = Array.from({ length: 2_000 }, () => makeText(random));

test('texts have 400 bytes on average, and are the same for the same seed', () => {
  const bytes = texts.map((text) => new TextEncoder().encode(text).length);
  const mean = bytes.reduce((sum, each) => sum + each, 0) / bytes.length;
  expect(mean).toBeGreaterThan(370);
  expect(mean).toBeLessThan(420);
  expect(makeText(createRandom(1))).toBe(texts[0]);
});

test('words are used as in a language: the first twice as often as the second, many but once', () => {
  const counts = new Map<string, number>();
  for (const word of texts
    .join(' ')
    .toLowerCase()
    .match(/[a-z]+/g) ?? [])
    counts.set(word, (counts.get(word) ?? 0) + 1);
  const [first = 0, second = 0, third = 0] = [...counts.values()].sort((a, b) => b - a);
  expect(first / second).toBeCloseTo(2, 0);
  expect(first / third).toBeCloseTo(3, 0);
  expect(counts.size).toBeGreaterThan(WORDS / 4);
  const once = [...counts.values()].filter((count) => count === 1).length;
  expect(once / counts.size).toBeGreaterThan(0.1);
});

test('a hundred words make half of all texts, as stop words do', () => {
  const used = mostUsedWords(100);
  const words =
    texts
      .join(' ')
      .toLowerCase()
      .match(/[a-z]+/g) ?? [];
  const share = words.filter((word) => used.has(word)).length / words.length;
  expect(used.size).toBe(100);
  expect(share).toBeGreaterThan(0.4);
  expect(share).toBeLessThan(0.6);
});

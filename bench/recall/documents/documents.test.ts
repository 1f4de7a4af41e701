import { expect, it } from 'vitest';
import { paragraphsOf, readDocuments, readQuestions } from './documents.ts';
import { makeNotes } from './notes.ts';

it('finds every answer of a question about the documents in exactly one paragraph', () => {
  const { turns, questions } = readDocuments();
  expect(questions).toHaveLength(readQuestions().length);
  expect(questions.length).toBeGreaterThanOrEqual(60);
  expect(new Set(questions.map(({ question }) => question)).size).toBe(questions.length);
  for (const { gold } of questions) expect(gold.every((place) => turns[place] !== undefined)).toBe(true);
});

it('asks in other words: no question holds the phrase by which its answer is known', () => {
  for (const [question, ...answers] of readQuestions())
    for (const [, phrase] of answers) expect(question.toLowerCase()).not.toContain(phrase.toLowerCase());
});

it('cuts a document into headings, paragraphs, items, rows and blocks of code', () => {
  const markdown = [
    '# Kilns',
    'Two lines\nof a paragraph.\n',
    '- one item\n- another',
    '\n| heat | hours |\n|---|---|\n| 900 | 8 |\n',
    '```js\nfire();\n\ncool();\n```',
    '## Glazes\n\n1. First\n2. Second',
  ].join('\n');
  expect(paragraphsOf(markdown)).toEqual([
    'Kilns',
    'Two lines\nof a paragraph.',
    'one item',
    'another',
    'heat | hours',
    '900 | 8',
    'fire();\n\ncool();',
    'Glazes',
    '1. First',
    '2. Second',
  ]);
});

it('gives each paragraph its file and its place there, and nobody who says it', () => {
  const { turns } = readDocuments();
  const own = turns.filter(({ sessionId }) => sessionId === 'docs/edge.md');
  expect(own.map(({ position }) => position)).toEqual(own.map((_, i) => i));
  expect(own[0]).toMatchObject({ content: 'The edge', source: 'document', speaker: undefined });
  expect(turns.some(({ sessionId }) => sessionId === 'docs/recall.md')).toBe(false);
});

it('makes the same 300 notes and 40 questions each time, of which each is answered by a note of its task', () => {
  const notes = makeNotes();
  expect(notes).toEqual(makeNotes());
  expect([notes.turns.length, notes.questions.length]).toEqual([300, 40]);
  const places = notes.questions.flatMap(({ gold }) => gold.map((place) => notes.turns[place]?.position));
  expect(new Set(places)).toEqual(new Set([5, 6, 7]));
  expect(new Set(notes.turns.map(({ source }) => source))).toEqual(new Set(['agent', 'tool']));
});

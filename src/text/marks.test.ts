import { describe, expect, it } from 'vitest';
import { LexicalIndex } from './lexical-index.ts';
import { textDocument } from './lexical-test-util.ts';
import { ASKS, ENDS_ASKING, marksOf } from './marks.ts';

const QUESTIONS = [
  'Where do you live?',
  '你住在哪里？',
  'أين تسكن؟',
  'Πού μένεις\u037e',
  'Ո՞ւր ես գնում՞',
  'ስምህ ማን ነው፧',
];

describe('the marks of a text', () => {
  it('are none where it asks nothing', () => {
    for (const text of ['', 'I live in Lisbon.', 'Wow!', 'a; b']) expect(marksOf(text)).toEqual([]);
  });

  it('are both where it ends with a question, in whichever script', () => {
    for (const text of QUESTIONS) expect([text, ...marksOf(text)]).toEqual([text, ASKS, ENDS_ASKING]);
  });

  it('are one where it asks and goes on', () => {
    expect(marksOf('Where? In Lisbon.')).toEqual([ASKS]);
    expect(marksOf('你好吗？我很好。')).toEqual([ASKS]);
  });

  it('see past quotation marks, brackets and spaces behind the question', () => {
    for (const end of ['"', '”', '’', '»', ')', ']', "'", ' \n', '?" )'])
      expect([end, ...marksOf(`She said: where?${end}`)]).toEqual([end, ASKS, ENDS_ASKING]);
    expect(marksOf('("Where?") she said')).toEqual([ASKS]);
  });
});

describe('the questions of the word index', () => {
  const index = new LexicalIndex();
  const contents = ['Where? In Lisbon.', 'Where do you live?', 'In Lisbon.', 'Really?'];
  contents.forEach((content, ordinal) => {
    index.set(ordinal, textDocument(content));
  });
  const told = (...ordinals: readonly number[]) => {
    const { asks, ends } = index.questions(Uint32Array.from(ordinals));
    return ordinals.map((_, i) => `${asks[i]}${ends[i]}`);
  };

  it('are told of the ordinals given, in order, also of what it does not hold', () => {
    expect(told(0, 1, 2, 3, 9)).toEqual(['10', '11', '00', '11', '00']);
    expect(told()).toEqual([]);
  });

  it('are the same from sealed segments, and follow what is set anew and removed', () => {
    index.seal();
    expect(told(0, 1, 2, 3)).toEqual(['10', '11', '00', '11']);
    index.set(2, textDocument('In Lisbon?'));
    index.set(1, textDocument('In Porto.'));
    index.remove(3);
    expect(told(0, 1, 2, 3)).toEqual(['10', '00', '11', '00']);
    index.seal();
    expect(told(0, 1, 2, 3)).toEqual(['10', '00', '11', '00']);
  });

  it('are found by no word of a query', () => {
    expect(index.search('asks', 10)).toEqual([]);
    expect(index.search('ends-asking', 10)).toEqual([]);
    expect(index.search(ENDS_ASKING, 10)).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { readCorpus } from './corpus.ts';
import { chooseRows, hashWord } from './rows.ts';

/** Which words have rows, of so many sentences and words of a vocabulary. */
function chosenOf(sentences: readonly string[], vocabulary: readonly string[], words: number) {
  const corpus = readCorpus([...sentences, ...vocabulary]);
  const rows = chooseRows(corpus, sentences.length, vocabulary, { words, pairs: 0, buckets: 5 });
  const plain = corpus.words.filter((word, number) => rows.wordRows[number] !== -1 && /^[a-z]/.test(word));
  return { rows, plain: plain.sort() };
}
const times = (count: number, sentence: string) => Array.from({ length: count }, () => sentence);

describe('the words that get rows', () => {
  it('are those seen most often, those of the vocabulary before others that are as rare', () => {
    const sentences = [...times(90, 'dog'), ...times(80, 'cat'), 'zyx', 'relocate'];
    expect(chosenOf(sentences, ['relocate'], 3).plain).toEqual(['cat', 'dog', 'relocate']);
  });

  it('are words rather than names and numbers that are seen a little more often', () => {
    const sentences = [...times(6, 'we saw Gloryhammer'), ...times(6, 'room 1766'), ...times(4, 'a kennel')];
    const { rows, plain } = chosenOf(sentences, [], 5);
    expect(plain).toEqual(['a', 'kennel', 'room', 'saw', 'we']);
    expect(rows.rowOf(hashWord('1766'))).toBe(-1);
    expect(rows.rowOf(hashWord('7'))).not.toBe(-1);
  });

  it('are the words of forms before the forms, unless these are seen often themselves', () => {
    const rare = [...times(5, 'mows'), ...times(3, 'mow'), ...times(4, 'oak')];
    expect(chosenOf(rare, [], 2).plain).toEqual(['mow', 'oak']);
    const often = [...times(50, 'mows'), ...times(30, 'mow'), ...times(4, 'oak')];
    expect(chosenOf(often, [], 2).plain).toEqual(['mow', 'mows']);
  });
});

import { describe, expect, it } from 'vitest';
import { type FeatureSpace, scanFeatures } from './features.ts';
import { hashPair, hashRange } from './hash.ts';
import { scanNgrams } from './ngrams.ts';
import { foldText } from './words.ts';

const hashOf = (word: string) => hashRange(word, 0, word.length);
const KNOWN = ['the', 'cat', 'ana', 's', ...'0123456789'];
const PAIR = hashPair(hashOf('the'), hashOf('cat'));
const HASHES = [...KNOWN.map(hashOf), PAIR];
const space = (hasPairs: boolean): FeatureSpace => ({
  rowOf: (hash) => HASHES.indexOf(hash),
  firstBucket: HASHES.length,
  buckets: 7,
  hasPairs,
});

function featuresOf(text: string, hasPairs = false) {
  const found: { row: number; weight: number }[] = [];
  scanFeatures(foldText(text), space(hasPairs), (row, weight) => found.push({ row, weight }));
  return found;
}
const rowsOf = (text: string, hasPairs = false) => featuresOf(text, hasPairs).map(({ row }) => row);

describe('features of a text', () => {
  it('are the rows of known words, in order', () => {
    expect(rowsOf('The cat')).toEqual([0, 1]);
  });

  it('are the row of a known pair too, where there are pairs', () => {
    expect(rowsOf('the cat', true)).toEqual([0, 1, HASHES.length - 1]);
    expect(rowsOf('cat the', true)).toEqual([1, 0]);
  });

  it('are n-grams of an unknown word, in the buckets, together of the same weight whatever its length', () => {
    for (const word of ['zebra', 'hippopotamus']) {
      const found = featuresOf(word);
      expect(found.length).toBeGreaterThan(8);
      for (const { row } of found) {
        expect(row).toBeGreaterThanOrEqual(HASHES.length);
        expect(row).toBeLessThan(HASHES.length + 7);
      }
      expect(found.reduce((sum, { weight }) => sum + weight ** 2, 0)).toBeCloseTo(1, 5);
    }
  });

  it('are the word that an unknown one is a form of too, both parts together of that weight', () => {
    const [stem, ...others] = featuresOf('cats');
    expect(stem).toEqual({ row: KNOWN.indexOf('cat'), weight: Math.SQRT1_2 });
    expect(others.length).toBeGreaterThan(4);
    expect(others.reduce((sum, { weight }) => sum + weight ** 2, 0)).toBeCloseTo(0.5, 5);
  });

  it('are digits of an unknown number', () => {
    expect(rowsOf('407')).toEqual(['4', '0', '7'].map((digit) => KNOWN.indexOf(digit)));
  });

  it('are what an apostrophe parts, of an unknown word', () => {
    expect(rowsOf("Ana's")).toEqual([KNOWN.indexOf('ana'), KNOWN.indexOf('s')]);
  });

  it('are few even of a word without an end', () => {
    expect(rowsOf('x'.repeat(100_000)).length).toBeLessThan(200);
  });
});

describe('n-grams', () => {
  it('are of three to five characters between marks of beginning and end', () => {
    const found: number[] = [];
    scanNgrams('the cat', 4, 7, (hash) => found.push(hash));
    expect(found).toEqual(['<ca', '<cat', '<cat>', 'cat', 'cat>', 'at>'].map(hashOf));
  });
});

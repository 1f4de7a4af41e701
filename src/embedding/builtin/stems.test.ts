import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashRange } from './hash.ts';
import { rowOfStem } from './stems.ts';

const KNOWN = ['study', 'mow', 'make', 'stop', 'kind', 'happy', 'box', 'be', 'pass', 'great'];
const HASHES = KNOWN.map((word) => hashRange(word, 0, word.length));
const stemOf = (text: string, from = 0, to = text.length) =>
  KNOWN[rowOfStem(text, from, to, (hash) => HASHES.indexOf(hash))];

describe('the word that an unknown one is a form of', () => {
  it.each([
    ['mows', 'mow'],
    ['mowed', 'mow'],
    ['boxes', 'box'],
    ['studies', 'study'],
    ['studied', 'study'],
    ['making', 'make'],
    ['stopped', 'stop'],
    ['stopping', 'stop'],
    ['kindly', 'kind'],
    ['kindness', 'kind'],
    ['happily', 'happy'],
    ['happiest', 'happy'],
    ['greatest', 'great'],
    ['passing', 'pass'],
  ])('of %s is %s', (form, stem) => {
    expect(stemOf(form)).toBe(stem);
    expect(stemOf(`a ${form} b`, 2, 2 + form.length)).toBe(stem);
  });

  it.each(['being', 'zebras', 'ing', 's', '', 'makers', 'stopp', 'mow'])('of %j is none', (word) => {
    expect(stemOf(word)).toBeUndefined();
  });

  it('is sought in little time, whatever stands there', () => {
    let asked = 0;
    fc.assert(
      fc.property(fc.string({ maxLength: 2_000 }), (text) => {
        const row = rowOfStem(text, 0, text.length, () => {
          asked += 1;
          return -1;
        });
        return row === -1 && asked < 50 * 1_000;
      }),
    );
  });
});

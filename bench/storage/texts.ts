/** Seeded text whose words are as unevenly used as those of a language (Zipf), from a vocabulary made by code. */

import { createRandom } from '../../src/testing/environment.ts';

/** Words of the vocabulary: about what a person uses. */
export const WORDS = 20_000;
/** Bytes of a text, from and to; 400 on average. */
const LENGTHS = { least: 250, most: 530 };
/** Words of a sentence, from and to. */
const SENTENCE = { least: 6, most: 18 };

const ONSETS = [
  'b',
  'd',
  'f',
  'g',
  'k',
  'l',
  'm',
  'n',
  'p',
  'r',
  's',
  't',
  'v',
  'st',
  'tr',
  'pl',
  'ch',
  'sh',
];
const NUCLEI = ['a', 'e', 'i', 'o', 'u', 'ai', 'ea', 'ou'];
const CODAS = ['', '', '', 'n', 'r', 's', 't', 'l', 'nd', 'rk'];

let vocabulary: { readonly words: readonly string[]; readonly cumulated: Float64Array } | undefined;

/** A text; the same for the same source of chance. */
export function makeText(random: () => number): string {
  const lengthBytes = LENGTHS.least + Math.floor(random() * (LENGTHS.most - LENGTHS.least + 1));
  let text = '';
  while (text.length < lengthBytes) text += `${text === '' ? '' : ' '}${makeSentence(random)}`;
  return `${text.slice(0, lengthBytes - 1).trimEnd()}.`;
}

/** The words used most, of which a language's own are stop words. */
export function mostUsedWords(count: number): ReadonlySet<string> {
  return new Set(getVocabulary().words.slice(0, count));
}

function makeSentence(random: () => number): string {
  const count = SENTENCE.least + Math.floor(random() * (SENTENCE.most - SENTENCE.least + 1));
  const words = Array.from({ length: count }, () => drawWord(random));
  const [first = '', ...rest] = words;
  return `${[first.charAt(0).toUpperCase() + first.slice(1), ...rest].join(' ')}.`;
}

/** A word by its frequency: the one of rank r is drawn with a chance of 1/r. */
function drawWord(random: () => number): string {
  const { words, cumulated } = getVocabulary();
  const wanted = random() * (cumulated.at(-1) ?? 0);
  let low = 0;
  let high = words.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((cumulated[middle] ?? 0) > wanted) high = middle;
    else low = middle + 1;
  }
  return words[low] ?? '';
}

function getVocabulary() {
  vocabulary ??= makeVocabulary();
  return vocabulary;
}

/** Frequent words are short, as in a language. */
function makeVocabulary() {
  const random = createRandom(20_000);
  const pick = (list: readonly string[]) => list[Math.floor(random() * list.length)] ?? '';
  const words = new Set<string>();
  while (words.size < WORDS) {
    const most = 1 + Math.floor(Math.log10(words.size + 1));
    const syllables = 1 + Math.floor(random() * most);
    words.add(Array.from({ length: syllables }, () => pick(ONSETS) + pick(NUCLEI) + pick(CODAS)).join(''));
  }
  const cumulated = new Float64Array(WORDS);
  let sum = 0;
  for (let rank = 0; rank < WORDS; rank++) {
    sum += 1 / (rank + 1);
    cumulated[rank] = sum;
  }
  return { words: [...words], cumulated };
}

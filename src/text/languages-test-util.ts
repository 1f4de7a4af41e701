/** What must come out the same on every platform: the words of texts in several scripts and languages. */

import { loadLanguage } from './languages.ts';
import { LexicalIndex } from './lexical-index.ts';

/** Which of the texts each question finds, in a language that is loaded for it. */
export async function findAcrossScripts(): Promise<readonly (readonly number[])[]> {
  const index = new LexicalIndex(await loadLanguage('de'));
  const texts = ['Die Häuser am Fluss', '古い記憶の宮殿です', 'ร้านอาหารไทย', 'नमस्ते दुनिया', 'Ana’s oak'];
  texts.forEach((content, ordinal) => {
    index.set(ordinal, { content, tags: [], createdAt: Date.UTC(2023, ordinal, 10) });
  });
  index.seal();
  const questions = ['Haus', '宮殿', 'อาหาร', 'दुनिया', 'oaks', 'im April', 'Hauser', 'Fluxs'];
  return questions.map((question) => index.search(question, 5).map(({ ordinal }) => ordinal));
}

export const FOUND_ACROSS_SCRIPTS = [[0], [1], [2], [3], [4], [3], [0], [0]];

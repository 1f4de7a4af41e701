/** Training texts as numbers: the words of each text, and which rows a word stands for. */

import { foldText, scanWords } from '../../src/embedding/builtin/words.ts';

/** Texts as runs of word numbers. */
export interface Corpus {
  /** The words by number, as folded. */
  readonly words: readonly string[];
  /** How often each stands in the texts. */
  readonly counts: Uint32Array;
  /** Where the words of each text begin in `tokens`; one more than there are texts. */
  readonly starts: Uint32Array;
  readonly tokens: Uint32Array;
  /** 1 for each token that was written otherwise than it is folded: mostly with a capital. */
  readonly capitals: Uint8Array;
}

export function readCorpus(texts: readonly string[]): Corpus {
  const numbers = new Map<string, number>();
  const starts = new Uint32Array(texts.length + 1);
  const tokens: number[] = [];
  const capitals: number[] = [];
  for (const [place, text] of texts.entries()) {
    const folded = foldText(text);
    scanWords(folded, (from, to) => {
      const word = folded.slice(from, to);
      const number = numbers.get(word) ?? numbers.size;
      if (number === numbers.size) numbers.set(word, number);
      tokens.push(number);
      capitals.push(text.length === folded.length && text.slice(from, to) !== word ? 1 : 0);
    });
    starts[place + 1] = tokens.length;
  }
  const counts = new Uint32Array(numbers.size);
  for (const token of tokens) counts[token] = (counts[token] ?? 0) + 1;
  return {
    words: [...numbers.keys()],
    counts,
    starts,
    tokens: Uint32Array.from(tokens),
    capitals: Uint8Array.from(capitals),
  };
}

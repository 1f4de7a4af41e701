/**
 * Words of a text by rules that are all ours (`characters.ts`). The platform's word breaker is asked only where a
 * script is written without spaces; where the platform has none, each two neighbours are a word.
 */

import {
  type CodeUnitRange,
  createKinds,
  isAscii,
  SEPARATOR,
  scanRuns,
  straightenApostrophes,
  UNSPACED,
} from './characters.ts';

/** Punctuation of other scripts, and what only changes how a character looks. */
const MORE_SEPARATORS: readonly CodeUnitRange[] = [
  [0x055a, 0x055f],
  [0x0589, 0x058a],
  [0x05be, 0x05be],
  [0x05c0, 0x05c0],
  [0x05c3, 0x05c3],
  [0x05f3, 0x05f4],
  [0x060c, 0x060d],
  [0x061b, 0x061f],
  [0x066a, 0x066d],
  [0x06d4, 0x06d4],
  [0x0964, 0x0965],
  [0x0e2f, 0x0e2f],
  [0x0e4f, 0x0e4f],
  [0x0e5a, 0x0e5b],
  [0x0f04, 0x0f14],
  [0x104a, 0x104f],
  [0x1361, 0x1368],
  [0x17d4, 0x17da],
  [0x30fb, 0x30fb],
  [0xfe00, 0xfe0f],
];
/** Thai, Lao, Myanmar, Khmer, kana, Han with the pairs of its planes. */
const UNSPACED_SCRIPTS: readonly CodeUnitRange[] = [
  [0x0e01, 0x0e2e],
  [0x0e30, 0x0e4e],
  [0x0e81, 0x0ecd],
  [0x0edc, 0x0edf],
  [0x1000, 0x103f],
  [0x1050, 0x109f],
  [0x1780, 0x17d3],
  [0x3005, 0x3007],
  [0x3041, 0x309f],
  [0x30a1, 0x30fa],
  [0x30fc, 0x30ff],
  [0x31f0, 0x31ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa9e0, 0xa9ef],
  [0xaa60, 0xaa7f],
  [0xd840, 0xd8bf],
  [0xf900, 0xfaff],
];
const KINDS = createKinds([
  [SEPARATOR, MORE_SEPARATORS],
  [UNSPACED, UNSPACED_SCRIPTS],
]);
/** Pictographs part words, and are none. */
const PICTOGRAPHS = /[\ud83c-\ud83e][\udc00-\udfff]/g;
/** A place where a line may be broken is no end of a word. */
const SOFT_HYPHENS = /\u00ad/g;

/** Cuts a run of letters that are written without spaces. */
export type Breaker = (run: string) => readonly string[];

/** The platform's word breaker; undefined where it has none. */
export function platformBreaker(): Breaker | undefined {
  if (typeof Intl === 'undefined' || !('Segmenter' in Intl)) return undefined;
  // One for all scripts: the dictionary goes by the letters, not by the language named here.
  const segmenter = new Intl.Segmenter('en', { granularity: 'word' });
  return (run) => Array.from(segmenter.segment(run), ({ segment }) => segment);
}

/** Each two neighbours, overlapping; a letter alone is itself. */
export function bigrams(run: string): readonly string[] {
  const letters = Array.from(run);
  if (letters.length < 2) return letters;
  return letters.slice(1).map((letter, i) => `${letters[i]}${letter}`);
}

/** The words in order, in lower case, after compatibility normalisation, with the apostrophes inside them. */
export function cutWords(text: string, breaker: Breaker): string[] {
  const folded = fold(text);
  const words: string[] = [];
  scanRuns(folded, KINDS, (from, to, kind) => {
    const run = folded.slice(from, to);
    if (kind === UNSPACED) words.push(...breaker(run));
    else words.push(run);
  });
  return words;
}

function fold(text: string): string {
  if (isAscii(text)) return text.toLowerCase();
  return straightenApostrophes(text)
    .replace(SOFT_HYPHENS, '')
    .normalize('NFKC')
    .replace(PICTOGRAPHS, ' ')
    .toLowerCase();
}

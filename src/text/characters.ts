/**
 * What a code unit is to a word, by a table of our own: a platform's classes of characters differ between versions,
 * and a word that is cut differently is another word.
 */

export const SEPARATOR = 0;
const LETTER = 1;
export const DIGIT = 2;
const APOSTROPHE = 3;
/** A mark that is a word of its own, where a table has any. */
export const MARK = 4;
/** A letter of a script that is written without spaces, where a table tells these apart. */
export const UNSPACED = 5;

/** First and last code unit. */
export type CodeUnitRange = readonly [number, number];

const FIRST_UNIT_OF_OTHERS = 0x80;
/**
 * Code units beyond ASCII that separate words: spaces, punctuation, symbols, private use. All others are letters,
 * halves of pairs among them: a pictograph is a word.
 */
const SEPARATORS: readonly CodeUnitRange[] = [
  [0x80, 0xa9],
  [0xab, 0xb4],
  [0xb6, 0xb9],
  [0xbb, 0xbf],
  [0xd7, 0xd7],
  [0xf7, 0xf7],
  [0x2000, 0x206f],
  [0x20a0, 0x20cf],
  [0x2190, 0x2bff],
  [0x2e00, 0x2e7f],
  [0x3000, 0x3004],
  [0x3008, 0x3020],
  [0x3030, 0x3030],
  [0xe000, 0xf8ff],
  [0xfe10, 0xfe6f],
  [0xff00, 0xff0f],
  [0xff1a, 0xff20],
  [0xff3b, 0xff40],
  [0xff5b, 0xff65],
  [0xffe0, 0xffff],
];
const CURLY_APOSTROPHES = /[\u2018\u2019\u02bc\uff07]/g;
/** Marks that stand upon letters after decomposition. */
const ACCENTS = /[\u0300-\u036f]/g;

/** A kind for each code unit. `others` changes those beyond ASCII, in order. */
export function createKinds(
  others: readonly (readonly [kind: number, ranges: readonly CodeUnitRange[]])[] = [],
): Uint8Array {
  const kinds = new Uint8Array(0x10000);
  kinds.fill(LETTER, FIRST_UNIT_OF_OTHERS);
  for (const [kind, ranges] of [[SEPARATOR, SEPARATORS] as const, ...others])
    for (const [first, last] of ranges) kinds.fill(kind, first, last + 1);
  for (const character of 'abcdefghijklmnopqrstuvwxyz') kinds[character.charCodeAt(0)] = LETTER;
  for (const character of '0123456789') kinds[character.charCodeAt(0)] = DIGIT;
  kinds["'".charCodeAt(0)] = APOSTROPHE;
  return kinds;
}

/**
 * Calls `visit` with the beginning and end of each word of a text in lower case, in order: runs of letters and
 * digits with apostrophes between letters, runs of letters without spaces, and single marks.
 */
export function scanRuns(
  text: string,
  kinds: Uint8Array,
  visit: (from: number, to: number, kind: number) => void,
): void {
  const end = text.length;
  let at = 0;
  while (at < end) {
    const kind = kinds[text.charCodeAt(at)] as number;
    const from = at;
    at += 1;
    if (kind === LETTER || kind === DIGIT) while (at < end && isInWord(text, at, kinds)) at += 1;
    else if (kind === UNSPACED) while (at < end && isUnspaced(text, at, kinds)) at += 1;
    else if (kind !== MARK) continue;
    visit(from, at, kind);
  }
}

function isInWord(text: string, at: number, kinds: Uint8Array): boolean {
  const kind = kinds[text.charCodeAt(at)];
  if (kind !== APOSTROPHE) return kind === LETTER || kind === DIGIT;
  return kinds[text.charCodeAt(at + 1)] === LETTER && kinds[text.charCodeAt(at - 1)] === LETTER;
}

/** The second half of a pair belongs to the first. */
function isUnspaced(text: string, at: number, kinds: Uint8Array): boolean {
  const unit = text.charCodeAt(at);
  return kinds[unit] === UNSPACED || (unit >= 0xdc00 && unit <= 0xdfff);
}

export function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) >= FIRST_UNIT_OF_OTHERS) return false;
  return true;
}

export function straightenApostrophes(text: string): string {
  return text.replace(CURLY_APOSTROPHES, "'");
}

/** The letters without marks upon them, compatibility forms made plain. */
export function dropAccents(text: string): string {
  return text.normalize('NFKD').replace(ACCENTS, '');
}

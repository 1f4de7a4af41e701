/**
 * Words as the built-in model has them, by rules that are all here: a platform's word breaker and its classes of
 * characters differ between versions, and a word that is cut differently has another vector.
 */

/** What a code unit is to a word. */
const SEPARATOR = 0;
const LETTER = 1;
const DIGIT = 2;
const APOSTROPHE = 3;
/** A mark that is a word of its own: it tells a question from a statement. */
const MARK = 4;

const FIRST_UNIT_OF_OTHERS = 0x80;
/**
 * Code units beyond ASCII that separate words, first and last: spaces, punctuation, symbols, private use. All others
 * are letters, halves of pairs among them: a pictograph is a word.
 */
const SEPARATORS: readonly (readonly [number, number])[] = [
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
/** Marks that stand upon letters after decomposition: they are dropped, as the teacher drops them. */
const ACCENTS = /[\u0300-\u036f]/g;
const CURLY_APOSTROPHES = /[\u2018\u2019\u02bc\uff07]/g;

const KINDS = createKinds();

function createKinds(): Uint8Array {
  const kinds = new Uint8Array(0x10000);
  kinds.fill(LETTER, FIRST_UNIT_OF_OTHERS);
  for (const [first, last] of SEPARATORS) kinds.fill(SEPARATOR, first, last + 1);
  const set = (characters: string, kind: number) => {
    for (let at = 0; at < characters.length; at++) kinds[characters.charCodeAt(at)] = kind;
  };
  set('abcdefghijklmnopqrstuvwxyz', LETTER);
  set('0123456789', DIGIT);
  set("'", APOSTROPHE);
  set('?!', MARK);
  return kinds;
}

/** Lower case, without accents, compatibility forms made plain: what {@link scanWords} reads. */
export function foldText(text: string): string {
  if (isAscii(text)) return text.toLowerCase();
  return text.replace(CURLY_APOSTROPHES, "'").normalize('NFKD').replace(ACCENTS, '').toLowerCase();
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) >= FIRST_UNIT_OF_OTHERS) return false;
  return true;
}

/**
 * Calls `visit` with the beginning and end of each word of a folded text, in order: runs of letters and digits with
 * apostrophes between letters, and `?` and `!`.
 */
export function scanWords(text: string, visit: (from: number, to: number) => void): void {
  const end = text.length;
  let at = 0;
  while (at < end) {
    const kind = KINDS[text.charCodeAt(at)];
    if (kind === MARK) visit(at, at + 1);
    if (kind !== LETTER && kind !== DIGIT) {
      at++;
      continue;
    }
    const from = at;
    while (at < end && isInWord(text, at)) at++;
    visit(from, at);
  }
}

function isInWord(text: string, at: number): boolean {
  const kind = KINDS[text.charCodeAt(at)];
  if (kind !== APOSTROPHE) return kind === LETTER || kind === DIGIT;
  return KINDS[text.charCodeAt(at + 1)] === LETTER && KINDS[text.charCodeAt(at - 1)] === LETTER;
}

/** Whether a part of a folded text is digits only. */
export function isNumber(text: string, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (KINDS[text.charCodeAt(at)] !== DIGIT) return false;
  return true;
}

/** Where an apostrophe splits a part of a folded text, or −1. */
export function apostropheIn(text: string, from: number, to: number): number {
  const at = text.indexOf("'", from);
  return at < to ? at : -1;
}

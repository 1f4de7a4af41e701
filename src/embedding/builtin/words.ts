/**
 * Words as the built-in model has them, by rules that are all ours: a platform's word breaker and its classes of
 * characters differ between versions, and a word that is cut differently has another vector.
 */

import {
  createKinds,
  DIGIT,
  dropAccents,
  isAscii,
  MARK,
  scanRuns,
  straightenApostrophes,
} from '../../text/characters.ts';

/** The marks that are words tell a question from a statement. */
const KINDS = createKinds();
for (const mark of '?!') KINDS[mark.charCodeAt(0)] = MARK;

/** Lower case, without accents, as the teacher drops them, compatibility forms made plain: what {@link scanWords} reads. */
export function foldText(text: string): string {
  if (isAscii(text)) return text.toLowerCase();
  return dropAccents(straightenApostrophes(text)).toLowerCase();
}

/**
 * Calls `visit` with the beginning and end of each word of a folded text, in order: runs of letters and digits with
 * apostrophes between letters, and `?` and `!`.
 */
export function scanWords(text: string, visit: (from: number, to: number) => void): void {
  scanRuns(text, KINDS, visit);
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

/** What is known of a text beside its words: terms of the last field, which no query has. */

import { TERM_MARK } from './terms.ts';

/** The text asks something. */
export const ASKS = `${TERM_MARK}asks`;
/** It ends with a question. */
export const ENDS_ASKING = `${TERM_MARK}ends-asking`;

/** All marks, by their bit. */
export const MARKS: readonly string[] = [ASKS, ENDS_ASKING];

/** Question marks: of Latin, Greek, Arabic, Armenian, Ethiopic, Chinese and Japanese. */
const QUESTION_MARK = /[?\u037e\u061f\u055e\u1367\uff1f]/u;
/** The same at the end of a text, quotation marks and brackets aside. */
const ENDS = /[?\u037e\u061f\u055e\u1367\uff1f]["'”’»)\]\s]*$/u;

/** The terms of the marks that a text has. */
export function marksOf(content: string): readonly string[] {
  if (!QUESTION_MARK.test(content)) return [];
  return ENDS.test(content) ? [ASKS, ENDS_ASKING] : [ASKS];
}

/** The same as bits, in the order of {@link MARKS}. */
export function markBits(content: string): number {
  return marksOf(content).reduce((bits, mark) => bits | (1 << MARKS.indexOf(mark)), 0);
}

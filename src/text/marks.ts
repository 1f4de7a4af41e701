/** What is known of a text beside its words: terms of the last field, which no query has. */

import { TERM_MARK } from './terms.ts';

/** The text asks something. */
export const ASKS = `${TERM_MARK}asks`;
/** It ends with a question. */
export const ENDS_ASKING = `${TERM_MARK}ends-asking`;

/** Question marks: of Latin, Greek, Arabic, Armenian, Ethiopic, Chinese and Japanese. */
const QUESTION_MARK = /[?\u037e\u061f\u055e\u1367\uff1f]/u;
/** The same at the end of a text, quotation marks and brackets aside. */
const ENDS = /[?\u037e\u061f\u055e\u1367\uff1f]["'”’»)\]\s]*$/u;

/** The marks that a text has. */
export function marksOf(content: string): readonly string[] {
  if (!QUESTION_MARK.test(content)) return [];
  return ENDS.test(content) ? [ASKS, ENDS_ASKING] : [ASKS];
}

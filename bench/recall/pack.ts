/** Brings turns into a context of so many tokens, as an agent would put them into its prompt. */

import type { RecallTurn } from './data.ts';

export type CountTokens = (text: string) => number;

type PackedTurn = Pick<RecallTurn, 'content' | 'speaker' | 'createdAt'>;

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * A line a turn, with date, speaker and content, best first. What does not fit any more is left out, and
 * shorter turns after it are still taken.
 *
 * @param turns best first.
 * @param budget tokens, never exceeded.
 */
export function pack(turns: readonly PackedTurn[], budget: number, countTokens: CountTokens): string {
  const lines: string[] = [];
  let left = budget;
  for (const turn of turns) {
    const line = lineOf(turn);
    const tokens = countTokens(line);
    if (tokens > left) continue;
    lines.push(line);
    left -= tokens;
  }
  // Lines are counted one by one, and tokens could join across their ends: the whole has the last word.
  while (lines.length > 0 && countTokens(lines.join('')) > budget) lines.pop();
  return lines.join('');
}

/** `8 May 2023 Ann: What was said` */
function lineOf({ content, speaker, createdAt }: PackedTurn): string {
  const head = [dayOf(createdAt), speaker].filter((part) => part !== undefined).join(' ');
  return `${head === '' ? '' : `${head}: `}${content}\n`;
}

function dayOf(createdAt: number | undefined): string | undefined {
  if (createdAt === undefined) return undefined;
  const date = new Date(createdAt);
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
}

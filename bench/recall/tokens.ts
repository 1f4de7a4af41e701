/** Tokens of o200k_base, counted by a tokenizer of the benchmarks' own folder. */

import type { CountTokens } from './pack.ts';
import { importRival, whyNoRival } from './systems/rival.ts';

interface Module {
  countTokens(text: string): number;
}

const PACKAGE = 'gpt-tokenizer';
/** Longer texts are whole contexts, which do not come again. */
const LINE_CHARS = 1_000;

/** Why tokens cannot be counted, or undefined. */
export function whyNoTokenizer(): string | undefined {
  return whyNoRival(PACKAGE);
}

/** Counts once what it is given again: the same turns are packed for many questions. */
export async function loadTokenizer(): Promise<CountTokens> {
  const { countTokens } = (await importRival(`${PACKAGE}/encoding/o200k_base`)) as Module;
  const counted = new Map<string, number>();
  return (text) => {
    const tokens = counted.get(text) ?? countTokens(text);
    if (text.length < LINE_CHARS) counted.set(text, tokens);
    return tokens;
  };
}

/** Tokens of o200k_base, counted by a tokenizer of the benchmarks' own folder. */

import type { CountTokens } from './pack.ts';
import { importRival } from './systems/rival.ts';

interface Module {
  countTokens(text: string): number;
}

/** Counts once what it is given again: the same turns are packed for many questions. */
export async function loadTokenizer(): Promise<CountTokens> {
  const { countTokens } = (await importRival('gpt-tokenizer/encoding/o200k_base')) as Module;
  const counted = new Map<string, number>();
  return (text) => {
    const tokens = counted.get(text) ?? countTokens(text);
    if (text.length < LINE_CHARS) counted.set(text, tokens);
    return tokens;
  };
}

/** Longer texts are whole contexts, which do not come again. */
const LINE_CHARS = 1_000;

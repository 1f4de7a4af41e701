/** What stands in quotation marks in a question: memories that have it as it is written come first. */

import { MAX_QUOTED_READ } from '../limits.ts';
import type { Recalled } from '../retrieval/recall.ts';
import { withSignal } from '../retrieval/with-signal.ts';
import { mayQuote, type Phrase, phraseShare } from '../text/phrase.ts';
import type { SearchResult } from '../types.ts';
import { type ReadListedParts, readListed } from './read-listed.ts';
import type { Found } from './wordings.ts';

export interface QuotingParts extends ReadListedParts {
  /** Throws once the engine is closed. */
  readonly assertOpen: () => void;
}

export interface Quoted {
  readonly found: readonly Found[];
  /** Undefined where no wording quotes. */
  readonly quoted: SearchResult['plan']['quoted'];
}

/** Reads the best of each wording that quotes, and no others. */
export async function putQuotedFirst(parts: QuotingParts, found: readonly Found[]): Promise<Quoted> {
  let quoted: Quoted['quoted'];
  const result: Found[] = [];
  for (const each of found) {
    const { recalled, wording } = each;
    const phrase = mayQuote(wording.text) ? parts.state.lexical.phraseOf(wording.text) : undefined;
    const isQuoting = phrase !== undefined && phrase.quoted.length > 0;
    if (!isQuoting || recalled === undefined || recalled.weights.phrase === 0) {
      result.push(each);
      continue;
    }
    const { read, having } = await readQuoted(parts, recalled, phrase);
    parts.assertOpen();
    quoted = { read: (quoted?.read ?? 0) + read, found: (quoted?.found ?? 0) + having.size };
    result.push({ ...each, recalled: withSignal(recalled, 'phrase', having) });
  }
  return { found: result, quoted };
}

async function readQuoted(parts: QuotingParts, { ranked }: Recalled, phrase: Phrase) {
  const best = ranked.slice(0, MAX_QUOTED_READ).map(({ ordinal }) => ordinal);
  const read = await readListed(parts, best);
  const having = [...read].filter(([, { content }]) => phraseShare(phrase, content) === 1);
  return { read: read.size, having: new Map(having.map(([ordinal]) => [ordinal, 1])) };
}

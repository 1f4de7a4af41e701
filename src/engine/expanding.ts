/** A question asked again with words and vectors of what it found: pseudo-relevance feedback. */

import {
  expandTerms,
  expandVector,
  FEEDBACK,
  type FeedbackText,
  type WeightedTerm,
} from '../retrieval/expansion.ts';
import type { Listed } from './listing.ts';
import { type ReadContent, type ReadListedParts, readListed } from './read-listed.ts';
import type { EngineState } from './state.ts';
import type { Wording } from './wordings.ts';

/** Times that the question's own words stand in the expanded one at most. */
const MAX_REPEATS = 3;

export interface Expanded {
  readonly wordings: readonly Wording[];
  /** What was added to the question, heaviest first. */
  readonly words: readonly string[];
}

/** The wordings with what the best of the list say; speakers and times stay the wordings' own. */
export async function expandWordings(
  parts: ReadListedParts,
  wordings: readonly Wording[],
  list: readonly Listed[],
): Promise<Expanded> {
  const best = list.slice(0, FEEDBACK.hits).filter(({ score }) => score > 0);
  const read = await readListed(
    parts,
    best.map(({ ordinal }) => ordinal),
    true,
  );
  const hits = best.flatMap(({ ordinal, score }) => {
    const memory = read.get(ordinal);
    return memory === undefined ? [] : [{ ...memory, score }];
  });
  const expanded = wordings.map((wording) => expandWording(parts.state, wording, hits));
  return { wordings: expanded.map(({ wording }) => wording), words: expanded[0]?.words ?? [] };
}

type Hit = ReadContent & { readonly score: number };

function expandWording(state: EngineState, wording: Wording, hits: readonly Hit[]) {
  // What has no content has no words to be added to.
  if (wording.focus.isOnlySpeakers) return { wording, words: [] };
  const { text, words } = expandText(
    state,
    wording.focus.text,
    hits.map(({ content, score }) => ({ text: content, score })),
  );
  const queries = wording.vectors.queries.map((query) => {
    const near = hits.flatMap(({ state: { record }, vector, score }) =>
      vector !== undefined && record.embedding?.space === query.space ? [{ vector, score }] : [],
    );
    return { ...query, vector: expandVector(query.vector, near) };
  });
  const focus = { ...wording.focus, text };
  return { wording: { ...wording, focus, vectors: { ...wording.vectors, queries } }, words };
}

/** The question, as often as its words weigh more than those added, and these. */
function expandText({ lexical }: EngineState, question: string, hits: readonly FeedbackText[]) {
  const { analyser } = lexical.phraseOf(question);
  /** A word of each term, as it was written. */
  const written = new Map<string, string>();
  const tokenize = (text: string) =>
    analyser.wordsOf(text).flatMap((word) => {
      const term = analyser.termOf(word);
      if (term === undefined) return [];
      if (!written.has(term)) written.set(term, word);
      return [term];
    });
  const own = new Set(tokenize(question));
  for (const { text } of hits) tokenize(text);
  const { terms, idf } = lexical.impacts([...written.values()].join(' '), new Uint32Array());
  const rarities = new Map(terms.map((word, i) => [word, idf[i] ?? 0]));
  const rarity = (term: string) => rarities.get(written.get(term) ?? '') ?? 0;
  const weighted = expandTerms(question, hits, { tokenize, idf: rarity });
  const added = weighted.filter(({ term }) => !own.has(term));
  const words = added.flatMap(({ term }) => written.get(term) ?? []);
  const repeats = repeatsOf(
    weighted.filter(({ term }) => own.has(term)),
    added,
  );
  return { text: [...Array<string>(repeats).fill(question), ...words].join(' '), words };
}

function repeatsOf(own: readonly WeightedTerm[], added: readonly WeightedTerm[]): number {
  if (own.length === 0 || added.length === 0) return 1;
  const mean = (terms: readonly WeightedTerm[]) =>
    terms.reduce((sum, { weight }) => sum + weight, 0) / terms.length;
  return Math.min(MAX_REPEATS, Math.max(1, Math.round(mean(own) / mean(added))));
}

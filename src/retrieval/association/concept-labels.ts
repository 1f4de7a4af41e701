/** What a concept is called: the words that its members have and others have not. */

import type { WordIndex } from './shared-terms.ts';
import { CONCEPT_TERMS, LABEL_CANDIDATES, LABEL_CHARS, LABEL_TERMS } from './weights.ts';

export interface Label {
  readonly label: string;
  /** The most telling words, most telling first. */
  readonly terms: readonly string[];
}

/** Characters of a label that is a member's beginning. */
const EXCERPT_CHARS = 60;

/**
 * Words by share of the members that have them times their rarity in the namespace, tf · idf with the concept as the
 * document; words of one member alone say nothing of the concept. Where none is shared the label is the beginning of
 * the member nearest to the centre.
 *
 * @param contents of the members nearest to the centre, nearest first.
 */
export function labelOf(contents: readonly string[], words: Pick<WordIndex, 'impacts' | 'wordsOf'>): Label {
  const counts = new Map<string, number>();
  for (const content of contents) {
    for (const word of new Set(words.wordsOf(content.slice(0, LABEL_CHARS))))
      counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const shared = [...counts].filter(([word, count]) => count > 1 && [...word].length > 1);
  const common = shared.sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).slice(0, LABEL_CANDIDATES);
  const query = common.map(([word]) => word).join(' ');
  const { terms, idf } = words.impacts(query, new Uint32Array(0), { isExact: true });
  const weighed = terms.map((word, i) => [word, (counts.get(word) ?? 0) * (idf[i] ?? 0)] as const);
  const best = weighed
    .filter(([, weight]) => weight > 0)
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, CONCEPT_TERMS)
    .map(([word]) => word);
  const label = best.slice(0, LABEL_TERMS).join(', ');
  return { label: label === '' ? excerpt(contents[0] ?? '') : label, terms: best };
}

function excerpt(content: string): string {
  const line = content.trim().replace(/\s+/gu, ' ');
  const characters = [...line];
  return characters.length <= EXCERPT_CHARS ? line : `${characters.slice(0, EXCERPT_CHARS - 1).join('')}…`;
}

/** What the arms find: matching words, the nearest vectors, what activation reaches from the surest of both, and what someone said. */

import type { LexicalMatch } from '../text/lexical-index.ts';
import type { SearchArm } from '../types.ts';
import type { Activation, Seed } from './association/index.ts';
import { cosineOf, type VectorMatch } from './meaning.ts';
import type { RecallQuestion } from './question.ts';
import { ASSOCIATION_SEEDS, type Weights } from './signals.ts';

/** Which arms found a memory; `speaker`: all that is asked is what its speaker said; `neighbour`: it stands beside one that was found. */
export type Finder = SearchArm | 'speaker' | 'neighbour';
type Way = Exclude<Finder, 'neighbour'>;

export interface Finds {
  /** Best first. */
  readonly byWords: readonly LexicalMatch[];
  /** What is reached over associations, by ordinal. */
  readonly reached: ReadonlyMap<number, Activation>;
  /** The surest of words and vectors, all that is reached, and the latest of what is asked for by its speaker. */
  readonly kept: ReadonlySet<number>;
  findersOf(ordinal: number): readonly Finder[];
}

const NOTHING_REACHED: ReadonlyMap<number, Activation> = new Map();

/** Asks every arm once. */
export function findBy(question: RecallQuestion): Finds {
  const byWords = question.words?.search(question.count) ?? [];
  const nearest = question.spaces.map((space) => space.nearest(question.count));
  const found = surest(byWords, nearest, question.weights);
  const reached = question.associations?.(found.slice(0, ASSOCIATION_SEEDS)) ?? NOTHING_REACHED;
  const kept = found.slice(0, question.keep).map(({ ordinal }) => ordinal);
  const said = question.said?.(question.keep) ?? [];
  const arms = {
    vector: new Set(nearest.flat().map(({ ordinal }) => ordinal)),
    lexical: new Set(byWords.map(({ ordinal }) => ordinal)),
    association: reached,
    speaker: new Set(said),
  };
  return {
    byWords,
    reached,
    kept: new Set([...kept, ...reached.keys(), ...said]),
    findersOf: (ordinal) => findersAmong(arms, ordinal),
  };
}

function findersAmong(
  found: Readonly<Record<Way, { has(ordinal: number): boolean }>>,
  ordinal: number,
): readonly Finder[] {
  const arms = (Object.keys(found) as Way[]).filter((arm) => found[arm].has(ordinal));
  return arms.length === 0 ? ['neighbour'] : arms;
}

/** What was found, the surest first: by its shares of the best of each arm, as these weigh. Activation is the share of the surest. */
function surest(
  byWords: readonly LexicalMatch[],
  nearest: readonly (readonly VectorMatch[])[],
  { passage, meaning }: Weights,
): readonly Seed[] {
  const sums = new Map<number, number>();
  // A weight of 0 leaves out a signal, not what its arm found.
  addShares(sums, byWords, ({ score }) => score, Math.max(0, passage) || 1);
  for (const matches of nearest) addShares(sums, matches, cosineOf, Math.max(0, meaning) || 1);
  const sorted = [...sums].sort(([a, first], [b, second]) => second - first || a - b);
  const most = sorted[0]?.[1] ?? 0;
  return sorted.map(([ordinal, sum]) => ({ ordinal, activation: most > 0 ? sum / most : 0 }));
}

/** @param matches best first; where the best has nothing, none counts. */
function addShares<M extends { readonly ordinal: number }>(
  sums: Map<number, number>,
  matches: readonly M[],
  scoreOf: (match: M) => number,
  weight: number,
): void {
  const best = matches[0] === undefined ? 0 : scoreOf(matches[0]);
  if (!(best > 0)) return;
  for (const match of matches) {
    const share = (weight * Math.max(0, scoreOf(match))) / best;
    sums.set(match.ordinal, (sums.get(match.ordinal) ?? 0) + share);
  }
}

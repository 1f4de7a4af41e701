/** A question as recall is asked it: the arms that look for answers, and what of the memories they are judged by. */

import type { LexicalMatch, TermImpacts } from '../text/lexical-index.ts';
import type { SignalName } from '../types.ts';
import type { Activation, Seed } from './association/index.ts';
import type { VectorMatch } from './meaning.ts';
import type { Sessions } from './pool.ts';
import type { Weights } from './signals.ts';

/** What of the memories is looked at. All of it is in memory: nothing is read. */
export interface Memories extends Sessions {
  speaker(ordinal: number): string | undefined;
  contentBytes(ordinal: number): number;
  /** Signals that are told by a memory’s own fields alone. */
  readonly signals: ReadonlyMap<SignalName, Measure>;
  /** Whether a text asks something anywhere, and whether it ends with a question; by the ordinals given. */
  questions(ordinals: Uint32Array): { readonly asks: Uint8Array; readonly ends: Uint8Array };
}

/** A signal's values for memories. */
export type Measure = (ordinals: Uint32Array) => ArrayLike<number>;

/** The question's words. */
export interface WordArm {
  search(count: number): readonly LexicalMatch[];
  impacts(ordinals: Uint32Array): TermImpacts;
}

/** The question as a vector of one space. */
export interface SpaceArm {
  /** Whether the model's quality is known: one that is not is trusted as far as it agrees with the words. */
  readonly isKnown: boolean;
  nearest(count: number): readonly VectorMatch[];
  /** Of those ordinals that have a vector in the space. */
  similarities(ordinals: readonly number[]): readonly VectorMatch[];
}

/** A question, as the arms were asked it. */
export interface RecallQuestion {
  /** Undefined where words are not asked. */
  readonly words: WordArm | undefined;
  readonly spaces: readonly SpaceArm[];
  /** What is reached from the surest finds of the other arms; undefined where it is not asked. */
  readonly associations: ((seeds: readonly Seed[]) => ReadonlyMap<number, Activation>) | undefined;
  /** Who is named as a speaker. */
  readonly speakers: ReadonlySet<string>;
  /** What these said, the latest first, where the question asks for nothing else. */
  readonly said?: ((count: number) => readonly number[]) | undefined;
  /** Candidates of each arm. */
  readonly count: number;
  /** How many of those found are judged by all signals, the surest, with what stands beside them. */
  readonly keep: number;
  /** Whether the filter lets a memory through. */
  readonly isAllowed: (ordinal: number) => boolean;
  /** Ordinals drawn at random, to compare cosines with. */
  readonly sample: readonly number[];
  readonly weights: Weights;
}

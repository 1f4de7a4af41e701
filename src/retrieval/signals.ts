/**
 * What a memory's score is made of: every signal with its weight and the reason for it, in one place.
 *
 * A signal's value times its weight are points, and points are log-odds (nats) that the memory is what was asked
 * for: two memories that differ by one point differ by e in the odds, other things being equal. The weights were
 * learnt as such, by a softmax over the candidates of a question (conditional logit: McFadden, Conditional logit
 * analysis of qualitative choice behavior, 1974), on three conversations of LoCoMo, and looked at on others
 * (docs/recall.md). A signal whose field a memory does not have is silent: its value is 0.
 */

import type { Priority, SignalName } from '../types.ts';

export interface Signal {
  /** Points (nats of log-odds) for a value of 1. */
  readonly weight: number;
  /** What its value is, and why it counts. */
  readonly reason: string;
}

export const SIGNALS: Readonly<Record<SignalName, Signal>> = {
  words: {
    weight: 0,
    reason:
      '0–1: BM25 of the memory’s own words, by the best of the candidates, times how far words are trusted. What says it in the words of the question is likely meant.',
  },
  passage: {
    weight: 4.2,
    reason:
      '0–1: the same over the memory and those up to two places before and after it in the session, nearer ones counting more. What a question asks is often said in two turns, or in a sentence and its heading.',
  },
  meaning: {
    weight: 2.5,
    reason:
      '−2 to 1: how far the cosine to the question lies above a random memory’s, by the best of the candidates, times how far the model is trusted. Below 0 for what is farther away than a random memory. A memory without a vector in a space that was asked has the value of its `words`: what it means is guessed until it is embedded.',
  },
  session: {
    weight: 2.6,
    reason:
      '0–1: mean of the three largest meanings in the memory’s session, by the best session. A session that speaks of it holds more of it; a memory without one is a session of its own.',
  },
  echo: {
    weight: -1.7,
    reason:
      '0–1: meaning of the memory just before it, where that does not ask and it is known who says it. Who reacts to what was meant says less than what was meant; in a document the next paragraph goes on.',
  },
  answer: {
    weight: 2.1,
    reason:
      '−⅓ to ⅔: after a memory that asks, the mean of that one’s words and meaning, less a third. What follows a question that is like ours answers it; what follows another question answers that.',
  },
  speaker: {
    weight: 1.3,
    reason: '0 or 1: the question names who said it. People are asked about what they say of themselves.',
  },
  statement: {
    weight: 0.9,
    reason: '0 or 1: it does not end with a question. A question holds less evidence than a statement.',
  },
  length: {
    weight: 1.7,
    reason:
      '0–1.2: ln(1 + words) / ln 40, words reckoned as six bytes. A very short text holds less than a long one.',
  },
  time: {
    weight: 4,
    reason:
      '0–1: how well its time fits the time that the question speaks of. Fitted 2.2; any weight from 3 to 5 finds as much or a little more, and a question that names nothing but a time needs it.',
  },
  outdated: {
    weight: -6,
    reason:
      '0–1: it does not hold at the moment that is asked about (`retrieval/validity.ts`). It comes behind what took its place though that fits somewhat worse, and before what only shares a word.',
  },
  association: {
    weight: 3,
    reason:
      '0–1: activation that reaches it from what the arms found first, over links and over what was used together before, by what a link of full strength brings from the surest find. What belongs to an answer often shares no word with the question. Not fitted, since no data set has links: somewhat more than a meaning as near as any, since a host that links says so outright.',
  },
  context: {
    weight: 2.5,
    reason:
      '0–1: how near it is to where the caller says that he stands (`retrieval/context.ts`). As much as a good part of the words: who names his session or pipeline means it.',
  },
  recency: {
    weight: 1,
    reason:
      'ln of a weight from 0.3 to 1.5 by age and half-life (`retrieval/decay.ts`), so that the odds are multiplied with that weight. Of two that fit alike the fresher is likelier meant.',
  },
  priority: {
    weight: 0.6,
    reason:
      '−½ low, 0 medium, ½ high, 1 critical. What much depends on is asked for more often, and missed more dearly.',
  },
  importance: {
    weight: 0.5,
    reason: '−1 to 1: twice the importance, less 1. As the priority, in the host’s own measure.',
  },
  use: {
    weight: 0.3,
    reason:
      '0–1: how often and how lately it was read (ACT-R). Little, since searches themselves raise it: what was found once is not to be found ever after.',
  },
  usefulness: {
    weight: 1.5,
    reason:
      '−1 to 1: how useful it was found itself (`memory/feedback.ts`). Not fitted, since no data set has verdicts: one verdict (⅓) decides between memories that fit about as well, three of them (.6) are worth a point, and none brings up what does not fit.',
  },
  preference: {
    weight: 0.75,
    reason:
      '−1 to 1: how useful memories like it were found (`engine/preferences.ts`). Not fitted; half of what is known of the memory itself, since it is inferred.',
  },
  phrase: {
    weight: 30,
    reason:
      '0 or 1: everything that stands in quotation marks in the question stands in it as written. Not fitted: more than all others together, since who quotes wants what has the quotation first.',
  },
};

export const SIGNAL_NAMES = Object.keys(SIGNALS) as readonly SignalName[];

/** Points for a value of 1, by signal: those of {@link SIGNALS}, or a caller's. */
export type Weights = Readonly<Record<SignalName, number>>;

export function weightsOf(given: Partial<Weights> = {}): Weights {
  return Object.fromEntries(
    SIGNAL_NAMES.map((name) => [name, given[name] ?? SIGNALS[name].weight]),
  ) as Weights;
}

/** How much less the words of a memory count for one that is so many places away in the session: 0, 1, 2. */
export const PASSAGE_DECAY: readonly number[] = [1, 0.6, 0.36];
/** Memories of a session whose meanings make the session's. */
export const SESSION_BEST = 3;
/** How like a question must be to the one before a memory for that memory to gain by it, 0–1. */
export const ANSWER_FROM = 1 / 3;
/**
 * Share of the weight of a question's words that the best candidate has where words are trusted in full; below it they
 * count by the share of that, where a model asks that was measured: of a question in other words than the text's, what
 * matches may match by accident, but without such a model there is nothing better.
 */
export const FULL_WORDS_SHARE = 0.8;
/** Words at which a text's length counts 1. */
export const FULL_LENGTH_WORDS = 40;
/** Most that a long text's length counts. */
export const MAX_LENGTH_VALUE = 1.2;
/** Bytes of a word and the space behind it, in English. */
export const BYTES_PER_WORD = 6;
/** Candidates by words whose cosines tell whether a model may be trusted. */
export const TRUST_CANDIDATES = 10;
/** How far a model is trusted of which nothing tells, as after so many candidates that told it: half, so that a bad one cannot outweigh the words. */
export const TRUST_PRIOR = 0.5;
export const PRIOR_CANDIDATES = 2;
/**
 * Standard deviations that their mean cosine lies above a random memory's where a model is trusted in full: MiniLM
 * has 1.9, the Universal Sentence Encoder Lite .9, random vectors 0 (medians over questions of LoCoMo).
 */
export const FULL_TRUST = 1.9;
/** Random memories that tell what cosines a space has: the mean is known to an eighth of a deviation. */
export const BACKGROUND_SAMPLE = 64;
/** Memories at which the mean of the background is believed half: of a handful, all may be what is meant. */
export const BACKGROUND_PRIOR = 20;
/** Deviation of the cosines of unrelated sentences, MiniLM's and the built-in model's (docs/builtin-model.md). */
export const USUAL_DEVIATION = 0.108;
/** Share of the weight of a question's words that a memory must have to tell anything of a model. */
export const TELLING_SHARE = 0.5;
/** Values of the signal `priority`. */
export const PRIORITY_VALUES: Readonly<Record<Priority, number>> = {
  low: -0.5,
  medium: 0,
  high: 0.5,
  critical: 1,
};
/** Candidates from which activation spreads: the surest. */
export const ASSOCIATION_SEEDS = 5;

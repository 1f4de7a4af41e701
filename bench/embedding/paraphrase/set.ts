/** Questions that share no content word with their answer: what a search by words alone cannot find. */

import data from './set.json' with { type: 'json' };

export interface ParaphrasePair {
  readonly question: string;
  readonly answer: string;
}

export interface ParaphraseTopic {
  readonly topic: string;
  readonly pairs: readonly ParaphrasePair[];
  /** Sentences that answer none of the questions; those of a topic are near to its answers. */
  readonly others: readonly string[];
}

/**
 * The project's own set, written for the purpose before the built-in model was trained: short sentences as an
 * agent keeps them, in 41 topics and one of none. Every question is asked of all sentences of all topics.
 */
export const PARAPHRASE_TOPICS: readonly ParaphraseTopic[] = data.topics;

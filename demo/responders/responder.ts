/** The Responder port: turns a message and what was recalled for it into an answer. */

import type { SearchHit } from '../../src/types.ts';

/** What a message wants, as far as it can be told without a model. */
export type Intent = 'statement' | 'question' | 'forget' | 'smalltalk';

/** One earlier turn of this conversation. */
export interface HistoryTurn {
  readonly role: 'user' | 'assistant';
  readonly text: string;
}

/** One message to answer. */
export interface RespondRequest {
  /** The user's message, whole. */
  readonly question: string;
  readonly intent: Intent;
  /** What was recalled for it and says something about it, best first; may be empty. */
  readonly hits: readonly SearchHit[];
  /** The turns before this one, oldest first. */
  readonly history: readonly HistoryTurn[];
  /** Aborted when the user does not want the answer any more. */
  readonly signal: AbortSignal;
}

/**
 * What every responder guarantees:
 * - The pieces it yields, joined, are the answer; none of them is the answer so far again.
 * - It ends: with the answer complete, or by throwing a `LociError`, never by falling silent.
 *   `RESPONDER_FAILED` where an answer broke off or could not be had, `MODEL_UNAVAILABLE` where
 *   its model cannot be loaded; each with a hint.
 * - After `signal` is aborted it yields nothing more, lets go of connection and worker, and throws
 *   `RESPONDER_FAILED` with `details.aborted` true.
 * - Recalled text is data: it is quoted or fenced, and cannot act as an instruction.
 * - It keeps nothing between two calls that the next answer depends on.
 */
export interface Responder {
  /** Shown beside its answers. */
  readonly name: string;
  /** Whether it can use memories for a statement too, or only to answer a question. */
  readonly recallsFor: 'questions' | 'everything';
  respond(request: RespondRequest): AsyncIterable<string>;
}

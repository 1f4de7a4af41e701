/** The agent: remembers what the user states, recalls for what the user asks, and answers through a responder. */

import { isLociError, type LociError, toLociError } from '../src/errors.ts';
import type { AddResult, MemoryEngine, NewMemory, SearchHit, SearchResult } from '../src/types.ts';
import { utcOffsetMinutes } from './describe.ts';
import { readMessage } from './intent.ts';
import { canAnswer, relevantHits } from './relevance.ts';
import { repeatUnknown } from './repeat.ts';
import type { HistoryTurn, Responder, RespondRequest } from './responders/responder.ts';

/** Where the memories of this page's chat come from. */
export const CHAT_SOURCE = 'chat';
/** Memories shown and handed to a responder for one message. */
const RECALL_LIMIT = 5;
/** Memories asked for: some are earlier questions, which cannot answer. */
const RECALL_CANDIDATES = 12;

/** What happens while a message is handled, in this order; `piece` repeats, `fallback` discards the pieces before it. */
export type AgentEvent =
  | { readonly type: 'stored'; readonly result: AddResult }
  | { readonly type: 'recalled'; readonly hits: readonly SearchHit[]; readonly result: SearchResult }
  | { readonly type: 'piece'; readonly text: string; readonly responder: string }
  | { readonly type: 'fallback'; readonly error: LociError };

/** One message of the user's. */
export interface AgentMessage {
  readonly text: string;
  readonly history: readonly HistoryTurn[];
  readonly signal: AbortSignal;
}

/** What an agent is made of. */
export interface AgentParts {
  readonly engine: MemoryEngine;
  readonly responder: Responder;
  /** Answers when `responder` fails; it must need nothing that can. */
  readonly fallback: Responder;
  readonly sessionId: string;
}

/**
 * Handles one message. A statement is stored before anything is answered, so that it is kept even
 * if the answer fails; a mere question, request or greeting is not stored, since recalling it later
 * would answer nobody. A storage error is thrown; a responder's becomes a `fallback`, unless the
 * user stopped the answer.
 */
export async function* handleMessage(parts: AgentParts, message: AgentMessage): AsyncGenerator<AgentEvent> {
  const { engine, responder, fallback, sessionId } = parts;
  const { intent, statement, query } = readMessage(message.text);
  let storedId: string | undefined;
  if (statement !== '') {
    const memory: NewMemory = {
      content: statement,
      kind: 'episodic',
      tier: 'working',
      speaker: 'user',
      source: CHAT_SOURCE,
      sessionId,
    };
    const result = await repeatUnknown((options) => engine.add(memory, options));
    storedId = intent === 'statement' ? result.id : undefined;
    yield { type: 'stored', result };
  }
  const isRecalling = intent === 'question' || intent === 'forget' || responder.recallsFor === 'everything';
  let hits: readonly SearchHit[] = [];
  if (isRecalling && intent !== 'smalltalk') {
    const result = await engine.search(query, {
      limit: RECALL_CANDIDATES,
      utcOffsetMinutes: utcOffsetMinutes(),
    });
    hits = chooseHits(result, query, storedId);
    yield { type: 'recalled', hits, result };
  }
  const request = { question: message.text, intent, hits, history: message.history, signal: message.signal };
  yield* answer(responder, fallback, request);
}

async function* answer(
  responder: Responder,
  fallback: Responder,
  request: RespondRequest,
): AsyncGenerator<AgentEvent> {
  try {
    yield* pieces(responder, request);
  } catch (caught) {
    const error = toLociError(caught, 'RESPONDER_FAILED');
    if (isStopped(error) || responder === fallback) throw error;
    yield { type: 'fallback', error };
    yield* pieces(fallback, request);
  }
}

/** Whether an error only says that the user stopped the answer. */
export function isStopped(error: unknown): boolean {
  return isLociError(error) && error.details?.aborted === true;
}

async function* pieces(responder: Responder, request: RespondRequest): AsyncGenerator<AgentEvent> {
  for await (const text of responder.respond(request)) {
    yield { type: 'piece', text, responder: responder.name };
  }
}

/** The hits that say something about the query, best first: not the query itself, not other questions. */
function chooseHits({ hits, plan }: SearchResult, query: string, storedId: string | undefined): SearchHit[] {
  const asked = { query, times: plan.times };
  return relevantHits(hits, asked)
    .filter((hit) => hit.id !== storedId && canAnswer(hit, query))
    .slice(0, RECALL_LIMIT);
}

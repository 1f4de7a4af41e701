/** The built-in responder: quotes what it recalled, and says clearly when it knows nothing. */

import { LociError } from '../../src/errors.ts';
import type { SearchHit, Validity } from '../../src/types.ts';
import { canAnswer, plain } from '../relevance.ts';
import type { Responder, RespondRequest } from './responder.ts';

/** How the built-in responder is called on the page. */
export const QUOTING_NAME = 'built-in';
/** Most memories quoted in one answer. */
const MAX_QUOTES = 3;
/** A further quote must score at least this share of the best one's score. */
const SCORE_SHARE = 0.75;

/** Makes the responder; `pauseMs` between two words lets an answer be seen to grow. */
export function createQuotingResponder(pauseMs = 0): Responder {
  return {
    name: QUOTING_NAME,
    recallsFor: 'questions',
    async *respond(request) {
      for (const piece of answer(request).match(/\s*\S+|\s+$/g) ?? []) {
        if (request.signal.aborted) throw stopped();
        yield piece;
        if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    },
  };
}

/** The error of an answer the user stopped. */
export function stopped(cause?: unknown): LociError {
  return new LociError('RESPONDER_FAILED', 'The answer was stopped.', {
    retryable: true,
    hint: 'Send the message again for a whole answer.',
    details: { aborted: true },
    cause,
  });
}

function answer({ question, intent, hits }: RespondRequest): string {
  if (intent === 'smalltalk') return 'Hello. Tell me something to remember, or ask me what you told me.';
  if (intent === 'statement') return 'Noted. I will remember that.';
  const quotes = pickQuotes(hits, question).map(quote);
  if (intent === 'forget') {
    const where = 'Nothing is forgotten on a guess: choose it in the Memories panel and press Forget.';
    return quotes.length === 0 ? where : `${where} This may be what you mean:\n\n${quotes.join('\n\n')}`;
  }
  if (quotes.length === 0) return 'I know nothing about that. Tell me, and I will remember it.';
  return quotes.join('\n\n');
}

function pickQuotes(hits: readonly SearchHit[], question: string): SearchHit[] {
  const fitting = hits.filter((hit) => canAnswer(hit, question));
  const best = fitting[0]?.score ?? 0;
  const seen = new Set<string>();
  return fitting
    .filter((hit) => {
      const text = plain(hit.memory.content);
      const isNew = !seen.has(text);
      seen.add(text);
      return isNew && hit.score >= best * SCORE_SHARE;
    })
    .slice(0, MAX_QUOTES);
}

function quote({ memory: { speaker, createdAt, content }, validity }: SearchHit): string {
  const who = speaker === undefined ? 'It was noted' : speaker === 'user' ? 'You said' : `${speaker} said`;
  return `${who} on ${formatDate(createdAt)}${caveatOf(validity)}: “${content}”`;
}

function caveatOf(validity: Validity | undefined): string {
  if (validity === undefined || validity === 'current') return '';
  return validity === 'future' ? ', which does not hold yet' : ', which holds no longer';
}

function formatDate(at: number): string {
  return new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric' }).format(at);
}

/** A responder on any endpoint that speaks OpenAI's `/v1/chat/completions`. */

import type { EventSourceMessage } from 'eventsource-parser/stream';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { isLociError, LociError, toLociError } from '../../src/errors.ts';
import { buildPrompt } from './prompt.ts';
import { stopped } from './quoting.ts';
import type { Responder, RespondRequest } from './responder.ts';

/** Where the endpoint is, and as whom to call it. */
export interface OpenAiConfig {
  /** Base (`https://host/v1`) or whole URL of the endpoint. */
  readonly url: string;
  readonly model: string;
  /** Sent as a bearer token; local servers mostly need none. */
  readonly key?: string | undefined;
  /** Longest silence before the first piece and between two pieces, ms. Default 60,000: local models load first. */
  readonly silenceMs?: number | undefined;
}

const DEFAULT_SILENCE_MS = 60_000;
/** Longest part of an error's body that is shown, characters. */
const MAX_DETAIL_CHARS = 300;

/** Makes the responder. */
export function createOpenAiResponder(config: OpenAiConfig): Responder {
  return {
    name: `${config.model} at ${hostOf(config.url)}`,
    recallsFor: 'everything',
    async *respond(request) {
      const watch = watchSilence(request.signal, config.silenceMs ?? DEFAULT_SILENCE_MS);
      try {
        const response = await ask(config, request, watch.signal);
        watch.heard();
        const isStream = response.headers.get('content-type')?.includes('text/event-stream') === true;
        if (!isStream) {
          yield await readWhole(response);
          return;
        }
        for await (const piece of readStream(response, watch.heard)) {
          watch.signal.throwIfAborted();
          yield piece;
        }
      } catch (error) {
        throw explain(error, request.signal, watch.signal);
      } finally {
        watch.end();
      }
    },
  };
}

/** The endpoint's URL from a base, a host or the whole. */
export function completionsUrl(url: string): string {
  const base = url.trim().replace(/\/+$/, '');
  if (base.endsWith('/chat/completions')) return base;
  return /\/v\d+\w*$/.test(base) ? `${base}/chat/completions` : `${base}/v1/chat/completions`;
}

async function ask(config: OpenAiConfig, request: RespondRequest, signal: AbortSignal): Promise<Response> {
  const send = (stream: boolean) =>
    fetch(completionsUrl(config.url), {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(config.key === undefined || config.key === '' ? {} : { authorization: `Bearer ${config.key}` }),
      },
      body: JSON.stringify({ model: config.model, messages: buildPrompt(request), stream }),
      signal,
    });
  const response = await send(true);
  if (response.ok) return response;
  const detail = await readDetail(response);
  const cannotStream = [400, 422, 501].includes(response.status) && /stream/i.test(detail);
  const second = cannotStream ? await send(false) : undefined;
  if (second?.ok === true) return second;
  throw httpError(second ?? response, second === undefined ? detail : await readDetail(second));
}

async function* readStream(response: Response, heard: () => void): AsyncGenerator<string> {
  if (response.body === null) throw brokenOff();
  // TypeScript's DOM types give TextDecoderStream a wider input than a body's chunks.
  const decoder = new TextDecoderStream() as unknown as ReadableWritablePair<string, Uint8Array>;
  const events = response.body.pipeThrough(decoder).pipeThrough(new EventSourceParserStream());
  const reader = events.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      heard();
      if (next.value.data.trim() === '[DONE]') return;
      const { text, isLast } = readChunk(next.value);
      if (text !== '') yield text;
      if (isLast) return;
    }
    throw brokenOff();
  } finally {
    void reader.cancel().catch(() => undefined);
  }
}

function readChunk({ data }: EventSourceMessage): { text: string; isLast: boolean } {
  let chunk: Completion;
  try {
    chunk = JSON.parse(data) as Completion;
  } catch (cause) {
    throw new LociError('RESPONDER_FAILED', 'The endpoint sent a piece that is not JSON.', {
      retryable: true,
      hint: 'Check that the URL is of an OpenAI-compatible endpoint, and try again.',
      cause,
    });
  }
  if (chunk?.error != null) throw endpointError(chunk.error);
  const choice = chunk?.choices?.[0];
  return { text: choice?.delta?.content ?? '', isLast: choice?.finish_reason != null };
}

async function readWhole(response: Response): Promise<string> {
  const text = await response.text();
  let body: Completion | undefined;
  try {
    body = JSON.parse(text) as Completion;
  } catch {
    body = undefined; // told below as what it is: no answer
  }
  if (body?.error != null) throw endpointError(body.error);
  const content = body?.choices?.[0]?.message?.content;
  if (typeof content === 'string' && content !== '') return content;
  throw new LociError('RESPONDER_FAILED', 'The endpoint answered, but not with a chat completion.', {
    hint: 'Check the URL: it should end in /v1 or /v1/chat/completions.',
  });
}

interface Completion {
  readonly error?: unknown;
  readonly choices?: readonly {
    readonly delta?: { readonly content?: string | null } | undefined;
    readonly message?: { readonly content?: string | null } | undefined;
    readonly finish_reason?: string | null | undefined;
  }[];
}

async function readDetail(response: Response): Promise<string> {
  const text = await response.text().catch(() => '');
  try {
    return messageOf((JSON.parse(text) as { error?: unknown }).error) ?? text.slice(0, MAX_DETAIL_CHARS);
  } catch {
    return text.slice(0, MAX_DETAIL_CHARS);
  }
}

function messageOf(error: unknown): string | undefined {
  if (typeof error === 'string') return error.slice(0, MAX_DETAIL_CHARS);
  if (typeof error !== 'object' || error === null || !('message' in error)) return undefined;
  return String(error.message).slice(0, MAX_DETAIL_CHARS);
}

function httpError({ status }: Response, detail: string): LociError {
  const isLater = status === 408 || status === 429 || status >= 500;
  const hint =
    status === 401 || status === 403
      ? 'Check the API key in the settings.'
      : status === 404
        ? 'Check the endpoint’s URL and the model’s name in the settings.'
        : isLater
          ? 'The endpoint is in trouble or busy; try again in a moment.'
          : 'Check the endpoint and the model in the settings.';
  const message = `The endpoint answered ${status}${detail === '' ? '' : `: ${detail}`}`;
  return new LociError('RESPONDER_FAILED', message, { retryable: isLater, hint, details: { status } });
}

function endpointError(error: unknown): LociError {
  return new LociError(
    'RESPONDER_FAILED',
    `The endpoint failed: ${messageOf(error) ?? 'it did not say why'}`,
    {
      retryable: true,
      hint: 'Try again, or choose another model in the settings.',
    },
  );
}

function brokenOff(cause?: unknown): LociError {
  return new LociError('RESPONDER_FAILED', 'The answer broke off before its end.', {
    retryable: true,
    hint: 'Send the message again; if it keeps breaking off, look at the endpoint’s log.',
    cause,
  });
}

function explain(error: unknown, user: AbortSignal, watch: AbortSignal): LociError {
  if (user.aborted) return stopped(error);
  if (isLociError(error)) return error;
  if (watch.aborted) {
    return new LociError('RESPONDER_FAILED', 'The endpoint fell silent.', {
      retryable: true,
      hint: 'Check that the endpoint is running and not overloaded, and try again.',
      details: { timedOut: true },
      cause: error,
    });
  }
  const isBroken = error instanceof TypeError && /terminated|network error|body/i.test(error.message);
  if (isBroken) return brokenOff(error);
  return toLociError(error, 'RESPONDER_FAILED', {
    retryable: true,
    hint: 'Check that the endpoint is running, and that it allows calls from this page (CORS).',
  });
}

/** A signal that aborts with the user's, or when `heard` was not called for `silenceMs`. */
function watchSilence(user: AbortSignal, silenceMs: number) {
  const controller = new AbortController();
  const follow = () => controller.abort(user.reason);
  const fallSilent = () => controller.abort(new Error(`nothing heard for ${silenceMs} ms`));
  let timer = setTimeout(fallSilent, silenceMs);
  if (user.aborted) follow();
  user.addEventListener('abort', follow);
  return {
    signal: controller.signal,
    heard: () => {
      clearTimeout(timer);
      timer = setTimeout(fallSilent, silenceMs);
    },
    end: () => {
      clearTimeout(timer);
      user.removeEventListener('abort', follow);
      controller.abort();
    },
  };
}

function hostOf(url: string): string {
  try {
    return new URL(url).host;
  } catch {
    return url;
  }
}

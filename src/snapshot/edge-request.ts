/** One request to the edge: with its token, a deadline and a limited answer, failing with typed errors only. */
import { LociError, type LociErrorOptions } from '../errors.ts';
import { EDGE_DEADLINE_MS } from '../limits.ts';
import { readLimited } from './read-limited.ts';

/** How the edge is reached. */
export interface EdgeAddress {
  /** Address of the edge, for example `https://loci.example.workers.dev`. */
  readonly url: string;
  /** A bearer token whose claim `tenant` names the tenant. */
  readonly token: string;
  /** Default: the global `fetch`. */
  readonly fetch?: ((url: string, init: RequestInit) => Promise<Response>) | undefined;
  /** Longest wait for one answer with its body, ms. Default 60,000. */
  readonly deadlineMs?: number | undefined;
}

/** One call: `path` begins with a slash, `limitBytes` is the longest answer taken. */
export interface EdgeCall {
  readonly method: 'GET' | 'HEAD' | 'PUT';
  readonly path: string;
  readonly body?: Uint8Array<ArrayBuffer> | string | undefined;
  readonly limitBytes: number;
}

/** Answers with the body of a successful call; anything else is a typed error. */
export type EdgeRequest = (call: EdgeCall) => Promise<Uint8Array<ArrayBuffer>>;

/**
 * A function that makes requests to one edge.
 *
 * It throws UNAUTHORIZED, NOT_FOUND, CONFLICT, PAYLOAD_TOO_LARGE, INVALID_INPUT or NEWER_FORMAT as
 * the edge says, DEADLINE_EXCEEDED after the deadline, and REMOTE_FAILED for all else.
 */
export function createEdgeRequest(address: EdgeAddress): EdgeRequest {
  const base = checkUrl(address.url);
  const send = address.fetch ?? ((url, init) => fetch(url, init));
  const deadlineMs = address.deadlineMs ?? EDGE_DEADLINE_MS;
  return async ({ method, path, body, limitBytes }) => {
    let response: Response;
    let answer: Uint8Array<ArrayBuffer>;
    try {
      response = await send(base + path, {
        method,
        headers: { Authorization: `Bearer ${address.token}` },
        ...(body === undefined ? {} : { body }),
        // A redirect would carry the token elsewhere. (`error` is not known in workerd.)
        redirect: 'manual',
        signal: AbortSignal.timeout(deadlineMs),
      });
      answer = await readLimited(response.body, limitBytes);
    } catch (cause) {
      throw unreachable(cause, deadlineMs);
    }
    if (!response.ok) throw refused(response.status, answer);
    return answer;
  };
}

function checkUrl(url: string): string {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new LociError('INVALID_INPUT', 'The address of the edge is not an http or https URL', {
      hint: 'Give it in full, for example http://127.0.0.1:8801.',
    });
  }
  return url.replace(/\/+$/, '');
}

function unreachable(cause: unknown, deadlineMs: number): LociError {
  if (cause instanceof Error && cause.name === 'TimeoutError') {
    return new LociError('DEADLINE_EXCEEDED', `The edge did not answer within ${deadlineMs} ms`, {
      retryable: true,
      hint: 'Try again: what arrived is not sent twice.',
      cause,
    });
  }
  return new LociError('REMOTE_FAILED', 'The edge could not be reached, or its answer broke off', {
    retryable: true,
    hint: 'Check the address, the network, and that the edge allows this page’s origin.',
    cause,
  });
}

function refused(status: number, answer: Uint8Array): LociError {
  const told = readError(answer);
  const text = told.message ?? `The edge answered ${status}`;
  const options: LociErrorOptions = { ...told.options, details: { ...told.options.details, status } };
  switch (status) {
    case 400:
      return new LociError(told.code === 'NEWER_FORMAT' ? 'NEWER_FORMAT' : 'INVALID_INPUT', text, options);
    case 401:
    case 403:
      return new LociError('UNAUTHORIZED', text, {
        hint: 'Get a new token for this edge.',
        ...options,
        retryable: false,
      });
    case 404:
      return new LociError('NOT_FOUND', text, options);
    case 409:
      return new LociError('CONFLICT', text, options);
    case 413:
      return new LociError('PAYLOAD_TOO_LARGE', text, options);
    default:
      return new LociError('REMOTE_FAILED', text, {
        hint: 'Try again in a moment.',
        ...options,
        retryable: status >= 500 || status === 408 || status === 429,
      });
  }
}

interface ToldError {
  readonly code?: string;
  readonly message?: string;
  readonly options: LociErrorOptions;
}

/** What the body of a refusal says; anything may have answered, so nothing of it is taken on trust. */
function readError(answer: Uint8Array): ToldError {
  const error = field(parseJson(answer), 'error');
  const [code, message, hint] = ['code', 'message', 'hint'].map((name) => field(error, name));
  const details = field(error, 'details');
  return {
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof message === 'string' ? { message } : {}),
    options: {
      ...(typeof hint === 'string' ? { hint } : {}),
      ...(field(error, 'retryable') === true ? { retryable: true } : {}),
      ...(typeof details === 'object' && details !== null ? { details: { ...details } } : {}),
    },
  };
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.getOwnPropertyDescriptor(value, name)?.value;
}

/** The answer as JSON, or undefined: a proxy's error page is none. */
export function parseJson(answer: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(answer));
  } catch {
    return undefined;
  }
}

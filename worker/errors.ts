/** Typed errors as HTTP answers: `{ error: { code, message, hint, retryable } }`. */
import type { Context } from 'hono';
import { type ErrorCode, isLociError, LociError } from '../src/errors.ts';
import type { EdgeContext } from './env.ts';

const STATUS = {
  INVALID_INPUT: 400,
  NEWER_FORMAT: 400,
  UNAUTHORIZED: 401,
  NOT_FOUND: 404,
  CONFLICT: 409,
  PAYLOAD_TOO_LARGE: 413,
  STORAGE_FAILED: 503,
} as const satisfies Partial<Record<ErrorCode, number>>;

/** The answer to any error; one without a type tells the caller nothing of what is inside. */
export function respondError(error: unknown, c: Context<EdgeContext>): Response {
  const known = isLociError(error) ? error : undefined;
  const shown = known ?? new LociError('INTERNAL', 'The edge failed', { hint: 'Try again later.' });
  const status = statusOf(shown.code);
  if (status >= 500) console.error(error, known?.cause);
  if (status === 401) c.header('WWW-Authenticate', 'Bearer');
  const { code, message, hint, retryable, details } = shown;
  return c.json(
    { error: { code, message, hint: hint ?? '', retryable, ...(details && { details }) } },
    status,
  );
}

/** The error of a path or a thing that is not there, the same for both. */
export function notFound(): LociError {
  return new LociError('NOT_FOUND', 'There is nothing here', {
    hint: 'Check the path, the namespace and the name.',
  });
}

function statusOf(code: ErrorCode): (typeof STATUS)[keyof typeof STATUS] | 500 {
  return Object.hasOwn(STATUS, code) ? STATUS[code as keyof typeof STATUS] : 500;
}

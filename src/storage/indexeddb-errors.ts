/** What IndexedDB's exceptions mean, as errors a caller can act on. */

import { isLociError, LociError } from '../errors.ts';

/** Said by Chromium and Safari when the process that holds the database went away, or closed it. */
const CONNECTION_LOST =
  /connection to indexed database server lost|internal error opening backing store|connection (is|was) clos/i;

/** Chromium, of a value whose file is gone or torn (w3c/IndexedDB #423). */
const VALUE_UNREADABLE = /failed to read large indexeddb value|data lost due to/i;

/** Firefox, in a private window of a version that offers no database there. */
const NO_MUTATIONS = /mutation operation was attempted/i;

const DATABASE_GONE = 'database-gone';

/** The exception of a request, a transaction or `open` as a {@link LociError}; `action` says what failed. */
export function toStorageError(error: unknown, action: string): LociError {
  if (isLociError(error)) return error;
  const name = nameOf(error);
  const message = `${action} failed: ${describe(error)}`;
  if (name === 'QuotaExceededError') {
    return new LociError('QUOTA_EXCEEDED', message, {
      hint: 'The browser grants no more space: delete memories or other data of this site, or free disk space.',
      cause: error,
    });
  }
  if (name === 'VersionError') return newerFormatError(message, error);
  if (isConnectionLost(error)) return connectionLostError(message, error);
  if (name === 'NotReadableError' || VALUE_UNREADABLE.test(describe(error))) {
    return new LociError('STORAGE_CORRUPT', message, {
      hint: 'The browser lost stored bytes: rebuild from what is left, or restore a snapshot.',
      cause: error,
    });
  }
  return new LociError('STORAGE_FAILED', message, {
    hint: 'The browser refused the operation and nothing changed; the cause says why.',
    cause: error,
  });
}

/** The exception of `open`, or of listing databases, as a {@link LociError}: here alone can it turn out that there is no IndexedDB. */
export function toOpenError(error: unknown, name: string): LociError {
  const isRefused =
    nameOf(error) === 'SecurityError' ||
    (nameOf(error) === 'InvalidStateError' && NO_MUTATIONS.test(describe(error)));
  return isRefused ? noIndexedDbError(error) : toStorageError(error, `Opening the database ${name}`);
}

/** Whether the connection is gone, so that only a new one can answer. */
export function isConnectionLost(error: unknown): boolean {
  return CONNECTION_LOST.test(describe(error));
}

/** Whether a transaction was ended by the browser without a reason, as it does when it closes a connection. */
export function isUnexplainedAbort(error: unknown): boolean {
  return nameOf(error) === 'AbortError';
}

export function noIndexedDbError(cause?: unknown): LociError {
  return new LociError('STORAGE_UNAVAILABLE', 'This context has no IndexedDB', {
    hint: 'Use memory storage, or open the page outside private browsing and sandboxed frames.',
    details: { reason: 'no-indexeddb' },
    cause,
  });
}

export function connectionLostError(message: string, cause: unknown): LociError {
  return new LociError('STORAGE_UNAVAILABLE', message, {
    retryable: true,
    hint: 'The browser closed the database: try again, and reload the page if it stays away.',
    details: { reason: 'connection-lost' },
    cause,
  });
}

/** For a database that was open and is no more: what is found under its name now is another one. */
export function databaseGoneError(name: string): LociError {
  return new LociError('STORAGE_UNAVAILABLE', `The database ${name} was deleted while it was open`, {
    hint: 'What was stored there is gone: restore a backup. The next call works with an empty store.',
    details: { reason: DATABASE_GONE },
  });
}

/** Whether an error says that the stored memories were deleted while they were in use. */
export function isDatabaseGone(error: unknown): boolean {
  return isLociError(error) && error.details?.reason === DATABASE_GONE;
}

export function blockedError(name: string): LociError {
  return new LociError('UPGRADE_BLOCKED', `Another tab holds an older version of the database ${name}`, {
    retryable: true,
    hint: 'Close or reload the other tabs of this site, then try again.',
  });
}

export function deadlineError(action: string, ms: number): LociError {
  return new LociError('DEADLINE_EXCEEDED', `${action} took longer than ${ms} ms; nothing changed`, {
    retryable: true,
    hint: 'The browser’s database does not answer: close other tabs of this site and try again.',
    details: { deadlineMs: ms },
  });
}

/** For a commit that was handed over, and whose end nobody heard. */
export function outcomeUnknownError(message: string, cause?: unknown): LociError {
  return new LociError('OUTCOME_UNKNOWN', message, {
    hint: 'The commit may or may not have landed: read the store before writing again.',
    cause,
  });
}

function newerFormatError(message: string, cause: unknown): LociError {
  return new LociError('NEWER_FORMAT', message, {
    hint: 'A newer version of this application wrote the database: reload the page to get it.',
    cause,
  });
}

function nameOf(error: unknown): string {
  return error instanceof Error || error instanceof DOMException ? error.name : '';
}

function describe(error: unknown): string {
  return error instanceof Error || error instanceof DOMException
    ? `${error.name}: ${error.message}`
    : String(error);
}

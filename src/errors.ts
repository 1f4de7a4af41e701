/** The one error class of Loci: the same in the engine, across a worker's boundary and over HTTP. */

/** What went wrong, as a stable word that a program can branch on. */
export type ErrorCode =
  | 'INVALID_INPUT'
  | 'INVALID_FILTER'
  | 'INVALID_VECTOR'
  | 'IMPORT_INVALID'
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'LEGAL_HOLD'
  | 'SCOPE_REQUIRED'
  | 'QUOTA_EXCEEDED'
  | 'STORAGE_UNAVAILABLE'
  | 'STORAGE_FAILED'
  | 'STORAGE_CORRUPT'
  | 'UPGRADE_BLOCKED'
  | 'NEWER_FORMAT'
  | 'STALE_EPOCH'
  | 'MODEL_UNAVAILABLE'
  | 'INDEX_UNAVAILABLE'
  | 'INDEX_FULL'
  | 'RESPONDER_FAILED'
  | 'DEADLINE_EXCEEDED'
  | 'OUTCOME_UNKNOWN'
  | 'WORKER_DIED'
  | 'METHOD_NOT_ALLOWED'
  | 'CLOSED'
  | 'ABORTED'
  | 'UNAUTHORIZED'
  | 'PAYLOAD_TOO_LARGE'
  | 'CONFLICT'
  | 'REMOTE_FAILED'
  | 'INTERNAL';

/** The parts of a {@link LociError} beside its code and message. */
export interface LociErrorOptions {
  /** Whether the same call may succeed if made again unchanged. Default: false. */
  readonly retryable?: boolean;
  /** What the caller can do about it, in one sentence. */
  readonly hint?: string | undefined;
  /** The error underneath, kept for logs. */
  readonly cause?: unknown;
  /** The operation id of the call that failed: repeat the call with it and it is applied once. */
  readonly opId?: string | undefined;
  /** Facts a program may use, for example `{ line: 12 }` of a broken import file. */
  readonly details?: Readonly<Record<string, unknown>> | undefined;
}

/** A {@link LociError} as plain data, for `postMessage` and JSON. */
export interface SerializedLociError {
  readonly name: 'LociError';
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryable: boolean;
  readonly hint?: string;
  readonly opId?: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: string;
}

/**
 * An error with a code to branch on and a hint to act on.
 *
 * @example
 * try { await memory.add({ content: '' }); }
 * catch (error) { if (isLociError(error) && error.code === 'INVALID_INPUT') console.log(error.hint); }
 */
export class LociError extends Error {
  override readonly name = 'LociError';
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly hint: string | undefined;
  readonly opId: string | undefined;
  readonly details: Readonly<Record<string, unknown>> | undefined;

  constructor(code: ErrorCode, message: string, options: LociErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.hint = options.hint;
    this.opId = options.opId;
    this.details = options.details;
  }

  /** The error as plain data; `cause` becomes its text. */
  toJSON(): SerializedLociError {
    return {
      name: 'LociError',
      code: this.code,
      message: this.message,
      retryable: this.retryable,
      ...(this.hint === undefined ? {} : { hint: this.hint }),
      ...(this.opId === undefined ? {} : { opId: this.opId }),
      ...(this.details === undefined ? {} : { details: this.details }),
      ...(this.cause === undefined ? {} : { cause: describeCause(this.cause) }),
    };
  }

  /** The same error with some of its parts set; details are added to those there are. */
  with({ details, ...parts }: Omit<LociErrorOptions, 'cause'>): LociError {
    const { code, message, retryable, hint, opId, cause } = this;
    const both = details || this.details ? { details: { ...this.details, ...details } } : {};
    return new LociError(code, message, { retryable, hint, opId, cause, ...parts, ...both });
  }

  /** The error again from what {@link LociError.toJSON} gave. */
  static fromJSON(data: SerializedLociError): LociError {
    return new LociError(data.code, data.message, data);
  }
}

/** Whether a caught value is a {@link LociError}, also one of another copy of this module. */
export function isLociError(value: unknown): value is LociError {
  return value instanceof Error && value.name === 'LociError' && 'code' in value;
}

/** The value as a {@link LociError}: itself if it is one, else wrapped with the code given. */
export function toLociError(
  value: unknown,
  code: ErrorCode = 'INTERNAL',
  options: LociErrorOptions = {},
): LociError {
  if (isLociError(value)) return value;
  return new LociError(code, describeCause(value), { ...options, cause: value });
}

/** The same error with the operation id of the call that met it. */
export function withOpId(error: LociError, opId: string): LociError {
  return error.opId === undefined ? error.with({ opId }) : error;
}

function describeCause(cause: unknown): string {
  if (cause instanceof Error) return `${cause.name}: ${cause.message}`;
  return String(cause);
}

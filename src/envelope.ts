/** Answers as plain data, so that errors keep code, hint and whether a retry helps across a worker's boundary. */

import { LociError, type SerializedLociError, toLociError } from './errors.ts';

/** A value, or what went wrong. */
export type Envelope =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: SerializedLociError };

/** Runs the work and puts what comes of it into an envelope; it never rejects. */
export async function intoEnvelope(work: () => Promise<unknown>): Promise<Envelope> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    return refusal(toLociError(error));
  }
}

export function refusal(error: LociError): Envelope {
  return { ok: false, error: error.toJSON() };
}

/** What the envelope holds: the value, or the error thrown. */
export function outOfEnvelope(envelope: Envelope): unknown {
  if (envelope.ok) return envelope.value;
  throw LociError.fromJSON(envelope.error);
}

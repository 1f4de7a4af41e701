/** What calls answered, by operation id: a call that is made again is applied once. */

import { LociError } from '../errors.ts';
import { MAX_NAME_CHARS, OP_RESULT_RETENTION_MS } from '../limits.ts';
import type { StoredAnswer } from './layout.ts';

export class Answers {
  readonly #stored = new Map<string, StoredAnswer & { readonly bytes: number }>();
  #bytes = 0;
  readonly #running = new Map<string, { readonly method: string; readonly result: Promise<unknown> }>();

  /** Takes in an answer that was committed. */
  set(opId: string, answer: StoredAnswer, bytes: number): void {
    this.#bytes += bytes - (this.#stored.get(opId)?.bytes ?? 0);
    this.#stored.set(opId, { ...answer, bytes });
  }

  /** Bytes of the answers in storage. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * The answer of the call with this id: the stored one, that of the same call still running, or
   * that of the work given.
   *
   * @throws LociError `INVALID_INPUT` where the id was used for another kind of call.
   */
  once<T extends object>(opId: string, method: string, work: () => Promise<T>): Promise<T> {
    const known = this.#running.get(opId) ?? this.#stored.get(opId);
    if (known !== undefined) {
      const isSame = known.method === method || (method === 'add' && isAddOfBefore(known));
      if (!isSame) return Promise.reject(usedBefore(opId, known.method));
      return Promise.resolve(known.result as T | Promise<T>);
    }
    const result = work().finally(() => this.#running.delete(opId));
    this.#running.set(opId, { method, result });
    return result;
  }

  /** The ids of up to so many answers that are kept no longer. */
  outdated(now: number, count: number): readonly string[] {
    const opIds: string[] = [];
    for (const [opId, { at }] of this.#stored) {
      if (opIds.length === count) break;
      if (at < now - OP_RESULT_RETENTION_MS) opIds.push(opId);
    }
    return opIds;
  }

  /** To be called once they are gone from storage. */
  forget(opIds: readonly string[]): void {
    for (const opId of opIds) {
      this.#bytes -= this.#stored.get(opId)?.bytes ?? 0;
      this.#stored.delete(opId);
    }
  }
}

/** @throws LociError `INVALID_INPUT` for an id that is no short, plain string. */
export function checkOpId(opId: unknown): asserts opId is string {
  if (typeof opId === 'string' && opId.length <= MAX_NAME_CHARS && /^[\w.:-]+$/.test(opId)) return;
  throw new LociError('INVALID_INPUT', 'the operation id is not one', {
    hint: `Give up to ${MAX_NAME_CHARS} letters, digits and . : _ - or none, and one is made.`,
  });
}

/** Whether an answer may be that of an `add` which an earlier release wrote: it did not tell them from an `addMany` of one. */
function isAddOfBefore({ method, result }: { readonly method: string; readonly result: unknown }): boolean {
  const ids = (result as { readonly ids?: unknown }).ids;
  return method === 'addMany' && Array.isArray(ids) && ids.length === 1;
}

function usedBefore(opId: string, method: string): LociError {
  return new LociError('INVALID_INPUT', `the operation id was used for ${method} before`, {
    hint: 'Use a new id for every call, and the same one only to repeat it.',
    opId,
  });
}

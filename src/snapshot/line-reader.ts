/** Cuts a stream of bytes into lines of text, with the place of each; never holds more than a piece and a line. */
import { LociError } from '../errors.ts';
import { IMPORT_SOURCE_DEADLINE_MS, MAX_LINE_BYTES } from '../limits.ts';
import { concatBytes } from './read-limited.ts';
import { brokenLine } from './snapshot.ts';

export interface Line {
  /** Without its newline. */
  readonly text: string;
  /** With its newline, where it has one. */
  readonly bytes: Uint8Array;
  /** From 1. */
  readonly number: number;
  /** Bytes of the stream up to the end of this line. */
  readonly endBytes: number;
  /** False of a last line that has no newline: the stream may have been cut there. */
  readonly isWhole: boolean;
}

const NEWLINE = 0x0a;

/**
 * The lines of a stream, those of one piece at a time. The stream is cancelled when the reading ends
 * before it.
 *
 * @param deadlineMs longest wait for one piece.
 * @throws LociError IMPORT_INVALID with `details.line` for a line above 1 MiB or one that is not UTF-8;
 * DEADLINE_EXCEEDED; INVALID_INPUT where the stream is read by someone else or gives no bytes; ABORTED.
 */
export async function* readLines(
  stream: ReadableStream<Uint8Array>,
  signal: AbortSignal | undefined,
  deadlineMs = IMPORT_SOURCE_DEADLINE_MS,
): AsyncGenerator<readonly Line[]> {
  const cutter = new LineCutter();
  const reader = readerOf(stream);
  // A read that waits ends when its stream is cancelled.
  const stop = () => void reader.cancel(signal?.reason).catch(() => undefined); // it is over either way
  signal?.addEventListener('abort', stop, { once: true });
  try {
    for (;;) {
      throwIfAborted(signal);
      const { done, value } = await readInTime(reader, deadlineMs, cutter.count + 1);
      throwIfAborted(signal);
      if (done) break;
      yield cutter.push(value);
    }
    yield cutter.end();
  } finally {
    signal?.removeEventListener('abort', stop);
    stop();
  }
}

/** @throws LociError ABORTED with the signal's reason as its cause. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return;
  throw new LociError('ABORTED', 'It was stopped', {
    retryable: true,
    hint: 'What was written stays: go on with the resumeToken in its details.',
    cause: signal.reason,
  });
}

class LineCutter {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  #parts: Uint8Array[] = [];
  #partBytes = 0;
  #endBytes = 0;
  /** Lines cut. */
  count = 0;

  push(piece: Uint8Array): readonly Line[] {
    const lines: Line[] = [];
    let from = 0;
    for (let at = piece.indexOf(NEWLINE); at !== -1; at = piece.indexOf(NEWLINE, from)) {
      this.#keep(piece.subarray(from, at + 1));
      lines.push(this.#take(true));
      from = at + 1;
    }
    // A copy: who gave the piece may use its memory again.
    if (from < piece.length) this.#keep(piece.slice(from));
    return lines;
  }

  end(): readonly Line[] {
    return this.#partBytes === 0 ? [] : [this.#take(false)];
  }

  #keep(part: Uint8Array): void {
    this.#parts.push(part);
    this.#partBytes += part.length;
    if (this.#partBytes > MAX_LINE_BYTES)
      throw brokenLine(this.count + 1, `It is longer than ${MAX_LINE_BYTES} bytes`);
  }

  #take(isWhole: boolean): Line {
    const [only] = this.#parts;
    const bytes =
      this.#parts.length === 1 && only !== undefined ? only : concatBytes(this.#parts, this.#partBytes);
    this.#parts = [];
    this.#partBytes = 0;
    this.count += 1;
    this.#endBytes += bytes.length;
    const text = this.#decode(isWhole ? bytes.subarray(0, -1) : bytes);
    return { text, bytes, number: this.count, endBytes: this.#endBytes, isWhole };
  }

  #decode(bytes: Uint8Array): string {
    try {
      return this.#decoder.decode(bytes);
    } catch (cause) {
      throw brokenLine(this.count, 'It is not UTF-8', cause);
    }
  }
}

function readerOf(stream: ReadableStream<Uint8Array>): ReadableStreamDefaultReader<Uint8Array> {
  try {
    return stream.getReader();
  } catch (cause) {
    throw new LociError('INVALID_INPUT', 'the stream is read by someone else', {
      hint: 'Open it anew.',
      cause,
    });
  }
}

type Read = { readonly done: true; readonly value?: undefined } | { readonly done: false; value: Uint8Array };

async function readInTime(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  deadlineMs: number,
  line: number,
): Promise<Read> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const message = `nothing came of the source for ${deadlineMs} ms, at line ${line}`;
      const hint = 'Open it anew, and go on with the resumeToken in its details.';
      reject(new LociError('DEADLINE_EXCEEDED', message, { retryable: true, hint, details: { line } }));
    }, deadlineMs);
  });
  try {
    const { done, value } = await Promise.race([reader.read(), late]);
    if (done) return { done };
    if (value instanceof Uint8Array) return { done, value };
  } catch (cause) {
    if (cause instanceof LociError) throw cause;
    throw new LociError('IMPORT_INVALID', `The source broke off at line ${line}`, {
      retryable: true,
      hint: 'Open it anew, and go on with the resumeToken in its details.',
      details: { line },
      cause,
    });
  } finally {
    clearTimeout(timer);
  }
  throw new LociError('INVALID_INPUT', 'the stream gives something else than bytes', {
    hint: 'Give a stream of Uint8Array, such as a response’s body.',
  });
}

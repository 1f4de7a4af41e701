/** Imports an exported file: checked first where it can be read twice, then written batch by batch. */
import { LociError, toLociError } from '../errors.ts';
import { IMPORT_FILE_BATCH } from '../limits.ts';
import { checkOptions } from '../memory/options.ts';
import type { Durability } from '../types.ts';
import { EntryWriter, type NumberedEntry, type Refusal, type WritableEngine } from './import-write.ts';
import { type Line, readLines, throwIfAborted } from './line-reader.ts';
import {
  anotherFile,
  decodePosition,
  encodePosition,
  isReached,
  type Position,
  START,
} from './resume-token.ts';
import { brokenLine, SnapshotDecoder } from './snapshot.ts';

/** What can be imported: a file or blob, which is read twice, or a stream, which is read once. */
export type ImportSource = Blob | ReadableStream<Uint8Array>;

/** How far an import has got. */
export interface ImportProgress {
  /** `check`: read, nothing written yet; `write`: written, or counted by a dry run. */
  readonly phase: 'check' | 'write';
  /** Memories of this phase so far. */
  readonly memories: number;
  /** Bytes of the source read in this phase. */
  readonly bytes: number;
  /** Bytes of the source; absent of a stream. */
  readonly totalBytes?: number | undefined;
}

export interface ImportFileOptions {
  /** Counts what would happen and changes nothing. Default false. */
  readonly dryRun?: boolean | undefined;
  /** The `resumeToken` of an import of the same source that was cut off; give the source from its beginning. */
  readonly resumeFrom?: string | undefined;
  /** What becomes of a memory whose id is there already. Default, and so far all there is: `skip`. */
  readonly onConflict?: 'skip' | undefined;
  /** Stops the import with ABORTED. */
  readonly signal?: AbortSignal | undefined;
  /** Told after every batch. */
  readonly onProgress?: ((progress: ImportProgress) => void) | undefined;
}

/** What an import did, or a dry run would; after `resumeFrom`, from there on. */
export interface ImportFileResult {
  /** Memories read. */
  readonly read: number;
  readonly added: number;
  /** There already, by id; they are left as they are. */
  readonly skipped: number;
  /** Well written, but against the limits of the engine. */
  readonly refused: number;
  /** The first 20 of these, and why. */
  readonly refusals: readonly Refusal[];
  /** The level the last batch reached; absent where nothing was written. */
  readonly durability?: Durability | undefined;
  /** The place up to which all is done. */
  readonly resumeToken: string;
}

/**
 * Imports what {@link exportMemories} gave, and adds the memories whose ids are not there; so it can
 * be called again after any failure, and each memory is written once. A vector that an engine made in
 * a space other than this engine's is left out, and the content embedded anew.
 *
 * A **Blob** is read twice: nothing is written before header, every line, count and checksum were
 * found right. A **stream** is read once and written in batches of 200: if it is broken, what came
 * before the break stays. Errors then carry `details` with the counts and the `resumeToken` to go on
 * from. A memory that the engine does not take is counted and named, and the others are imported.
 *
 * @throws LociError `IMPORT_INVALID` with `details.line` (from 1) for lines that are broken, missing
 * or changed, or a token of another file; `NEWER_FORMAT`; `INVALID_INPUT` for options and sources that
 * are none; `DEADLINE_EXCEEDED` where a stream gives nothing for a minute; `ABORTED`; else what
 * `addMany` throws: `details.added` counts all that is there then, unless it is `OUTCOME_UNKNOWN`.
 *
 * @example
 * const { added, skipped, refused } = await importExported(memory, file, { dryRun: true });
 * await importExported(memory, file, { onProgress: ({ bytes, totalBytes }) => {} });
 */
export async function importExported(
  engine: WritableEngine,
  source: ImportSource,
  options: ImportFileOptions = {},
): Promise<ImportFileResult> {
  checkArguments(source, options);
  const from = options.resumeFrom === undefined ? undefined : decodePosition(options.resumeFrom);
  const isBlob = source instanceof Blob;
  const run = new ImportRun(engine, options, from, isBlob ? source.size : undefined);
  if (!isBlob) return run.write(source);
  if (options.dryRun !== true) await run.check(source.stream());
  return run.write(source.stream());
}

/** Memories read one after the other, and where in the source the last one ends. */
interface Step {
  readonly entries: readonly NumberedEntry[];
  readonly end: Position;
}

class ImportRun {
  readonly #options: ImportFileOptions;
  readonly #from: Position;
  readonly #totalBytes: number | undefined;
  readonly #writer: EntryWriter;
  /** Whether the whole source was found right before anything was written. */
  #isChecked = false;
  #done = START;
  #read = 0;

  constructor(
    engine: WritableEngine,
    options: ImportFileOptions,
    from: Position | undefined,
    totalBytes: number | undefined,
  ) {
    this.#options = options;
    this.#from = from ?? START;
    this.#done = this.#from;
    this.#totalBytes = totalBytes;
    this.#writer = new EntryWriter(engine, options.dryRun === true);
  }

  /** Reads all and writes nothing. */
  async check(stream: ReadableStream<Uint8Array>): Promise<void> {
    let memories = 0;
    try {
      for await (const { entries, end } of this.#steps(stream)) {
        memories += entries.length;
        this.#tell('check', memories, end);
      }
      this.#isChecked = true;
    } catch (error) {
      throw this.#explained(error);
    }
  }

  async write(stream: ReadableStream<Uint8Array>): Promise<ImportFileResult> {
    try {
      for await (const { entries, end } of this.#steps(stream)) {
        throwIfAborted(this.#options.signal);
        await this.#writer.write(entries);
        this.#read += entries.length;
        if (this.#options.dryRun !== true) this.#done = end;
        this.#tell('write', this.#read, end);
      }
      return this.#result();
    } catch (error) {
      throw this.#explained(error);
    }
  }

  /** The memories behind the place to begin at, a batch or less at a time, and the end of what was read. */
  async *#steps(stream: ReadableStream<Uint8Array>): AsyncGenerator<Step> {
    const decoder = new SnapshotDecoder();
    let isReading = this.#from.bytes === 0;
    let entries: NumberedEntry[] = [];
    let end = START;
    for await (const lines of readLines(stream, this.#options.signal)) {
      for (const line of lines) {
        const entry = take(decoder, line);
        end = { bytes: line.endBytes, lines: line.number, checksum: decoder.checksum };
        if (isReading && entry !== undefined) entries.push({ ...entry, line: line.number });
        isReading ||= isReached(this.#from, end);
        if (entries.length < IMPORT_FILE_BATCH) continue;
        yield { entries, end };
        entries = [];
      }
    }
    decoder.end();
    if (!isReading) throw anotherFile();
    yield { entries, end };
  }

  #tell(phase: ImportProgress['phase'], memories: number, { bytes }: Position): void {
    const { onProgress } = this.#options;
    onProgress?.({ phase, memories, bytes, totalBytes: this.#totalBytes });
  }

  #result(): ImportFileResult {
    return {
      read: this.#read,
      ...this.#writer.counts,
      resumeToken: encodePosition(this.#done),
    };
  }

  /** The error with what is done by then. */
  #explained(caught: unknown): LociError {
    const error = toLociError(caught);
    const { durability: _level, refusals: _named, ...counts } = this.#result();
    const isOfFile = error.code === 'IMPORT_INVALID' && !error.retryable && !this.#isChecked;
    return error.with({ details: counts, hint: isOfFile ? brokenFileHint(counts.added) : error.hint });
  }
}

function brokenFileHint(added: number): string {
  if (added === 0) return 'Nothing was changed. Export the file again, or give another copy of it.';
  return `${added} memories that came before it are there. Give another copy of the file: these will be skipped.`;
}

/** A last line without newline may be the half of one. */
function take(decoder: SnapshotDecoder, line: Line) {
  try {
    return decoder.push(line.text, line.bytes);
  } catch (error) {
    if (line.isWhole) throw error;
    throw brokenLine(line.number, 'The file ends in the middle of it', error);
  }
}

const IMPORT_OPTIONS = ['dryRun', 'resumeFrom', 'onConflict', 'signal', 'onProgress'] as const;

function checkArguments(source: unknown, options: ImportFileOptions): void {
  const { onConflict, dryRun }: ImportFileOptions = checkOptions(options, IMPORT_OPTIONS);
  const isStream = typeof source === 'object' && source !== null && 'getReader' in source;
  if (!isStream && !(source instanceof Blob))
    throw new LociError('INVALID_INPUT', 'the source is neither a Blob nor a stream', {
      hint: 'Give a File, a Blob or a response’s body.',
    });
  if (onConflict !== undefined && onConflict !== 'skip')
    throw new LociError('INVALID_INPUT', 'onConflict must be "skip"', { hint: 'Leave it out.' });
  if (dryRun !== undefined && typeof dryRun !== 'boolean')
    throw new LociError('INVALID_INPUT', 'dryRun must be true or false', { hint: 'Leave it out.' });
}

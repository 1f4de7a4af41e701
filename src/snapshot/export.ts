/** Exports a namespace as a file: the lines of a snapshot, as a stream that reads page by page. */
import { checkOptions } from '../memory/options.ts';
import type { Filter } from '../types.ts';
import { throwIfAborted } from './line-reader.ts';
import { type ReadableEngine, readMemories } from './memories.ts';
import { encodeSnapshot } from './snapshot.ts';

/** How far an export has got. */
export interface ExportProgress {
  /** Memories given. */
  readonly memories: number;
  /** Memories there were when the export began; those deleted since will be missing. */
  readonly total: number;
  /** Memories left out so far because their contents are lost; the file's last line says how many in all. */
  readonly unreadable: number;
  /** Bytes given. */
  readonly bytes: number;
}

export interface ExportOptions {
  /** Which memories. Default: all. */
  readonly filter?: Filter | undefined;
  /** Stops the export: the stream fails with ABORTED. */
  readonly signal?: AbortSignal | undefined;
  /** Told after every piece. */
  readonly onProgress?: ((progress: ExportProgress) => void) | undefined;
}

const EXPORT_OPTIONS = ['filter', 'signal', 'onProgress'] as const;

/** Size from which on lines are given as a piece, bytes: few enough to wait for, enough to make calls rare. */
const PIECE_BYTES = 256 * 1024;

/**
 * The memories of a namespace as the bytes of a file, NDJSON with vectors: a header, one line a
 * memory from the oldest to the newest, and a last line with count and checksum. Nothing is read
 * before it is asked for, and no more than a page is held.
 *
 * Writes may go on meanwhile. The file then holds the memories that were there when it was begun:
 * what is added later is left out, what is deleted before its page is read is missing, and what is
 * changed comes as it is when its page is read. A memory whose content is lost to damage is left out,
 * and the last line says how many were.
 *
 * @throws LociError `INVALID_INPUT` for an option that there is not.
 *
 * The stream fails with what `list` and `history` throw, or ABORTED. A file that was cut off lacks
 * its last line, and an import refuses it.
 *
 * @example
 * const file = await new Response(exportMemories(memory)).blob();
 */
export function exportMemories(
  engine: ReadableEngine,
  options: ExportOptions = {},
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const { filter, signal, onProgress }: ExportOptions = checkOptions(options, EXPORT_OPTIONS);
  const read = { count: 0, total: 0, unreadable: 0 };
  const pieces = encodePieces(encodeSnapshot(readMemories(engine, read, filter), () => read.unreadable));
  let bytes = 0;
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      pull: async (controller) => {
        throwIfAborted(signal);
        const { done, value } = await pieces.next();
        throwIfAborted(signal);
        if (done === true) return controller.close();
        bytes += value.length;
        controller.enqueue(value);
        const { count, total, unreadable } = read;
        onProgress?.({ memories: count, total: Math.max(total, count), unreadable, bytes });
      },
      cancel: async () => {
        await pieces.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}

async function* encodePieces(
  lines: AsyncIterable<string>,
): AsyncGenerator<Uint8Array<ArrayBuffer>, undefined> {
  const encoder = new TextEncoder();
  let piece: string[] = [];
  let chars = 0;
  for await (const line of lines) {
    piece.push(line, '\n');
    chars += line.length + 1;
    if (chars < PIECE_BYTES) continue;
    yield encoder.encode(piece.join(''));
    piece = [];
    chars = 0;
  }
  if (chars > 0) yield encoder.encode(piece.join(''));
}

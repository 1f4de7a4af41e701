/** Reads memories as format 1 stored them: a row for the fields, one for the content and one for the vector of each. */

import { isLociError, LociError } from '../../errors.ts';
import type { MemoryState } from '../../memory/operation.ts';
import { bytesToFloats, decodeFrame } from '../../storage/codec.ts';
import { prefixRange, type Row, type Storage } from '../../storage/storage.ts';

export const FORMAT = 1;

const MANIFEST_KEY = 'manifest';
const META_ROWS = prefixRange('meta/');
/** Rows that the next format keeps as they are. */
export const KEPT_ROWS = ['log/', 'op/', 'history/', 'access/'].map(prefixRange);

/** What format 2 takes over of the manifest. */
export interface OldManifest {
  readonly createdAt: number;
  readonly foldedSeq: number;
  readonly nextOrdinal: number;
}

/** A memory with everything that was stored of it, as far as it is whole. */
export interface OldMemory {
  readonly state: MemoryState;
  readonly content: string | undefined;
  readonly vector: Float32Array | undefined;
}

/** @throws LociError `STORAGE_CORRUPT` where there is no manifest, or a broken one. */
export async function readOldManifest(storage: Storage): Promise<OldManifest> {
  const bytes = await storage.get(MANIFEST_KEY);
  if (bytes === undefined)
    throw new LociError('STORAGE_CORRUPT', 'the memories of format 1 have no manifest', {
      hint: 'They are left as they are. Restore a snapshot into another namespace.',
    });
  return decodeFrame(bytes).header as unknown as OldManifest;
}

/** Whether a store holds anything of a memory, or of a call. */
export async function holdsAnything(storage: Storage): Promise<boolean> {
  for (const range of [META_ROWS, ...KEPT_ROWS])
    if ((await storage.getKeys(range, { limit: 1 })).length > 0) return true;
  return false;
}

/** The memories by ordinal, so many at a time; undefined in the place of one whose fields are broken. */
export async function* readOldMemories(
  storage: Storage,
  count: number,
): AsyncGenerator<readonly (OldMemory | undefined)[]> {
  let from = META_ROWS.from;
  for (;;) {
    const rows = await storage.getRange({ from, to: META_ROWS.to }, { limit: count });
    const last = rows.at(-1);
    if (last === undefined) return;
    const places = rows.map(({ key }) => key.slice(key.indexOf('/')));
    const contents = await storage.getMany(places.map((place) => `content${place}`));
    const vectors = await storage.getMany(places.map((place) => `vector${place}`));
    yield rows.map((row, i) => {
      const state = whole(() => decodeState(row));
      return (
        state && {
          state,
          content: whole(() => String(decodeFrame(contents[i] ?? new Uint8Array()).header.content)),
          vector:
            vectors[i] &&
            whole(() =>
              bytesToFloats(decodeFrame(vectors[i] ?? new Uint8Array()).blobs[0] ?? new Uint8Array()),
            ),
        }
      );
    });
    if (rows.length < count) return;
    from = `${last.key}\u0000`;
  }
}

function decodeState({ key, value }: Row): MemoryState {
  const meta = decodeFrame(value).header as unknown as Omit<MemoryState, 'ordinal' | 'content' | 'vector'>;
  const ordinal = Number(key.slice(key.indexOf('/') + 1));
  return { ...meta, ordinal, content: undefined, vector: undefined };
}

/** What was read, or undefined where it is broken. */
export function whole<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (isLociError(error) && error.code === 'STORAGE_CORRUPT') return undefined;
    throw error;
  }
}

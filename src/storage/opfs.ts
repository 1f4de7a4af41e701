/** Files of the origin private file system that are read and written at once, where a worker has them. */

import { STORAGE_DEADLINE_MS } from '../limits.ts';
import { withDeadline } from './deadline.ts';
import { deadlineError } from './indexeddb-errors.ts';
import type { SyncFile } from './page-file.ts';

/** The folder of all of them. */
const FOLDER = 'loci';

/** Files that a namespace may have. */
export interface SyncFiles {
  /**
   * Opens the file, which is made where there is none; nobody else can meanwhile.
   *
   * @returns `none` where the platform has no such files, `busy` while somebody else has it open: a worker that was
   * ended lets go of it a moment later.
   */
  open(): Promise<SyncFile | 'none' | 'busy'>;
  /** Takes the file away, if there is one that nobody has open. */
  remove(): Promise<void>;
}

interface SyncFileHandle extends FileSystemFileHandle {
  createSyncAccessHandle?(): Promise<SyncFile>;
}

/**
 * The file that goes with a database.
 *
 * @param name the database's name.
 *
 * @example
 * const file = await opfsFile('loci:default:notes:f2').open();
 */
export function opfsFile(name: string): SyncFiles {
  // The names of files are narrower than those of databases.
  const fileName = encodeURIComponent(name).replaceAll('*', '%2A');
  return {
    open: () => {
      const opening = openFile(fileName);
      return withDeadline(opening, STORAGE_DEADLINE_MS, () => {
        // Nobody would let go of it.
        opening.then((late) => typeof late === 'object' && late.close()).catch(() => undefined);
        return deadlineError('Opening a file', STORAGE_DEADLINE_MS);
      });
    },
    remove: () =>
      withDeadline(removeFile(fileName), STORAGE_DEADLINE_MS, () =>
        deadlineError('Removing a file', STORAGE_DEADLINE_MS),
      ),
  };
}

async function openFile(name: string): Promise<SyncFile | 'none' | 'busy'> {
  const folder = await findFolder(true);
  const handle: SyncFileHandle | undefined = await folder?.getFileHandle(name, { create: true });
  if (typeof handle?.createSyncAccessHandle !== 'function') return 'none';
  return (await unless('NoModificationAllowedError', handle.createSyncAccessHandle())) ?? 'busy';
}

async function removeFile(name: string): Promise<void> {
  const folder = await findFolder(false);
  const removing = unless('NotFoundError', folder?.removeEntry(name));
  await unless('NoModificationAllowedError', removing);
}

async function findFolder(create: boolean): Promise<FileSystemDirectoryHandle | undefined> {
  const { storage } = globalThis.navigator ?? {};
  if (typeof storage?.getDirectory !== 'function' || !('FileSystemFileHandle' in globalThis))
    return undefined;
  // Refused in some private windows, and to frames that are lent no storage.
  const root = await unless('SecurityError', storage.getDirectory());
  return unless('NotFoundError', root?.getDirectoryHandle(FOLDER, { create }));
}

/** What comes of it; undefined where it fails in the way that is named. */
async function unless<T>(name: string, trying: Promise<T> | undefined): Promise<T | undefined> {
  try {
    return await trying;
  } catch (error) {
    if (error instanceof DOMException && error.name === name) return undefined;
    throw error;
  }
}

/** A file in memory that is read and written at once, as a worker's are, and that fails when it is told to. */

import type { SyncFiles } from '../storage/opfs.ts';
import type { SyncFile } from '../storage/page-file.ts';

export interface TestFiles extends SyncFiles {
  /** What is in the file now; empty where there is none. */
  readonly bytes: Uint8Array;
  /** How often it was read. */
  readonly reads: number;
  isThere: boolean;
  isOpen: boolean;
  /** Where set, every call of the open file throws it. */
  failure: Error | undefined;
}

export function createTestFiles(): TestFiles {
  let bytes = new Uint8Array(0);
  let reads = 0;
  const check = () => {
    if (files.failure !== undefined) throw files.failure;
    if (!files.isOpen) throw new Error('the file is closed');
  };
  const grow = (length: number) => {
    if (length <= bytes.byteLength) return;
    const grown = new Uint8Array(length);
    grown.set(bytes);
    bytes = grown;
  };
  const file: SyncFile = {
    read: (into, { at }) => {
      check();
      reads += 1;
      const part = bytes.subarray(at, at + into.byteLength);
      into.set(part);
      return part.byteLength;
    },
    write: (part, { at }) => {
      check();
      grow(at + part.byteLength);
      bytes.set(part, at);
      return part.byteLength;
    },
    truncate: (length) => {
      check();
      grow(length);
      bytes = bytes.slice(0, length);
    },
    getSize: () => {
      check();
      return bytes.byteLength;
    },
    close: () => {
      files.isOpen = false;
    },
  };
  const files: TestFiles = {
    isThere: false,
    isOpen: false,
    failure: undefined,
    get bytes() {
      return bytes;
    },
    get reads() {
      return reads;
    },
    open: async () => {
      if (files.isOpen) return 'busy';
      files.isThere = files.isOpen = true;
      return file;
    },
    remove: async () => {
      if (files.isOpen) return;
      files.isThere = false;
      bytes = new Uint8Array(0);
    },
  };
  return files;
}

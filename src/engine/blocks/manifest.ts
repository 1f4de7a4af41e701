/**
 * The manifest: which blocks there are, and up to where the log is in them. It is replaced in the very
 * transaction that writes the blocks, and kept twice, since all else hangs on it.
 */

import { LociError } from '../../errors.ts';
import { decodeFrame, encodeFrame } from '../../storage/codec.ts';
import type { Row } from '../../storage/storage.ts';
import type { BlockRef } from './series.ts';

/**
 * The format of the rows, raised whenever an older engine could not read them; part of the database's name.
 *
 * 1: log, op, meta, content, vector, history and access rows as frames of codec version 1, a row a memory.
 * 2: memories in blocks of records, contents and vectors, words as segments, graphs in pieces; the rest as in 1.
 */
export const STORAGE_FORMAT = 2;

export const MANIFEST_KEYS = ['manifest', 'manifest/copy'] as const;

/** A space of vectors, and the number it has in keys. */
export interface StoredSpace {
  readonly number: number;
  readonly space: string;
  readonly dimensions: number;
}

/** A store of an earlier format, so that it can be told from every other one, and from itself written to since. */
export interface MigrationSource {
  readonly format: number;
  readonly createdAt: number;
  readonly foldedSeq: number;
  readonly epoch: number;
}

export interface Manifest {
  readonly format: number;
  readonly createdAt: number;
  /** Version of frames that a reader must know for the sake of the blocks, where that is more than the first. */
  readonly reader?: 3 | undefined;
  /** Operations up to this one are in the blocks. */
  readonly foldedSeq: number;
  /** Ordinals from this one on were never used by a folded memory. */
  readonly nextOrdinal: number;
  /** The number of the next block. */
  readonly nextBlock: number;
  /** Memories whose records were lost to damage, in all. */
  readonly lost: number;
  /** Ordinals of memories whose contents were found lost as their pages were written anew, until they get others. */
  readonly lostContents: readonly number[];
  /** Changes that were missing from the log or damaged in it, in all. */
  readonly lostOperations: number;
  /** Whether it was lost once, and made from the blocks. */
  readonly isRebuilt: boolean;
  /** What was brought over into this store, as it was then; absent where it began in this format. */
  readonly migratedFrom?: MigrationSource | undefined;
  readonly spaces: readonly StoredSpace[];
  /** The number of the next space; none is given twice. */
  readonly nextSpace: number;
  /** The blocks of each series, by its prefix. */
  readonly series: Readonly<Record<string, readonly BlockRef[]>>;
}

export function newManifest(createdAt: number): Manifest {
  return {
    format: STORAGE_FORMAT,
    createdAt,
    foldedSeq: 0,
    nextOrdinal: 0,
    nextBlock: 0,
    lost: 0,
    lostContents: [],
    lostOperations: 0,
    isRebuilt: false,
    spaces: [],
    nextSpace: 0,
    series: {},
  };
}

/** Numbers of a ref: id, first, last, rows, bytes, sum. */
const REF_NUMBERS = 6;

export function encodeManifest({ series, ...header }: Manifest): readonly Row[] {
  const prefixes = Object.keys(series);
  const blobs = prefixes.map((prefix) => {
    const refs = series[prefix] ?? [];
    const view = new DataView(new ArrayBuffer(refs.length * REF_NUMBERS * 4));
    refs.forEach(({ id, first, last, rows, bytes, sum }, i) => {
      [id, first, last, rows, bytes, sum].forEach((value, j) => {
        view.setUint32((i * REF_NUMBERS + j) * 4, value, true);
      });
    });
    return new Uint8Array(view.buffer);
  });
  const value = encodeFrame({ ...header, prefixes }, blobs, header.reader);
  return MANIFEST_KEYS.map((key) => ({ key, value }));
}

/** @throws LociError `STORAGE_CORRUPT`, or `NEWER_FORMAT` for a later engine's. */
export function decodeManifest(bytes: Uint8Array): Manifest {
  const { header, blobs } = decodeFrame(bytes);
  const { prefixes, ...rest } = header as unknown as Omit<Manifest, 'series'> & {
    prefixes?: readonly string[];
  };
  if (rest.format > STORAGE_FORMAT)
    throw new LociError('NEWER_FORMAT', `the memories are stored in format ${rest.format}`, {
      hint: `This version of Loci reads formats up to ${STORAGE_FORMAT}: reload the page, or update Loci.`,
    });
  const series = Object.fromEntries((prefixes ?? []).map((prefix, i) => [prefix, decodeRefs(blobs[i])]));
  return { ...newManifest(rest.createdAt), ...rest, series };
}

function decodeRefs(blob: Uint8Array = new Uint8Array()): readonly BlockRef[] {
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  return Array.from({ length: blob.byteLength / (REF_NUMBERS * 4) }, (_, i) => {
    const number = (j: number) => view.getUint32((i * REF_NUMBERS + j) * 4, true);
    return {
      id: number(0),
      first: number(1),
      last: number(2),
      rows: number(3),
      bytes: number(4),
      sum: number(5),
    };
  });
}

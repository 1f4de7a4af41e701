/**
 * The built-in model's file, little-endian:
 * header (32 numbers) · levels of words and of n-grams · hashes of words, ascending · a scale a row (half precision) ·
 * the words' codes · the n-grams' codes · the axes of fewer dimensions with a scale each.
 *
 * Version 1: as above; the axes are 8 bits a number.
 */

export const TABLE_MAGIC = 0x4d45434c; // 'LCEM'
export const TABLE_VERSION = 1;
export const HEADER_BYTES = 128;
/** What the checksum leaves out: magic, version, and itself. */
export const CHECKED_FROM = 12;

/** Axes are read so many at once: their number is a multiple of it. */
export const AXES_ABREAST = 4;

/** What the header says, each a 32-bit number, in this order behind magic, version and checksum. */
export interface TableShape {
  readonly bytes: number;
  /** Numbers of a row, and of a vector. */
  readonly dimensions: number;
  /** Rows known by a hash: words and pairs of words. */
  readonly words: number;
  /** Rows of n-grams. */
  readonly buckets: number;
  readonly wordBits: number;
  readonly bucketBits: number;
  /** 1 where pairs of words have rows. */
  readonly pairs: number;
  /** Dimensions of the axes. */
  readonly reduced: number;
  /** The first 32 bits of the checksum of the texts and the teacher: which training it is. */
  readonly model: number;
}

export const SHAPE_FIELDS = [
  'bytes',
  'dimensions',
  'words',
  'buckets',
  'wordBits',
  'bucketBits',
  'pairs',
  'reduced',
  'model',
] as const satisfies readonly (keyof TableShape)[];

/** Where the sections begin. */
export interface TableSections {
  readonly wordLevels: number;
  readonly bucketLevels: number;
  readonly hashes: number;
  readonly scales: number;
  readonly wordCodes: number;
  readonly bucketCodes: number;
  readonly axisScales: number;
  readonly axes: number;
  readonly end: number;
}

export function codeBytes(dimensions: number, bits: number): number {
  return (dimensions * bits) / 8;
}

/** The places that follow from a shape. */
export function sectionsOf(shape: Omit<TableShape, 'bytes'>): TableSections {
  const { dimensions, words, buckets, wordBits, bucketBits, reduced } = shape;
  let at = HEADER_BYTES;
  const take = (bytes: number) => {
    const from = at;
    at += Math.ceil(bytes / 4) * 4;
    return from;
  };
  return {
    wordLevels: take(4 * 2 ** wordBits),
    bucketLevels: take(4 * 2 ** bucketBits),
    hashes: take(4 * words),
    scales: take(2 * (words + buckets)),
    wordCodes: take(words * codeBytes(dimensions, wordBits)),
    bucketCodes: take(buckets * codeBytes(dimensions, bucketBits)),
    axisScales: take(4 * reduced),
    axes: take(reduced * dimensions),
    end: at,
  };
}

/** 100,000 real sentence vectors and their exact neighbours, from `ann/` of the evaluation data beside the project. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { K, type Vectors } from './dataset.ts';
import { decodeHalf } from './half.ts';
import { firstRows, type Matrix, normalizeRows } from './matrix.ts';

const DIMENSIONS = 384;
const ROWS = 100_000;
const QUERIES = 1_000;
/** Neighbours the file has of each query. */
const KNOWN = 100;

export function sentencesFolder(): string {
  const data = process.env.LOCI_DATA_DIR || fileURLToPath(new URL('../../../shared/data', import.meta.url));
  return join(data, 'ann');
}

/** Why the sentences cannot be measured on, or undefined. */
export function whyNoSentences(count: number): string | undefined {
  const missing = ['base.100000x384.f16', 'queries.1000x384.f16', 'neighbours.1000x100.u32'].find(
    (name) => !existsSync(join(sentencesFolder(), name)),
  );
  if (missing !== undefined) return `${missing} is not in ${sentencesFolder()} (or $LOCI_DATA_DIR/ann)`;
  return count > ROWS ? `there are ${ROWS} sentences, and ${count} were asked for` : undefined;
}

/** The first `count` sentences; their neighbours only where all are taken. */
export function readSentences(count: number): Vectors {
  const rows = readHalf(`base.${ROWS}x${DIMENSIONS}.f16`, ROWS);
  const queries = readHalf(`queries.${QUERIES}x${DIMENSIONS}.f16`, QUERIES);
  return {
    kind: 'sentences',
    rows: normalizeRows(firstRows(rows, count)),
    queries: normalizeRows(queries),
    neighbours: count === ROWS ? readNeighbours() : undefined,
  };
}

function readHalf(name: string, count: number): Matrix {
  const values = decodeHalf(readFileSync(join(sentencesFolder(), name)));
  if (values.length !== count * DIMENSIONS) throw new Error(`${name} has the wrong size`);
  return { count, dimensions: DIMENSIONS, values };
}

function readNeighbours(): readonly Uint32Array[] {
  const bytes = readFileSync(join(sentencesFolder(), `neighbours.${QUERIES}x${KNOWN}.u32`));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: QUERIES }, (_, query) =>
    Uint32Array.from({ length: K }, (_, i) => view.getUint32(4 * (query * KNOWN + i), true)),
  );
}

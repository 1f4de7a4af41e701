/** The built-in model: a sum of word vectors that were learnt so that it points where MiniLM's vector points. */

import { LociError } from '../../errors.ts';
import type { Embedder, EmbedderIdentity } from '../embedder.ts';
import { MINILM_SPACE } from '../spaces.ts';
import { type FeatureSpace, scanFeatures } from './features.ts';
import { addRow, type BuiltinTable, findRow } from './table.ts';
import { AXES_ABREAST, type TableShape } from './table-format.ts';
import { foldText } from './words.ts';

export interface BuiltinEmbedderOptions {
  /** Numbers of a vector: all of the table's (384), or the number of its axes (256). Default: all. */
  readonly dimensions?: number | undefined;
}

/**
 * Makes the embedder of a table; vectors of 384 dimensions are of MiniLM's space and may be compared with its own.
 *
 * @throws LociError `INVALID_INPUT` of dimensions that the table has not.
 * @example
 * const embedder = createBuiltinEmbedder(readBuiltinTable(bytes));
 * const [vector] = await embedder.embed(['Ana lives in Lisbon']);
 */
export function createBuiltinEmbedder(
  table: BuiltinTable,
  { dimensions = table.shape.dimensions }: BuiltinEmbedderOptions = {},
): Embedder {
  const identity = builtinIdentity(table.shape, dimensions);
  const isWhole = dimensions === table.shape.dimensions;
  const encode = createEncoder(table);
  return {
    ...identity,
    embed: async (texts) => texts.map((text) => (isWhole ? encode(text) : reduceVector(table, encode(text)))),
    close: async () => undefined,
  };
}

/** What names a table, and the vectors that come of it. */
export type TableIdentity = Pick<TableShape, 'model' | 'dimensions' | 'reduced'>;

/**
 * What the embedder of a table is called; known before the table is there.
 *
 * @throws LociError `INVALID_INPUT` of dimensions that the table has not.
 */
export function builtinIdentity(shape: TableIdentity, dimensions = shape.dimensions): EmbedderIdentity {
  if (dimensions !== shape.dimensions && dimensions !== shape.reduced)
    throw new LociError('INVALID_INPUT', `the built-in model has no ${dimensions} dimensions`, {
      hint: `Ask for ${shape.dimensions} or ${shape.reduced}.`,
    });
  const space = dimensions === shape.dimensions ? MINILM_SPACE : reducedSpace({ shape });
  return { id: `builtin-${modelName(shape)}@${dimensions}`, space, dimensions };
}

/** The space of vectors that {@link reduceVector} made: the axes are part of it. */
export function reducedSpace({ shape }: { readonly shape: TableIdentity }): string {
  return `${MINILM_SPACE}/${shape.reduced}-${modelName(shape)}`;
}

function modelName({ model }: TableIdentity): string {
  return model.toString(16).padStart(8, '0');
}

/** A function from a text to a vector of its own, of unit length. */
export function createEncoder(table: BuiltinTable): (text: string) => Float32Array {
  const { shape } = table;
  const sum = new Float64Array(shape.dimensions);
  const space: FeatureSpace = {
    rowOf: (hash) => findRow(table, hash),
    firstBucket: shape.words,
    buckets: shape.buckets,
    hasPairs: shape.pairs === 1,
  };
  const add = (row: number, weight: number) => addRow(table, row, weight, sum);
  return (text) => {
    sum.fill(0);
    scanFeatures(foldText(text), space, add);
    return toUnit(sum);
  };
}

/**
 * A vector of MiniLM's space in fewer dimensions, of unit length again: its parts along the axes in which the
 * teacher's sentences differ most.
 *
 * @throws LociError `INVALID_VECTOR` of a vector of other dimensions than the table's, of NaN or of zeros.
 */
export function reduceVector({ shape, axes, axisScales }: BuiltinTable, vector: Float32Array): Float32Array {
  const { dimensions, reduced } = shape;
  if (vector.length !== dimensions)
    throw new LociError('INVALID_VECTOR', `${vector.length} dimensions cannot be reduced to ${reduced}`, {
      hint: `Give a vector of ${dimensions}.`,
    });
  if (!hasDirection(vector))
    throw new LociError('INVALID_VECTOR', 'a vector of zeros, NaN or infinite numbers cannot be reduced', {
      hint: 'It points nowhere: check what made it.',
    });
  const numbers = Float64Array.from(vector);
  const parts = new Float64Array(reduced);
  for (let axis = 0; axis < reduced; axis += AXES_ABREAST) addAbreast(axes, numbers, axis, parts);
  for (let axis = 0; axis < reduced; axis++)
    parts[axis] = (parts[axis] as number) * (axisScales[axis] as number);
  return toUnit(parts);
}

/** Whether a vector points anywhere: not of zeros, NaN or infinite numbers. */
export function hasDirection(vector: Float32Array): boolean {
  const square = squareOf(vector);
  return square > 0 && Number.isFinite(square);
}

/** The sums of four axes at once, none of which waits for another: nearly twice as fast as one by one. */
function addAbreast(axes: Int8Array, numbers: Float64Array, axis: number, parts: Float64Array): void {
  const { length } = numbers;
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let i = 0, at = axis * length; i < length; i++, at++) {
    const number = numbers[i] as number;
    a += (axes[at] as number) * number;
    b += (axes[at + length] as number) * number;
    c += (axes[at + 2 * length] as number) * number;
    d += (axes[at + 3 * length] as number) * number;
  }
  parts[axis] = a;
  parts[axis + 1] = b;
  parts[axis + 2] = c;
  parts[axis + 3] = d;
}

function squareOf(numbers: Float64Array | Float32Array): number {
  let square = 0;
  for (let i = 0; i < numbers.length; i++) square += (numbers[i] as number) ** 2;
  return square;
}

function toUnit(sum: Float64Array): Float32Array {
  const square = squareOf(sum);
  const vector = new Float32Array(sum.length);
  // A text without a word has a direction of its own.
  if (square === 0) vector[0] = 1;
  else
    for (let i = 0, scale = 1 / Math.sqrt(square); i < sum.length; i++)
      vector[i] = (sum[i] as number) * scale;
  return vector;
}

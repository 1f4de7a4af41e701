/** Vectors as one block of floats, row after row. */

export interface Matrix {
  readonly count: number;
  readonly dimensions: number;
  /** `count` × `dimensions` numbers. */
  readonly values: Float32Array;
}

/** A row, as a view. */
export function rowOf({ values, dimensions }: Matrix, row: number): Float32Array {
  return values.subarray(row * dimensions, (row + 1) * dimensions);
}

/** The first rows, as a view. */
export function firstRows(matrix: Matrix, count: number): Matrix {
  const { dimensions, values } = matrix;
  return { count, dimensions, values: values.subarray(0, count * dimensions) };
}

/** Brings every row to unit length, in place. */
export function normalizeRows(matrix: Matrix): Matrix {
  for (let row = 0; row < matrix.count; row++) {
    const values = rowOf(matrix, row);
    let sum = 0;
    for (const value of values) sum += value * value;
    const scale = 1 / Math.sqrt(sum);
    for (let i = 0; i < values.length; i++) values[i] = (values[i] ?? 0) * scale;
  }
  return matrix;
}

/** The main axes of vectors: the directions in which most of their energy lies, not centred. */

/** Rotations end when all that is off the diagonal is this share of the whole. */
const SMALL = 1e-9;
const MOST_SWEEPS = 30;

export interface Axes {
  /** Unit vectors, that of most energy first, one after the other. */
  readonly values: Float64Array;
  /** Share of the energy along them. */
  readonly energy: number;
}

/** The first `count` axes of every `stride`-th row. */
export function mainAxes(rows: Float32Array, dimensions: number, count: number, stride: number): Axes {
  const matrix = products(rows, dimensions, stride);
  const vectors = diagonalize(matrix, dimensions);
  const energies = Array.from({ length: dimensions }, (_, i) => matrix[i * dimensions + i] ?? 0);
  const order = [...energies.keys()].sort((a, b) => (energies[b] ?? 0) - (energies[a] ?? 0));
  const values = new Float64Array(count * dimensions);
  for (let axis = 0; axis < count; axis++)
    for (let d = 0; d < dimensions; d++)
      values[axis * dimensions + d] = vectors[d * dimensions + (order[axis] ?? 0)] ?? 0;
  const sum = (some: readonly number[]) => some.reduce((all, place) => all + (energies[place] ?? 0), 0);
  return { values, energy: sum(order.slice(0, count)) / sum(order) };
}

function products(rows: Float32Array, dimensions: number, stride: number): Float64Array {
  const matrix = new Float64Array(dimensions * dimensions);
  for (let from = 0; from < rows.length; from += stride * dimensions)
    for (let i = 0; i < dimensions; i++) {
      const value = rows[from + i] as number;
      for (let j = 0, at = i * dimensions; j <= i; j++, at++)
        matrix[at] = (matrix[at] as number) + value * (rows[from + j] as number);
    }
  for (let i = 0; i < dimensions; i++)
    for (let j = 0; j < i; j++) matrix[j * dimensions + i] = matrix[i * dimensions + j] as number;
  return matrix;
}

/** Jacobi's rotations: the matrix becomes diagonal, its eigenvectors are the columns of the answer. */
function diagonalize(matrix: Float64Array, size: number): Float64Array {
  const vectors = new Float64Array(size * size);
  for (let i = 0; i < size; i++) vectors[i * size + i] = 1;
  for (let sweep = 0; sweep < MOST_SWEEPS && offDiagonal(matrix, size) > SMALL; sweep++)
    for (let p = 0; p < size; p++) for (let q = p + 1; q < size; q++) rotate(matrix, vectors, size, p, q);
  return vectors;
}

function offDiagonal(matrix: Float64Array, size: number): number {
  let [off, all] = [0, 0];
  for (let i = 0; i < size; i++)
    for (let j = 0; j < size; j++) {
      const square = (matrix[i * size + j] as number) ** 2;
      all += square;
      if (i !== j) off += square;
    }
  return off / all;
}

function rotate(matrix: Float64Array, vectors: Float64Array, size: number, p: number, q: number): void {
  const apq = matrix[p * size + q] as number;
  if (apq === 0) return;
  const theta = ((matrix[q * size + q] as number) - (matrix[p * size + p] as number)) / (2 * apq);
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (const values of [matrix, vectors]) turnColumns(values, size, p, q, c, s);
  for (let i = 0, a = p * size, b = q * size; i < size; i++, a++, b++) {
    const [x, y] = [matrix[a] as number, matrix[b] as number];
    matrix[a] = c * x - s * y;
    matrix[b] = s * x + c * y;
  }
}

function turnColumns(values: Float64Array, size: number, p: number, q: number, c: number, s: number): void {
  for (let row = 0, a = p, b = q; row < size; row++, a += size, b += size) {
    const [x, y] = [values[a] as number, values[b] as number];
    values[a] = c * x - s * y;
    values[b] = s * x + c * y;
  }
}

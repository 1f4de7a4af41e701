/** Vectors: checked and brought to unit length at the boundary, so that a dot product is a cosine. */

import { isLociError, LociError } from '../errors.ts';
import { MAX_DIMENSIONS } from '../limits.ts';

/**
 * The vector at unit length, a copy.
 *
 * @param dimensions what it must have. Default: 1 to 4,096.
 * @throws LociError `INVALID_VECTOR` for a wrong length, NaN, infinity, or a vector of zeros.
 */
export function normalize(vector: Float32Array, dimensions?: number): Float32Array {
  const length = Math.sqrt(checkedSquares(vector, dimensions));
  const unit = new Float32Array(vector.length);
  for (let i = 0; i < unit.length; i++) unit[i] = (vector[i] ?? 0) / length;
  return unit;
}

/** Whether {@link normalize} takes a vector. */
export function isVector(vector: Float32Array, dimensions?: number): boolean {
  try {
    checkedSquares(vector, dimensions);
    return true;
  } catch (error) {
    if (!isLociError(error) || error.code !== 'INVALID_VECTOR') throw error;
    return false;
  }
}

function checkedSquares(vector: Float32Array, dimensions: number | undefined): number {
  checkShape(vector, dimensions);
  let sum = 0;
  for (const value of vector) sum += value * value;
  checkSquaredLength(sum);
  return sum;
}

/** @throws LociError `INVALID_VECTOR` for what is no Float32Array, or of a wrong length. */
export function checkShape(vector: Float32Array, dimensions?: number): void {
  if (!(vector instanceof Float32Array))
    throw invalid('is no Float32Array', 'Convert it: Float32Array.from(numbers).');
  if (dimensions !== undefined && vector.length !== dimensions)
    throw invalid(
      `has ${vector.length} dimensions, and ${dimensions} are needed`,
      'Use vectors of one model only.',
    );
  if (vector.length === 0 || vector.length > MAX_DIMENSIONS)
    throw invalid(`has ${vector.length} dimensions`, `Give 1 to ${MAX_DIMENSIONS}.`);
}

/** @throws LociError `INVALID_VECTOR` for a vector that has no direction, by the sum of its squares. */
export function checkSquaredLength(sum: number): void {
  if (!Number.isFinite(sum)) throw invalid('holds NaN or an infinite number', 'Check what made it.');
  if (sum === 0) throw invalid('has length zero', 'A vector of zeros points nowhere: leave it out.');
}

/**
 * The dot product of a vector and as many numbers of another from `at` on; of unit vectors their cosine.
 * Four sums at once: the additions do not wait for one another.
 */
export function dot(vector: Float32Array, other: Float32Array, at = 0): number {
  const dimensions = vector.length;
  const whole = dimensions - (dimensions % 4);
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let i = 0; i < whole; i += 4) {
    a += (vector[i] ?? 0) * (other[at + i] ?? 0);
    b += (vector[i + 1] ?? 0) * (other[at + i + 1] ?? 0);
    c += (vector[i + 2] ?? 0) * (other[at + i + 2] ?? 0);
    d += (vector[i + 3] ?? 0) * (other[at + i + 3] ?? 0);
  }
  for (let i = whole; i < dimensions; i++) a += (vector[i] ?? 0) * (other[at + i] ?? 0);
  return a + b + c + d;
}

function invalid(problem: string, hint: string): LociError {
  return new LociError('INVALID_VECTOR', `the vector ${problem}`, { hint });
}

/** Vectors: checked and brought to unit length at the boundary, so that a dot product is a cosine. */

import { LociError } from '../errors.ts';
import { MAX_DIMENSIONS } from '../limits.ts';

/**
 * The vector at unit length, a copy.
 *
 * @param dimensions what it must have. Default: 1 to 4,096.
 * @throws LociError `INVALID_VECTOR` for a wrong length, NaN, infinity, or a vector of zeros.
 */
export function normalize(vector: Float32Array, dimensions?: number): Float32Array {
  if (!(vector instanceof Float32Array))
    throw invalid('is no Float32Array', 'Convert it: Float32Array.from(numbers).');
  if (dimensions !== undefined && vector.length !== dimensions)
    throw invalid(
      `has ${vector.length} dimensions, and ${dimensions} are needed`,
      'Use vectors of one model only.',
    );
  if (vector.length === 0 || vector.length > MAX_DIMENSIONS)
    throw invalid(`has ${vector.length} dimensions`, `Give 1 to ${MAX_DIMENSIONS}.`);
  let sum = 0;
  for (const value of vector) sum += value * value;
  if (!Number.isFinite(sum)) throw invalid('holds NaN or an infinite number', 'Check what made it.');
  const length = Math.sqrt(sum);
  if (length === 0) throw invalid('has length zero', 'A vector of zeros points nowhere: leave it out.');
  return vector.map((value) => value / length);
}

/** The dot product of two vectors of equal length; of unit vectors their cosine. */
export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

function invalid(problem: string, hint: string): LociError {
  return new LociError('INVALID_VECTOR', `the vector ${problem}`, { hint });
}

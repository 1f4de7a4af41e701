import { describe, expect, it } from 'vitest';
import { MAX_DIMENSIONS } from '../limits.ts';
import { dot, normalize } from './vectors.ts';

describe('bringing a vector to unit length', () => {
  it('gives a copy and leaves the vector as it was', () => {
    const vector = Float32Array.of(3, 4);
    expect([...normalize(vector)]).toEqual([...Float32Array.of(0.6, 0.8)]);
    expect([...vector]).toEqual([3, 4]);
  });

  it.each([3e38, 1e-44])('keeps the direction of numbers as large or small as %d', (value) => {
    const unit = normalize(Float32Array.of(value, -value));
    expect(unit[0]).toBeCloseTo(Math.SQRT1_2, 5);
    expect(unit[1]).toBeCloseTo(-Math.SQRT1_2, 5);
  });

  it.each([
    ['no Float32Array', [1, 2] as unknown as Float32Array, undefined],
    ['nothing at all', undefined as unknown as Float32Array, undefined],
    ['a wrong number of dimensions', Float32Array.of(1, 2), 3],
    ['no dimensions', new Float32Array(0), undefined],
    ['more dimensions than any model has', new Float32Array(MAX_DIMENSIONS + 1).fill(1), undefined],
    ['NaN', Float32Array.of(1, Number.NaN), undefined],
    ['an infinite number', Float32Array.of(1, Number.NEGATIVE_INFINITY), 2],
    ['zeros', new Float32Array(4), 4],
  ])('refuses %s with a hint', (_, vector, dimensions) => {
    const refused = expect.objectContaining({ code: 'INVALID_VECTOR', hint: expect.stringMatching(/\.$/) });
    expect(() => normalize(vector, dimensions)).toThrow(refused);
  });
});

describe('a dot product', () => {
  it.each([1, 3, 4, 7, 8])('adds up all of %d products', (dimensions) => {
    const vector = Float32Array.from({ length: dimensions }, (_, i) => i + 1);
    const sum = vector.reduce((all, value) => all + value * value, 0);
    expect(dot(vector, vector)).toBe(sum);
  });

  it('reads the other vector from a place within many', () => {
    expect(dot(Float32Array.of(1, 2), Float32Array.of(9, 9, 3, 4, 9), 2)).toBe(11);
  });
});

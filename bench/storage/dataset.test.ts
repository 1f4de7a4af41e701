import { expect, test } from 'vitest';
import { isMemoryId } from '../../src/memory/ids.ts';
import { Dataset, DIMENSIONS } from './dataset.ts';

const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);

test('a memory is a function of seed and place alone, whatever was asked for before', () => {
  const one = new Dataset(1, 1_000);
  const [, , third] = one.memories(0, 3);
  expect(new Dataset(1, 1_000).memory(2)).toEqual(third);
  expect(new Dataset(2, 1_000).memory(2)).not.toEqual(third);
});

test('ids are UUIDv7, all different, in the order of their places', () => {
  const ids = new Dataset(1, 2_000).memories(0, 2_000).map(({ id }) => id);
  expect(ids.every(isMemoryId)).toBe(true);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toEqual([...ids].sort());
});

test('vectors are of unit length and lie in clusters', () => {
  const vectors = new Dataset(1, 2_000).memories(0, 600).map(({ vector }) => vector);
  const [first = new Float32Array(), ...others] = vectors;
  for (const vector of vectors) {
    expect(vector).toHaveLength(DIMENSIONS);
    expect(dot(vector, vector)).toBeCloseTo(1, 5);
  }
  const cosines = others.map((vector) => dot(first, vector));
  const near = cosines.filter((cosine) => cosine > 0.6).length;
  expect(near).toBeGreaterThan(5);
  expect(near).toBeLessThan(100);
  expect(cosines.filter((cosine) => cosine < 0.3).length).toBeGreaterThan(400);
});

test('a query is nearest to the memory it asks for', () => {
  const dataset = new Dataset(3, 3_000);
  const memories = dataset.memories(0, 3_000);
  for (const place of [0, 7, 1_500, 2_999]) {
    const { vector, wanted, text } = dataset.query(place);
    const scores = memories.map((memory) => dot(vector, memory.vector));
    expect(memories[scores.indexOf(Math.max(...scores))]?.id).toBe(wanted);
    expect(memories[place]?.content.startsWith(text)).toBe(true);
  }
});

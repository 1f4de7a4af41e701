import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createKernelIndex } from './kernel-index.ts';
import { packedBytes, packVector, unpackVector } from './packed-vector.ts';
import { normalize } from './vectors.ts';

const vectors = fc
  .integer({ min: 1, max: 100 })
  .chain((length) =>
    fc.array(fc.float({ noNaN: true, min: -1, max: 1 }), { minLength: length, maxLength: length }),
  )
  .filter((values) => values.some((value) => Math.abs(value) > 1e-6))
  .map((values) => normalize(Float32Array.from(values)));

describe('a packed vector', () => {
  it('is byte for byte what the kernel would hold of the vector', async () => {
    await fc.assert(
      fc.asyncProperty(vectors, fc.nat(1_000), async (vector, ordinal) => {
        const index = await createKernelIndex(vector.length);
        index.add(ordinal, vector);
        const [block] = index.serializeRows();
        const size = packedBytes(vector.length);
        expect(packVector(ordinal, vector)).toEqual(block?.slice(-size));
        index.close();
      }),
      { numRuns: 60 },
    );
  });

  it('gives the vector back to within half a step of its largest number', () => {
    fc.assert(
      fc.property(vectors, (vector) => {
        const again = unpackVector(packVector(7, vector), vector.length);
        const largest = Math.max(...vector.map(Math.abs));
        expect(again.length).toBe(vector.length);
        for (let i = 0; i < vector.length; i++)
          expect(Math.abs((again[i] ?? 0) - (vector[i] ?? 0))).toBeLessThan((largest / 2_047) * 0.75 + 1e-6);
      }),
    );
  });

  it('is the same after any number of rounds', () => {
    fc.assert(
      fc.property(vectors, (vector) => {
        const once = packVector(1, vector);
        expect(packVector(1, unpackVector(once, vector.length))).toEqual(once);
      }),
    );
  });
});

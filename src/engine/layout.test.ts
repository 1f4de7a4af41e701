import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AddOperation } from '../memory/operation.ts';
import { decodeFrame, encodeFrame, floatsToBytes } from '../storage/codec.ts';
import { packVector, unpackVector } from '../vector/packed-vector.ts';
import { normalize } from '../vector/vectors.ts';
import { decodeBatch, encodeBatch } from './layout.ts';

const embedding = { modelId: 'm', space: 's', dimensions: 96, origin: 'host' } as const;
const vectors = fc
  .array(fc.integer({ min: -1_000, max: 1_000 }), { minLength: 96, maxLength: 96 })
  .filter((numbers) => numbers.some((number) => number !== 0))
  .map((numbers) => normalize(Float32Array.from(numbers), 96));

function addOf(vector: Float32Array | undefined): AddOperation {
  return {
    type: 'add',
    id: '0190b1b4-0000-7000-8000-000000000001',
    seq: 7,
    at: 5,
    opId: 'op',
    ordinal: 3,
    fields: { content: 'Ana lives in Lisbon' } as AddOperation['fields'],
    ...(vector === undefined ? {} : { embedding, vector }),
  };
}

describe('operations in a row of the log', () => {
  it('come back with the vectors that a block would hold of them', () => {
    fc.assert(
      fc.property(vectors, (vector) => {
        const [back] = decodeBatch(encodeBatch([addOf(vector)]));
        const stored = packVector(3, vector);
        expect(back).toEqual({ ...addOf(vector), vector: unpackVector(stored, 96) });
        // What is folded after a replay is what would have been folded before it.
        expect(packVector(3, (back as AddOperation).vector ?? new Float32Array())).toEqual(stored);
      }),
    );
  });

  it('are read as an earlier release wrote them, with vectors as floats', () => {
    const vector = normalize(
      Float32Array.from({ length: 96 }, (_, i) => Math.cos(i)),
      96,
    );
    const { vector: _, ...plain } = addOf(vector);
    const bytes = encodeFrame({ operations: [{ ...plain, blob: 0 }] }, [floatsToBytes(vector)]);
    expect(decodeBatch(bytes)).toEqual([addOf(vector)]);
  });

  it('are refused by a release that knows vectors as floats only', () => {
    const vector = normalize(
      Float32Array.from({ length: 96 }, (_, i) => Math.cos(i)),
      96,
    );
    expect(decodeFrame(encodeBatch([addOf(vector)])).version).toBe(2);
    expect(decodeFrame(encodeBatch([addOf(undefined)])).version).toBe(1);
  });

  it('lose a vector that is not of its length, and nothing else', () => {
    const { vector: _, ...plain } = addOf(new Float32Array(96).fill(1));
    const bytes = encodeFrame({ operations: [{ ...plain, blob: 0 }] }, [new Uint8Array(11)], 2);
    expect(decodeBatch(bytes)).toEqual([{ ...plain, vector: new Float32Array(0) }]);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_FEEDBACK_COUNT } from '../limits.ts';
import type { Memory } from '../types.ts';
import { decodeVector, encodeVector } from './base64.ts';
import { decodeSnapshot, encodeSnapshot, type SnapshotEntry } from './snapshot.ts';
import { testEmbedding, testMemory } from './snapshot-test-util.ts';

async function linesOf(memories: readonly Memory[]): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of encodeSnapshot(memories)) lines.push(line);
  return lines;
}

const decode = (lines: readonly string[]): SnapshotEntry[] => [...decodeSnapshot(lines)];

/** What a restored memory has: all fields of the host's and the vector, nothing of the engine's. */
function expected(memory: Memory): SnapshotEntry {
  const { tenant, namespace, updatedAt, revision, accessCount, sizeBytes, lastAccessedAt, ...rest } = memory;
  const { embedding, vector, ...fields } = rest;
  if (embedding === undefined || vector === undefined) return { memory: fields };
  const { modelId, space, origin } = embedding;
  return { memory: { ...fields, embedding: { modelId, space, vector } }, vectorOrigin: origin };
}

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 });
const finite = fc.float({ noNaN: true, noDefaultInfinity: true });
const json = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)));

const more = fc.record({
  content: text,
  kind: fc.constantFrom('episodic' as const, 'semantic' as const, 'procedural' as const),
  priority: fc.constantFrom('low' as const, 'medium' as const, 'high' as const, 'critical' as const),
  importance: fc.double({ min: 0, max: 1, noNaN: true }),
  tags: fc.array(text),
  sessionId: text,
  position: fc.nat(),
  legalHold: fc.boolean(),
  related: fc.array(fc.record({ id: text, strength: fc.constantFrom(0, 0.5, 1), relation: text })),
  cost: fc.record({ amount: fc.nat(), currency: fc.constant('EUR') }),
  metadata: fc.record({ anything: json }),
  lastAccessedAt: fc.nat(),
});

const memories = fc
  .array(fc.tuple(more, fc.option(fc.array(finite, { minLength: 1, maxLength: 30 }), { nil: undefined })))
  .map((rows) =>
    rows.map(([fields, values], n) =>
      values === undefined
        ? testMemory(n, fields)
        : testMemory(n, {
            ...fields,
            vector: Float32Array.from(values),
            embedding: testEmbedding(values.length, n % 2 === 0 ? 'host' : 'engine'),
          }),
    ),
  );

function errorOf(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new Error('an error was expected');
}

describe('a snapshot', () => {
  it('gives back every memory with its fields, id and vector', async () => {
    await fc.assert(
      fc.asyncProperty(memories, async (all) => {
        expect(decode(await linesOf(all))).toEqual(all.map(expected));
      }),
    );
  });

  it('does not change when memories are only read', async () => {
    const before = await linesOf([testMemory(1)]);
    expect(await linesOf([testMemory(1, { accessCount: 9, lastAccessedAt: 5 })])).toEqual(before);
  });

  it('of nothing is a header and a trailer', async () => {
    const lines = await linesOf([]);
    expect(lines).toHaveLength(2);
    expect(decode(lines)).toEqual([]);
  });

  it('names the line that is broken, whichever it is', async () => {
    const lines = await linesOf([testMemory(1), testMemory(2), testMemory(3)]);
    lines.forEach((line, i) => {
      const broken = lines.with(i, line.slice(0, -1));
      expect(errorOf(() => decode(broken))).toMatchObject({
        code: 'IMPORT_INVALID',
        details: { line: i + 1 },
      });
    });
  });

  it('that lost a line anywhere is refused', async () => {
    const lines = await linesOf([testMemory(1), testMemory(2), testMemory(3)]);
    for (let i = 0; i < lines.length; i++) {
      expect(errorOf(() => decode(lines.toSpliced(i, 1)))).toMatchObject({ code: 'IMPORT_INVALID' });
    }
  });

  it('is refused where it holds a memory twice, or goes on after its end', async () => {
    const twice = await linesOf([testMemory(1), testMemory(1)]);
    expect(errorOf(() => decode(twice))).toMatchObject({ code: 'IMPORT_INVALID', details: { line: 3 } });
    const longer = [...(await linesOf([])), '{}'];
    expect(errorOf(() => decode(longer))).toMatchObject({ code: 'IMPORT_INVALID', details: { line: 3 } });
  });

  it('of a newer version is refused as such', () => {
    const lines = ['{"format":"loci-snapshot","version":4,"new":true}', '{"end":true,"count":0}'];
    expect(errorOf(() => decode(lines))).toMatchObject({ code: 'NEWER_FORMAT' });
  });

  it('of a release that knew no bound of feedback is brought into it', async () => {
    const feedback = { useful: 1e308, useless: 2, at: 5 };
    const lines = await linesOf([testMemory(1, { feedback })]);
    expect(decode(lines)[0]?.memory.feedback).toEqual({ useful: MAX_FEEDBACK_COUNT, useless: 2, at: 5 });
  });

  it('is refused where a line has a field it does not know', async () => {
    const [header = '', memory = '', trailer = ''] = await linesOf([testMemory(1)]);
    const strange = memory.replace('{', '{"strange":1,');
    expect(errorOf(() => decode([header, strange, trailer]))).toMatchObject({ details: { line: 2 } });
  });

  it('is refused where a vector is not what it says', async () => {
    const vector = Float32Array.of(1, 2);
    const [header = '', memory = '', trailer = ''] = await linesOf([
      testMemory(1, { vector, embedding: testEmbedding(2) }),
    ]);
    const right = encodeVector(vector);
    const wrong = ['*', encodeVector(Float32Array.of(1)), encodeVector(Float32Array.of(Number.NaN, 1))];
    expect(memory).toContain(right);
    for (const text of wrong) {
      const lines = [header, memory.replace(right, text), trailer];
      expect(errorOf(() => decode(lines))).toMatchObject({ code: 'IMPORT_INVALID', details: { line: 2 } });
    }
  });
});

describe('a vector in base64', () => {
  it('is little-endian float32, bit for bit, of any length', () => {
    expect(encodeVector(Float32Array.of(1))).toBe('AACAPw==');
    fc.assert(
      fc.property(fc.array(finite, { minLength: 1, maxLength: 5_000 }), (values) => {
        const vector = Float32Array.from(values);
        expect(decodeVector(encodeVector(vector), vector.length)).toEqual(vector);
      }),
      { numRuns: 30 },
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Chunk, chunkLines, linesOfChunks, sha256Hex, verifyChunk } from './chunks.ts';

async function* asyncLines(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines;
}

async function chunksOf(lines: readonly string[], limitBytes?: number): Promise<Chunk[]> {
  const chunks: Chunk[] = [];
  for await (const chunk of chunkLines(asyncLines(lines), limitBytes)) chunks.push(chunk);
  return chunks;
}

const line = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((text) => !text.includes('\n'));

describe('chunks', () => {
  it('give back the lines they were cut from, none above the limit', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(line), fc.integer({ min: 1, max: 200 }), async (lines, extra) => {
        const longest = Math.max(1, ...lines.map((text) => new TextEncoder().encode(`${text}\n`).length));
        const chunks = await chunksOf(lines, longest + extra);
        expect([...linesOfChunks(chunks.map(({ bytes }) => bytes))]).toEqual(lines);
        for (const [index, chunk] of chunks.entries()) {
          expect(chunk.length).toBeLessThanOrEqual(longest + extra);
          await verifyChunk(chunk.bytes, chunk, index);
        }
      }),
    );
  });

  it('are read wherever they are cut, also within a character', () => {
    fc.assert(
      fc.property(fc.array(line, { minLength: 1 }), fc.integer({ min: 1, max: 7 }), (lines, size) => {
        const bytes = new TextEncoder().encode(lines.map((text) => `${text}\n`).join(''));
        const parts: Uint8Array[] = [];
        for (let at = 0; at < bytes.length; at += size) parts.push(bytes.subarray(at, at + size));
        expect([...linesOfChunks(parts)]).toEqual(lines);
      }),
    );
  });

  it('stay the same at the beginning when lines are added at the end', async () => {
    const lines = Array.from({ length: 100 }, (_, n) => `line ${n}`);
    const before = await chunksOf(lines, 64);
    const after = await chunksOf([...lines, 'one more', 'and another'], 64);
    const names = (chunks: readonly Chunk[]) => chunks.map(({ sha256 }) => sha256);
    expect(names(after).slice(0, before.length - 1)).toEqual(names(before).slice(0, -1));
  });

  it('are none for no lines', async () => {
    expect(await chunksOf([])).toEqual([]);
  });

  it('refuse a line longer than a chunk', async () => {
    await expect(chunksOf(['x'.repeat(64)], 64)).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
  });

  it('name the chunk of which a bit was flipped', async () => {
    const [first, second] = await chunksOf(['a', 'b'], 2);
    if (first === undefined || second === undefined) throw new Error('two chunks were expected');
    const flipped = second.bytes.slice();
    flipped[0] = (flipped[0] ?? 0) ^ 1;
    await expect(verifyChunk(flipped, second, 1)).rejects.toMatchObject({
      code: 'STORAGE_CORRUPT',
      details: { chunk: 1 },
    });
    await verifyChunk(first.bytes, first, 0);
  });

  it('name the chunk that is torn', async () => {
    const [chunk] = await chunksOf(['abc']);
    if (chunk === undefined) throw new Error('a chunk was expected');
    await expect(verifyChunk(chunk.bytes.slice(0, 2), chunk, 7)).rejects.toMatchObject({
      code: 'STORAGE_CORRUPT',
      details: { chunk: 7 },
    });
  });

  it('report bytes that are not UTF-8, and a last line without end', () => {
    const corrupt = expect.objectContaining({ code: 'STORAGE_CORRUPT' });
    expect(() => [...linesOfChunks([Uint8Array.of(0xff, 0x0a)])]).toThrow(corrupt);
    expect(() => [...linesOfChunks([Uint8Array.of(0xe2, 0x82)])]).toThrow(corrupt);
    expect(() => [...linesOfChunks([Uint8Array.of(0x61)])]).toThrow(corrupt);
  });

  it('are named by the SHA-256 of FIPS 180-4', async () => {
    expect(await sha256Hex(new TextEncoder().encode('abc'))).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });
});

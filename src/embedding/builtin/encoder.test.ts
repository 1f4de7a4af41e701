import { readFileSync } from 'node:fs';
import crc32 from 'crc-32';
import { describe, expect, it } from 'vitest';
import { LociError } from '../../errors.ts';
import { describeEmbedderContract } from '../../testing/embedder-contract.ts';
import { cosine } from '../../testing/vector-data.ts';
import { createBuiltinEmbedder, createEncoder, reduceVector } from './encoder.ts';
import { GOLDEN } from './golden-test-util.ts';
import { readBuiltinTable } from './table.ts';
import { CHECKED_FROM } from './table-format.ts';

const bytes = new Uint8Array(readFileSync(new URL('./table.bin', import.meta.url)));
const table = readBuiltinTable(bytes);

describeEmbedderContract('the built-in model', async () => createBuiltinEmbedder(table));
describeEmbedderContract('the built-in model in 256 dimensions', async () =>
  createBuiltinEmbedder(table, { dimensions: 256 }),
);

describe('the built-in model', () => {
  const encode = createEncoder(table);
  const nearness = (a: string, b: string) => cosine(encode(a), encode(b));

  it('is of MiniLM’s space in 384 dimensions, and of a space of its own in 256', () => {
    expect(createBuiltinEmbedder(table)).toMatchObject({ space: 'minilm-l6-v2', dimensions: 384 });
    const reduced = createBuiltinEmbedder(table, { dimensions: 256 });
    expect(reduced.space).not.toBe('minilm-l6-v2');
    expect(reduced.id).not.toBe(createBuiltinEmbedder(table).id);
    expect(() => createBuiltinEmbedder(table, { dimensions: 100 })).toThrow(LociError);
  });

  it.each([
    ['The physician gave her medicine.', 'A doctor prescribed pills.', 'Trains leave every hour.'],
    ['Where does Ana live?', 'Her home is in Lisbon.', 'Bake at 200 degrees for an hour.'],
    ['He is afraid of dogs.', 'The puppy scares him.', 'The invoice is due in March.'],
  ])('brings what means the same together, though no word is shared: %s', (text, same, other) => {
    expect(nearness(text, same)).toBeGreaterThan(nearness(text, other) + 0.1);
  });

  it('brings forms and misspellings of an unknown word near it', () => {
    const [word, form, other] = ['The flumboxing is done', 'The flumboxings are done', 'The grintle is done'];
    expect(nearness(word, form)).toBeGreaterThan(nearness(word, other));
  });

  it('keeps its numbers, which are stored under its name', () => {
    for (const { text, first } of GOLDEN) expect([...encode(text).slice(0, first.length)]).toEqual(first);
  });

  it('is at most 4.5 MB', () => {
    expect(bytes.length).toBeLessThanOrEqual(4_500_000);
  });

  it('keeps the order of cosines in 256 dimensions', () => {
    const [a, b] = [encode('The cat sat on the mat.'), encode('A kitten lay on the rug.')];
    const [x, y] = [reduceVector(table, a), reduceVector(table, b)];
    expect(Math.abs(cosine(x, y) - cosine(a, b))).toBeLessThan(0.06);
    const ofOthers = [
      new Float32Array(3),
      a.map(() => 0),
      a.with(7, Number.NaN),
      a.with(0, Number.POSITIVE_INFINITY),
    ];
    for (const vector of ofOthers)
      expect(() => reduceVector(table, vector)).toThrow(expect.objectContaining({ code: 'INVALID_VECTOR' }));
  });
});

describe('reading a table', () => {
  const changed = (change: (copy: Uint8Array) => void): Uint8Array => {
    const copy = bytes.slice();
    change(copy);
    return copy;
  };
  const sealed = (change: (view: DataView) => void): Uint8Array =>
    changed((copy) => {
      const view = new DataView(copy.buffer);
      change(view);
      view.setUint32(8, crc32.buf(copy.subarray(CHECKED_FROM)) >>> 0, true);
    });

  it.each([
    ['nothing', new Uint8Array()],
    ['a page in its place', new TextEncoder().encode(`<!doctype html>${' '.repeat(200)}`)],
    ['a cut off table', bytes.slice(0, -4)],
    ['a flipped bit', changed((copy) => copy.set([(copy[1_000_000] ?? 0) ^ 4], 1_000_000))],
    ['a flipped bit of the header', changed((copy) => copy.set([(copy[20] ?? 0) ^ 1], 20))],
    ['a newer version', changed((copy) => copy.set([2], 4))],
    ['an impossible number of bits', sealed((view) => view.setUint32(28, 5, true))],
    ['a number of axes that cannot be read', sealed((view) => view.setUint32(40, 255, true))],
    ['more words than there are', sealed((view) => view.setUint32(20, 60_000, true))],
    ['hashes out of order', sealed((view) => view.setUint32(128 + 64 + 4, 0, true))],
  ])('refuses %s with a typed error', (_, given) => {
    expect(() => readBuiltinTable(given)).toThrow(
      expect.objectContaining({ code: 'MODEL_UNAVAILABLE', hint: expect.stringMatching(/\S/) }),
    );
  });

  it('reads bytes that begin anywhere in a buffer', () => {
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    const vector = createEncoder(readBuiltinTable(shifted.subarray(3)))('a cat');
    expect(vector).toEqual(createEncoder(table)('a cat'));
  });

  it('copies nothing', () => {
    expect(table.words.codes.buffer).toBe(bytes.buffer);
    expect(table.hashes.buffer).toBe(bytes.buffer);
  });
});

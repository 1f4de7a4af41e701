/** The promises of the Embedder port as tests, to run on any implementation with Vitest. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Embedder } from '../embedding/embedder.ts';
import { MAX_CONTENT_BYTES, MAX_DIMENSIONS } from '../limits.ts';
import { cosine } from './vector-data.ts';

export interface EmbedderContractOptions {
  /** Whether the tests are skipped, for a model that may not be there. Default: no. */
  readonly skip?: boolean | undefined;
}

/** Least cosine of one text alone and among others: an 8-bit model's vectors depend a little on the batch. */
const SAME_TEXT = 0.98;

const TEXTS = [
  'The cat sat on the mat by the door.',
  'Quarterly revenue rose by eleven percent.',
  'Zürich liegt an der Limmat.',
  'メモリー宮殿は古代の記憶術です。',
] as const;

/**
 * Describes, for Vitest, everything that an Embedder must promise; one is made for all the tests.
 *
 * @example
 * describeEmbedderContract('the hashing embedder', async () => createHashingEmbedder());
 */
export function describeEmbedderContract(
  name: string,
  create: () => Promise<Embedder>,
  { skip = false }: EmbedderContractOptions = {},
): void {
  describe.skipIf(skip)(name, () => {
    let made: Embedder | undefined;
    beforeAll(async () => {
      made = await create();
    });
    afterAll(async () => made?.close());
    const embedder = (): Embedder => {
      if (made === undefined) throw new Error('the embedder was not made');
      return made;
    };
    describeIdentity(embedder);
    describeVectors(embedder);
    describeTexts(embedder);
  });
}

type Give = () => Embedder;

async function embedOne(embedder: Embedder, text: string): Promise<Float32Array> {
  const [vector] = await embedder.embed([text]);
  if (vector === undefined) throw new Error('no vector came');
  return vector;
}

function expectUnit(vector: Float32Array | undefined, dimensions: number): void {
  expect(vector).toBeInstanceOf(Float32Array);
  expect(vector?.length).toBe(dimensions);
  // NaN and infinity would show in the length.
  expect(Math.hypot(...(vector ?? []))).toBeCloseTo(1, 4);
}

function describeIdentity(give: Give): void {
  it('names its model, its space and its dimensions', () => {
    const { id, space, dimensions } = give();
    expect(id).toMatch(/\S/);
    expect(space).toMatch(/\S/);
    expect(Number.isInteger(dimensions)).toBe(true);
    expect(dimensions).toBeGreaterThan(0);
    expect(dimensions).toBeLessThanOrEqual(MAX_DIMENSIONS);
  });
}

function describeVectors(give: Give): void {
  it('answers one vector of unit length a text, in order', async () => {
    const vectors = await give().embed(TEXTS);
    expect(vectors.length).toBe(TEXTS.length);
    for (const [i, text] of TEXTS.entries()) {
      expectUnit(vectors[i], give().dimensions);
      const alone = await embedOne(give(), text);
      expect(cosine(alone, vectors[i] ?? alone.map(() => 0))).toBeGreaterThan(SAME_TEXT);
    }
  });

  it('answers no vectors for no texts', async () => {
    expect(await give().embed([])).toEqual([]);
  });

  it('answers the same for the same text', async () => {
    const [first, second] = [await embedOne(give(), TEXTS[0]), await embedOne(give(), TEXTS[0])];
    expect(cosine(first, second)).toBeCloseTo(1, 5);
  });

  it('keeps calls made at once apart', async () => {
    const texts = Array.from({ length: 6 }, (_, i) => TEXTS[i % TEXTS.length] ?? '');
    const apart = await Promise.all(texts.map((text) => embedOne(give(), text)));
    for (const [i, vector] of apart.entries()) {
      expect(cosine(vector, await embedOne(give(), texts[i] ?? ''))).toBeGreaterThan(SAME_TEXT);
    }
  });

  it('gives vectors away: each can be transferred without another', async () => {
    const [first, second] = await give().embed([TEXTS[0], TEXTS[1]]);
    structuredClone(first, { transfer: first === undefined ? [] : [first.buffer as ArrayBuffer] });
    expect(first?.length).toBe(0);
    expectUnit(second, give().dimensions);
  });

  it('brings texts that say alike nearer than others', async () => {
    const cat = await embedOne(give(), TEXTS[0]);
    const alike = await embedOne(give(), 'A cat was sitting on a mat near the doors');
    const other = await embedOne(give(), TEXTS[1]);
    expect(cosine(cat, alike)).toBeGreaterThan(cosine(cat, other) + 0.2);
  });
}

function describeTexts(give: Give): void {
  it.each([
    ['that is empty', ''],
    ['of white space', ' \n\t '],
    ['of signs only', '?!… —'],
  ])('gives a text %s a fixed unit vector', async (_, text) => {
    const vector = await embedOne(give(), text);
    expectUnit(vector, give().dimensions);
    expect(cosine(vector, await embedOne(give(), text))).toBeCloseTo(1, 5);
  });

  it.each([
    ['as long as a memory may be', 'memory '.repeat(MAX_CONTENT_BYTES / 7)],
    ['without a space', 'a'.repeat(5_000)],
    ['of pictures', '🏛️🧠👩‍👩‍👧'],
    ['with half a character', 'half \ud83d of one'],
    ['with a zero character', 'zero \0 within'],
  ])('takes a text %s', async (_, text) => {
    expectUnit(await embedOne(give(), text), give().dimensions);
  });

  it('takes many texts of different lengths at once', async () => {
    const texts = Array.from({ length: 40 }, (_, i) => `Note ${i}: ${'and more '.repeat(i)}`);
    const vectors = await give().embed(texts);
    expect(vectors.length).toBe(40);
    for (const vector of vectors) expectUnit(vector, give().dimensions);
  });
}

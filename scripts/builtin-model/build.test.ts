import { appendFileSync, mkdtempSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEncoder } from '../../src/embedding/builtin/encoder.ts';
import { hashRange } from '../../src/embedding/builtin/hash.ts';
import { readBuiltinTable } from '../../src/embedding/builtin/table.ts';
import { foldText } from '../../src/embedding/builtin/words.ts';
import { createRandom } from '../../src/testing/environment.ts';
import { cosine } from '../../src/testing/vector-data.ts';
import { type BuildInput, build } from './build.ts';
import { RECIPE } from './recipe.ts';
import type { Teacher } from './teacher.ts';
import type { Checkpoint } from './train.ts';

const DIMENSIONS = 32;
const SLOW = { timeout: 120_000 };
const THINGS = ['cat', 'dog', 'bird', 'horse', 'mouse'];
const PLACES = ['door', 'lake', 'house', 'road'];
/** Words that mean the same to the fake teacher. */
const SAME = new Map([['physician', 'doctor']]);
const sentences = Array.from(
  { length: 320 },
  (_, i) =>
    `The ${THINGS[i % 5]} of my ${i % 3 === 0 ? 'doctor' : 'physician'} sat by the ${PLACES[i % 4]}, ${i}`,
);

/** A teacher that any sum of word vectors can equal: each word has a direction. */
const embed: Teacher = async (texts) => {
  const vectors = new Float32Array(texts.length * DIMENSIONS);
  for (const [place, text] of texts.entries()) {
    const vector = vectors.subarray(place * DIMENSIONS, (place + 1) * DIMENSIONS);
    for (const word of foldText(text).match(/[a-z0-9]+/g) ?? ['nothing']) {
      const meaning = SAME.get(word) ?? word;
      const random = createRandom(hashRange(meaning, 0, meaning.length));
      for (let d = 0; d < DIMENSIONS; d++) vector[d] = (vector[d] ?? 0) + random() - 0.5;
    }
    const length = Math.hypot(...vector);
    for (let d = 0; d < DIMENSIONS; d++) vector[d] = (vector[d] ?? 0) / length;
  }
  return vectors;
};

describe('building the built-in model', () => {
  let folder = '';
  let taught = 0;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'loci-builtin-'));
    taught = 0;
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const input = (more: Partial<BuildInput> = {}): BuildInput => ({
    recipe: {
      ...RECIPE,
      dimensions: DIMENSIONS,
      reduced: 16,
      texts: { spans: 40, swaps: 40, mixes: 40, duets: 40, questions: 40 },
      rows: { words: 60, pairs: 10, buckets: 50 },
      batch: 16,
      passes: 8,
    },
    sentences,
    vocabulary: ['castle', 'harbour'],
    cacheFolder: folder,
    teacher: async () => async (texts) => {
      taught += texts.length;
      return embed(texts);
    },
    say: () => undefined,
    ...more,
  });

  it('gives the same bytes twice from the same vectors, and asks the teacher once', SLOW, async () => {
    const first = await build(input());
    const asked = taught;
    const second = await build(input());
    expect(taught).toBe(asked);
    expect(Buffer.compare(Buffer.from(first.table), Buffer.from(second.table))).toBe(0);
    const other = await build(input({ recipe: { ...input().recipe, seed: 2 } }));
    expect(Buffer.compare(Buffer.from(first.table), Buffer.from(other.table))).not.toBe(0);
  });

  it('gives the same bytes twice from batches of neighbours and a loss over orders', SLOW, async () => {
    const recipe = { ...input().recipe, neighbours: 4, rankWeight: 1 };
    const first = await build(input({ recipe }));
    const second = await build(input({ recipe }));
    expect(Buffer.compare(Buffer.from(first.table), Buffer.from(second.table))).toBe(0);
    for (const off of [{ neighbours: 0 }, { rankWeight: 0 }]) {
      const other = await build(input({ recipe: { ...recipe, ...off } }));
      expect(Buffer.compare(Buffer.from(first.table), Buffer.from(other.table))).not.toBe(0);
    }
  });

  it('gives the same bytes when it was stopped after a pass and goes on', SLOW, async () => {
    const kept: Checkpoint[] = [];
    const checkpoints = { read: () => undefined, write: (each: Checkpoint) => void kept.push(each) };
    const { table } = await build(input({ checkpoints }));
    for (const pass of [3, 7]) {
      const from = kept.find((each) => each.pass === pass);
      const again = await build(input({ checkpoints: { read: () => from, write: () => undefined } }));
      expect(Buffer.compare(Buffer.from(table), Buffer.from(again.table)), `after pass ${pass}`).toBe(0);
    }
  });

  it('asks the teacher anew for what was cut off from the cache', SLOW, async () => {
    const { table } = await build(input());
    const [name = ''] = readdirSync(folder).filter((file) => file.startsWith('sentences-'));
    truncateSync(join(folder, name), 1_000);
    taught = 0;
    const again = await build(input());
    expect(taught).toBe(sentences.length);
    expect(Buffer.compare(Buffer.from(table), Buffer.from(again.table))).toBe(0);
  });

  it('asks the teacher anew where two runs have written to one file of the cache', SLOW, async () => {
    const { table } = await build(input());
    const [name = ''] = readdirSync(folder).filter((file) => file.startsWith('spans-'));
    appendFileSync(join(folder, name), new Uint8Array(4 * DIMENSIONS));
    taught = 0;
    const again = await build(input());
    expect(taught).toBe(input().recipe.texts.spans);
    expect(Buffer.compare(Buffer.from(table), Buffer.from(again.table))).toBe(0);
  });

  it('makes a table whose vectors point where the teacher’s do', SLOW, async () => {
    const { table, report } = await build(input());
    const encode = createEncoder(readBuiltinTable(table));
    const nearness = async (text: string) => cosine(encode(text), await embed([text]));
    expect(await nearness('The horse of my doctor sat by the lake, 8')).toBeGreaterThan(0.8);
    expect(cosine(encode('doctor'), encode('physician'))).toBeGreaterThan(0.7);
    expect(report.knownWords).toBeGreaterThan(0.5);
  });
});

import { appendFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Embedder } from '../../src/embedding/embedder.ts';
import { createHashingEmbedder } from '../../src/embedding/hashing.ts';
import { keepVectors, timed } from './embedders.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'loci-recall-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** An embedder kept in the folder, and the texts that were embedded anew. */
function kept() {
  const model = createHashingEmbedder();
  const asked: string[] = [];
  const load = async (): Promise<Embedder> => ({
    ...model,
    embed: (texts) => {
      asked.push(...texts);
      return model.embed(texts);
    },
  });
  return { embedder: keepVectors(model, load, join(folder, 'deep', 'vectors.bin')), asked, model };
}

describe('kept vectors', () => {
  it('are embedded once, in this run and the next', async () => {
    const first = kept();
    await first.embedder.embed(['plum', 'kiln', 'plum']);
    await first.embedder.embed(['kiln']);
    expect(first.asked).toEqual(['plum', 'kiln']);
    const second = kept();
    const vectors = await second.embedder.embed(['kiln', 'plum', 'glaze']);
    expect(second.asked).toEqual(['glaze']);
    expect(vectors).toEqual(await second.model.embed(['kiln', 'plum', 'glaze']));
  });

  it('are the caller’s own', async () => {
    const { embedder } = kept();
    const [vector] = await embedder.embed(['plum']);
    vector?.fill(7);
    const [other] = await embedder.embed(['plum']);
    expect(other).not.toEqual(vector);
  });

  it('of a file that ends in the middle are kept as far as they are whole', async () => {
    await kept().embedder.embed(['plum', 'kiln']);
    const file = join(folder, 'deep', 'vectors.bin');
    const whole = statSync(file).size;
    appendFileSync(file, 'half a row');
    const { embedder, asked, model } = kept();
    expect(await embedder.embed(['kiln'])).toEqual(await model.embed(['kiln']));
    expect(asked).toEqual([]);
    expect(statSync(file).size).toBe(whole);
  });
});

describe('a timed embedder', () => {
  it('counts its time, a failure’s too, and outlives whoever closes it', async () => {
    let isClosed = false;
    const slow: Embedder = {
      ...createHashingEmbedder(),
      embed: async () => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        throw new Error('it broke');
      },
      close: async () => {
        isClosed = true;
      },
    };
    const embedder = timed(slow);
    expect(embedder.spentMs).toBe(0);
    await expect(embedder.embed(['plum'])).rejects.toThrow('it broke');
    await embedder.close();
    expect(embedder.spentMs).toBeGreaterThan(10);
    expect(isClosed).toBe(false);
  });
});

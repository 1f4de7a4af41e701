import ortWasm from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import { describe, expect, it } from 'vitest';
import { describeEmbedderContract } from '../testing/embedder-contract.ts';
import { cosine } from '../testing/vector-data.ts';
import { createTransformersLoader } from './worker-embedder.ts';

const MODEL = 'all-MiniLM-L6-v2';
const config = { model: MODEL, modelBaseUrl: '/models/', wasmUrl: new URL(ortWasm, location.href).href };
const hasModel = (await fetch(`/models/${MODEL}/config.json`)).ok;
if (!hasModel)
  console.warn(`skipped: no ${MODEL} under /models/; set LOCI_MODEL_DIR to a folder that has it`);

describeEmbedderContract('MiniLM in a worker', () => createTransformersLoader(config).load(() => undefined), {
  skip: !hasModel,
});

describe.skipIf(!hasModel)('MiniLM', () => {
  it('tells progress that never falls and is 1 once it is ready', async () => {
    const told: number[] = [];
    const embedder = await createTransformersLoader(config).load((fraction) => void told.push(fraction));
    expect(told.at(-1)).toBe(1);
    expect(told).toEqual([...told].sort((a, b) => a - b));
    expect(new Set(told).size).toBe(told.length);
    expect(Math.min(...told)).toBeGreaterThan(0);
    await embedder.close();
    expect(told.at(-1)).toBe(1);
  });

  it('loads from a folder named by its whole URL too', async () => {
    const modelBaseUrl = new URL('/models', location.href).href;
    const embedder = await createTransformersLoader({ ...config, modelBaseUrl }).load(() => undefined);
    expect((await embedder.embed(['a']))[0]?.length).toBe(384);
    await embedder.close();
  });

  it('brings what means the same together, though no word is shared', async () => {
    const embedder = await createTransformersLoader(config).load(() => undefined);
    const triples = [
      ['The physician gave her medicine.', 'A doctor prescribed pills.', 'Trains leave every hour.'],
      ['Where does Ana live?', 'Her home is in Lisbon.', 'Bake at 200 degrees for an hour.'],
      ['My car will not start.', 'The vehicle has a dead battery.', 'Roses bloom in June.'],
    ];
    for (const triple of triples) {
      const [text, alike, other] = await embedder.embed(triple);
      if (text === undefined || alike === undefined || other === undefined) throw new Error('no vector came');
      expect(cosine(text, alike)).toBeGreaterThan(cosine(text, other) + 0.1);
    }
    await embedder.close();
  });

  it('refuses a model whose vectors have other dimensions than it was said', async () => {
    // The same files by a name that is not known.
    const unknown = { ...config, model: `${MODEL}/.`, dimensions: 768, pooling: 'mean' } as const;
    const loading = createTransformersLoader(unknown).load(() => undefined);
    await expect(loading).rejects.toMatchObject({
      code: 'MODEL_UNAVAILABLE',
      message: expect.stringContaining('384'),
      retryable: false,
    });
  });
});

describe('a model that cannot be had', () => {
  const load = (change: object) => createTransformersLoader({ ...config, ...change }).load(() => undefined);

  it('is unavailable at once where the folder lacks it, and trying again is no use', async () => {
    await expect(load({ model: 'no-such-model', dimensions: 384, pooling: 'mean' })).rejects.toMatchObject({
      code: 'MODEL_UNAVAILABLE',
      retryable: false,
      hint: expect.stringContaining('modelBaseUrl'),
    });
  }, 5_000);

  it('is unavailable at once where no server answers, and may come later', async () => {
    // Nothing of the same model, fetched from another folder before, stands in for it.
    await expect(load({ modelBaseUrl: 'http://127.0.0.1:9/' })).rejects.toMatchObject({
      code: 'MODEL_UNAVAILABLE',
      retryable: true,
    });
  }, 5_000);

  it('is unavailable where its worker’s script cannot be loaded', async () => {
    const createWorker = () => new Worker(URL.createObjectURL(new Blob(['throw new Error("broken")'])));
    const loading = createTransformersLoader(config, { createWorker }).load(() => undefined);
    await expect(loading).rejects.toMatchObject({
      code: 'MODEL_UNAVAILABLE',
      message: expect.stringContaining('broken'),
      retryable: true,
    });
  }, 5_000);
});

import { describe, expect, it, vi } from 'vitest';
import { loadTransformersModel, transformersIdentity } from './transformers.ts';

/** What the pipeline is given, in place of a model. */
const asked: { texts: readonly string[]; options: unknown }[] = [];
let failure: Error | undefined;
vi.mock('@huggingface/transformers', () => ({
  env: { backends: { onnx: {} }, cacheKey: 'kept' },
  pipeline: async (_: string, model: string) => {
    if (failure !== undefined) throw failure;
    return makeExtractor(model);
  },
}));
const makeExtractor = (model: string) => async (texts: readonly string[], options: unknown) => {
  asked.push({ texts, options });
  const dimensions = model.includes('bge') ? 768 : 384;
  return { dims: [texts.length, dimensions], data: new Float32Array(texts.length * dimensions).fill(1) };
};

describe('what a model is called before it is loaded', () => {
  it('is MiniLM at 8 bits where nothing is said', () => {
    expect(transformersIdentity({})).toEqual({
      id: 'all-MiniLM-L6-v2@q8',
      space: 'minilm-l6-v2',
      dimensions: 384,
    });
  });

  it('is the same from the hub and from a folder', () => {
    const fromFolder = { model: 'all-MiniLM-L6-v2', modelBaseUrl: '/models/' };
    expect(transformersIdentity(fromFolder)).toEqual(transformersIdentity({}));
  });

  it('shares one space between precisions of MiniLM, and no other model does', () => {
    expect(transformersIdentity({ dtype: 'fp32' })).toMatchObject({
      id: 'all-MiniLM-L6-v2@fp32',
      space: 'minilm-l6-v2',
    });
    const bge = { model: 'Xenova/bge-base-en-v1.5', dimensions: 768 };
    expect(transformersIdentity({ ...bge, pooling: 'cls' })).toEqual({
      id: 'bge-base-en-v1.5@q8-cls',
      space: 'bge-base-en-v1.5@q8-cls',
      dimensions: 768,
    });
    expect(transformersIdentity({ ...bge, pooling: 'mean', space: 'shared' })).toEqual({
      id: 'bge-base-en-v1.5@q8',
      space: 'shared',
      dimensions: 768,
    });
  });
});

describe('a model is given what it was taught to read', () => {
  const embed = async (config: Parameters<typeof loadTransformersModel>[0]) => {
    const embedder = await loadTransformersModel(config, () => undefined);
    asked.length = 0;
    await embedder.embed(['Lisbon'], 'query');
    await embedder.embed(['Lisbon']);
    return asked;
  };

  it('questions and documents with their prefixes, where it is of the E5 family', async () => {
    expect(await embed({ model: 'Xenova/multilingual-e5-small' })).toMatchObject([
      { texts: ['query: Lisbon'], options: { pooling: 'mean' } },
      { texts: ['passage: Lisbon'] },
    ]);
  });

  it('the text alone where it is MiniLM, and the pooling that was said where it is not known', async () => {
    expect(await embed({})).toMatchObject([{ texts: ['Lisbon'] }, { texts: ['Lisbon'] }]);
    const bge = { model: 'Xenova/bge-base-en-v1.5', dimensions: 768, pooling: 'cls' } as const;
    expect(await embed(bge)).toMatchObject([{ options: { pooling: 'cls' } }, {}]);
  });
});

describe('a file that is none of a model', () => {
  const files = [
    'https://h.co/Xenova/all-MiniLM-L6-v2/onnx/model.onnx',
    'https://h.co/Xenova/other/config.json',
  ];
  const attempt = async (error: Error) => {
    const kept = new Set(files);
    vi.stubGlobal('caches', {
      open: async () => ({
        keys: async () => [...kept].map((url) => ({ url })),
        delete: async ({ url }: { url: string }) => kept.delete(url),
      }),
    });
    failure = error;
    try {
      await expect(loadTransformersModel({}, () => undefined)).rejects.toMatchObject({
        code: 'MODEL_UNAVAILABLE',
        retryable: true,
      });
    } finally {
      failure = undefined;
      vi.unstubAllGlobals();
    }
    return [...kept];
  };

  it.each([
    new SyntaxError("Unexpected token '<'"),
    new Error('Failed to load model because protobuf parsing failed.'),
  ])('is not kept: %s', async (error) => {
    expect(await attempt(error)).toEqual(files.slice(1));
  });

  it('is not what is meant where the network failed: what was kept stays', async () => {
    expect(await attempt(new TypeError('Failed to fetch'))).toEqual(files);
  });
});

import { describe, expect, it, vi } from 'vitest';
import { crossEncoderId, loadCrossEncoder } from './cross-encoder.ts';

/** What the library is given, in place of a model that would have to be fetched. */
const asked: { questions: readonly string[]; options: { text_pair: readonly string[] } }[] = [];
const loaded: unknown[] = [];
const state: { failure: Error | undefined; labels: number; isDisposed: boolean } = {
  failure: undefined,
  labels: 1,
  isDisposed: false,
};
const env = { backends: { onnx: { wasm: {} } }, cacheKey: 'kept', remoteHost: '', localModelPath: '' };
vi.mock('@huggingface/transformers', () => ({
  env,
  AutoTokenizer: {
    from_pretrained:
      async () => (questions: readonly string[], options: { text_pair: readonly string[] }) => {
        asked.push({ questions, options });
        return { pairs: options.text_pair };
      },
  },
  AutoModelForSequenceClassification: {
    from_pretrained: async (name: string, options: { progress_callback: (info: unknown) => void }) => {
      loaded.push(name, options);
      options.progress_callback({ status: 'progress', file: 'onnx/model.onnx', loaded: 5, total: 10 });
      const judge = async ({ pairs }: { pairs: readonly string[] }) => {
        if (state.failure !== undefined) throw state.failure;
        const data = Float32Array.from(
          { length: pairs.length * state.labels },
          (_, i) => pairs[i]?.length ?? 0,
        );
        return { logits: { dims: [pairs.length, state.labels], data } };
      };
      return Object.assign(judge, {
        dispose: async () => {
          state.isDisposed = true;
        },
      });
    },
  },
}));

describe('a cross-encoder', () => {
  it('is named before it is loaded, the same from the hub and from a folder', () => {
    expect(crossEncoderId({})).toBe('ms-marco-MiniLM-L-6-v2@q8');
    expect(crossEncoderId({ model: 'ms-marco-MiniLM-L-6-v2', modelBaseUrl: '/models/' })).toBe(
      crossEncoderId({}),
    );
    expect(crossEncoderId({ model: 'Xenova/bge-reranker-base', dtype: 'fp16' })).toBe(
      'bge-reranker-base@fp16',
    );
  });

  it('reads the question with each text, and gives a number for each', async () => {
    const fractions: number[] = [];
    const reranker = await loadCrossEncoder({}, (fraction) => fractions.push(fraction));
    expect(loaded[0]).toBe('Xenova/ms-marco-MiniLM-L-6-v2');
    expect(loaded[1]).toMatchObject({ dtype: 'q8' });
    expect(fractions).toEqual([0.45, 1]);
    expect(await reranker.rerank('Which shoes?', ['boots', 'rain'])).toEqual(Float32Array.of(5, 4));
    expect(asked.at(-1)).toEqual({
      questions: ['Which shoes?', 'Which shoes?'],
      options: { text_pair: ['boots', 'rain'], padding: true, truncation: true },
    });
    expect(await reranker.rerank('Which shoes?', [])).toEqual(new Float32Array(0));
    await reranker.close();
    expect(state.isDisposed).toBe(true);
  });

  it('comes from a folder of the host’s where that is said', async () => {
    await loadCrossEncoder({ modelBaseUrl: 'https://host.example/models/' }, () => undefined);
    expect(env).toMatchObject({ remoteHost: 'https://host.example/models/', remotePathTemplate: '{model}' });
  });

  it('that gives more than one number for a pair is refused before it is used', async () => {
    state.labels = 2;
    try {
      await expect(loadCrossEncoder({}, () => undefined)).rejects.toMatchObject({
        code: 'MODEL_UNAVAILABLE',
        retryable: false,
        message: expect.stringContaining('2 numbers'),
      });
    } finally {
      state.labels = 1;
    }
  });

  it('that fails says so, and may be asked again', async () => {
    const reranker = await loadCrossEncoder({}, () => undefined);
    state.failure = new Error('out of memory');
    try {
      await expect(reranker.rerank('q', ['a'])).rejects.toMatchObject({
        code: 'MODEL_UNAVAILABLE',
        retryable: true,
        message: expect.stringContaining('out of memory'),
      });
    } finally {
      state.failure = undefined;
    }
  });
});

import ortWasm from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import { describe, expect, it } from 'vitest';
import { createRerankerLoader } from './worker-reranker.ts';

// No cross-encoder is at hand in tests: what can be told of the real library is that it is asked rightly, by a
// sentence model, which takes the pair and gives something else.
const MODEL = 'all-MiniLM-L6-v2';
const config = { modelBaseUrl: '/models/', wasmUrl: new URL(ortWasm, location.href).href };
const hasModel = (await fetch(`/models/${MODEL}/config.json`)).ok;
if (!hasModel)
  console.warn(`skipped: no ${MODEL} under /models/; set LOCI_MODEL_DIR to a folder that has it`);

describe('a cross-encoder in a worker', () => {
  it('that the server does not have is told, and not asked for again', async () => {
    const loading = createRerankerLoader({ ...config, model: 'no-such-model' }).load(() => undefined);
    await expect(loading).rejects.toMatchObject({ code: 'MODEL_UNAVAILABLE', retryable: false });
  });

  it.skipIf(!hasModel)('that is a model for something else is refused once it has read a pair', async () => {
    const loading = createRerankerLoader({ ...config, model: MODEL }).load(() => undefined);
    await expect(loading).rejects.toMatchObject({
      code: 'MODEL_UNAVAILABLE',
      retryable: false,
      message: expect.stringContaining('numbers for a pair'),
    });
  });
});

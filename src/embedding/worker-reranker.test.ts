import { expose } from 'comlink';
import { afterEach, describe, expect, it } from 'vitest';
import { intoEnvelope } from '../envelope.ts';
import { LociError } from '../errors.ts';
import type { ModelFacade } from './embedding.worker.ts';
import { createRerankerLoader } from './worker-reranker.ts';

const ports: MessagePort[] = [];

/** A worker in this thread, with the facade given at its other end. */
function createFakeWorker(facade: Partial<ModelFacade>) {
  const { port1, port2 } = new MessageChannel();
  ports.push(port1, port2);
  expose({ loadReranker: () => intoEnvelope(async () => undefined), ...facade }, port2);
  let isEnded = false;
  const terminate = () => {
    isEnded = true;
  };
  return { worker: Object.assign(port1, { terminate }) as unknown as Worker, ended: () => isEnded };
}

describe('a reranker in a worker', () => {
  afterEach(() => {
    for (const port of ports.splice(0)) port.close();
  });

  it('gets its configuration, and its scores come back', async () => {
    const seen: unknown[] = [];
    const { worker, ended } = createFakeWorker({
      loadReranker: (config) => intoEnvelope(async () => void seen.push(config)),
      rerank: (query, texts) =>
        intoEnvelope(async () => Float32Array.from(texts, ({ length }) => length + query.length)),
    });
    const config = { model: 'm/judge', modelBaseUrl: '/models/' };
    const reranker = await createRerankerLoader(config, { createWorker: () => worker }).load(() => undefined);
    expect(seen).toEqual([config]);
    expect(reranker.id).toBe('judge@q8');
    expect(await reranker.rerank('q', ['a', 'abc'])).toEqual(Float32Array.of(2, 4));
    await reranker.close();
    expect(ended()).toBe(true);
  });

  it('that cannot be loaded ends its worker, and the error keeps code and hint', async () => {
    const { worker, ended } = createFakeWorker({
      loadReranker: () =>
        intoEnvelope(async () => {
          throw new LociError('MODEL_UNAVAILABLE', 'no such model', { hint: 'Choose another.' });
        }),
    });
    const load = createRerankerLoader({}, { createWorker: () => worker }).load(() => undefined);
    await expect(load).rejects.toMatchObject({ code: 'MODEL_UNAVAILABLE', hint: 'Choose another.' });
    expect(ended()).toBe(true);
  });

  it('that says nothing is given up', async () => {
    const { worker } = createFakeWorker({ rerank: () => new Promise(() => undefined) });
    const loader = createRerankerLoader({}, { createWorker: () => worker, deadlineMs: 1 });
    const reranker = await loader.load(() => undefined);
    await expect(reranker.rerank('q', ['a'])).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  });
});

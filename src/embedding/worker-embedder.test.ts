import { expose } from 'comlink';
import { afterEach, describe, expect, it } from 'vitest';
import { intoEnvelope } from '../envelope.ts';
import { LociError } from '../errors.ts';
import type { ModelFacade } from './embedding.worker.ts';
import { createTransformersLoader } from './worker-embedder.ts';

interface FakeWorker {
  readonly worker: Worker;
  readonly ended: () => boolean;
}

const ports: MessagePort[] = [];

/** A worker in this thread, with the facade given at its other end. */
function createFakeWorker(facade: Partial<ModelFacade>): FakeWorker {
  const { port1, port2 } = new MessageChannel();
  ports.push(port1, port2);
  expose({ load: () => intoEnvelope(async () => undefined), ...facade }, port2);
  let isEnded = false;
  const terminate = () => {
    isEnded = true;
  };
  return { worker: Object.assign(port1, { terminate }) as unknown as Worker, ended: () => isEnded };
}

const loaderOf = ({ worker }: FakeWorker, deadlineMs?: number) =>
  createTransformersLoader({}, { createWorker: () => worker, deadlineMs });
const load = (fake: FakeWorker, deadlineMs?: number) => loaderOf(fake, deadlineMs).load(() => undefined);
const never = () => new Promise<never>(() => undefined);

describe('a model in a worker', () => {
  afterEach(() => {
    for (const port of ports.splice(0)) port.close();
  });

  it('is named before it is loaded', () => {
    expect(createTransformersLoader({ dtype: 'fp16' })).toMatchObject({
      id: 'all-MiniLM-L6-v2@fp16',
      space: 'minilm-l6-v2',
      dimensions: 384,
    });
  });

  it('gets its configuration, and its vectors come back', async () => {
    const seen: unknown[] = [];
    const fake = createFakeWorker({
      load: (config) => intoEnvelope(async () => void seen.push(config)),
      embed: (texts, purpose) =>
        intoEnvelope(async () => {
          seen.push(purpose);
          return texts.map(({ length }) => Float32Array.of(length));
        }),
    });
    const config = { model: 'm/multilingual-e5-small', modelBaseUrl: '/models/', wasmUrl: '/ort.wasm' };
    const loader = createTransformersLoader(config, { createWorker: () => fake.worker });
    const embedder = await loader.load(() => undefined);
    expect(seen).toEqual([config]);
    expect(await embedder.embed(['a', 'abc'], 'query')).toEqual([Float32Array.of(1), Float32Array.of(3)]);
    expect(seen.at(-1)).toBe('query');
    await embedder.close();
  });

  it('tells progress that never falls and ends at 1', async () => {
    const told: number[] = [];
    const fake = createFakeWorker({
      load: (_, onProgress) =>
        intoEnvelope(async () => {
          for (const fraction of [0.2, 0.1, 0.5, 0.5]) await onProgress(fraction);
          void onProgress(0.9);
        }),
    });
    const embedder = await loaderOf(fake).load((fraction) => void told.push(fraction));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(told).toEqual([...told].sort((a, b) => a - b));
    expect(told.slice(0, 2)).toEqual([0.2, 0.5]);
    expect(told.at(-1)).toBe(1);
    await embedder.close();
  });

  it('ends its worker when it cannot be loaded, and the error keeps its parts', async () => {
    const missing = new LociError('MODEL_UNAVAILABLE', 'no such file', { hint: 'Serve it.' });
    const fake = createFakeWorker({
      load: () =>
        intoEnvelope(async () => {
          throw missing;
        }),
    });
    await expect(load(fake)).rejects.toMatchObject({
      code: 'MODEL_UNAVAILABLE',
      hint: 'Serve it.',
      retryable: false,
    });
    expect(fake.ended()).toBe(true);
  });

  it.each(['error', 'messageerror'])('rejects every call when its worker has an %s', async (type) => {
    const fake = createFakeWorker({ embed: never });
    const embedder = await load(fake);
    const calls = [embedder.embed(['a']), embedder.embed(['b'])];
    const dead = { code: 'MODEL_UNAVAILABLE', retryable: true };
    const rejected = Promise.all(calls.map((call) => expect(call).rejects.toMatchObject(dead)));
    fake.worker.dispatchEvent(new Event(type));
    await rejected;
    await expect(embedder.embed(['c'])).rejects.toMatchObject(dead);
    expect(fake.ended()).toBe(true);
  });

  it('rejects when its worker dies while it loads', async () => {
    const fake = createFakeWorker({ load: never });
    const loading = load(fake);
    fake.worker.dispatchEvent(new Event('error'));
    await expect(loading).rejects.toMatchObject({ code: 'MODEL_UNAVAILABLE', retryable: true });
  });

  it('gives up a batch at the deadline', async () => {
    const fake = createFakeWorker({ embed: never });
    const embedder = await load(fake, 20);
    await expect(embedder.embed(['a'])).rejects.toMatchObject({
      code: 'DEADLINE_EXCEEDED',
      retryable: true,
    });
    await embedder.close();
  });

  it('rejects what is under way when it is closed, and ends its worker', async () => {
    const fake = createFakeWorker({ embed: never });
    const embedder = await load(fake);
    const rejected = expect(embedder.embed(['a'])).rejects.toMatchObject({ code: 'MODEL_UNAVAILABLE' });
    await embedder.close();
    await embedder.close();
    await rejected;
    expect(fake.ended()).toBe(true);
  });
});

import { describe, expect, test } from 'vitest';
import { createLocalResponder, type FromLocalWorker, type LocalWorker, modelUnavailable } from './local.ts';

const config = { model: 'tiny', dtype: 'q4', wasmUrl: '/ort.wasm' };

/** A worker that answers every order with the messages given. */
function fakeWorker(messages: readonly FromLocalWorker[]): LocalWorker & { isEnded: boolean } {
  const worker: LocalWorker & { isEnded: boolean } = {
    isEnded: false,
    onmessage: null,
    onerror: null,
    postMessage() {
      for (const data of messages) {
        queueMicrotask(() => worker.onmessage?.({ data } as MessageEvent));
      }
    },
    terminate() {
      worker.isEnded = true;
    },
  };
  return worker;
}

async function ask(worker: LocalWorker, signal = new AbortController().signal, progress: number[] = []) {
  const responder = createLocalResponder(
    config,
    (value) => progress.push(value),
    () => worker,
  );
  const request = { question: 'Who?', intent: 'question' as const, hits: [], history: [], signal };
  let answer = '';
  for await (const piece of responder.respond(request)) answer += piece;
  return answer;
}

describe('the local responder', () => {
  test('streams what the worker writes and reports the loading', async () => {
    const progress: number[] = [];
    const worker = fakeWorker([
      { type: 'progress', progress: 0.5 },
      { type: 'piece', text: 'Lis' },
      { type: 'piece', text: 'bon' },
      { type: 'done' },
    ]);
    expect(await ask(worker, undefined, progress)).toBe('Lisbon');
    expect(progress).toEqual([0.5]);
    expect(worker.isEnded).toBe(false);
  });

  test('says MODEL_UNAVAILABLE when the model cannot be loaded, and lets go of the worker', async () => {
    const error = modelUnavailable('tiny', new Error('404')).toJSON();
    const worker = fakeWorker([{ type: 'error', error }]);
    await expect(ask(worker)).rejects.toMatchObject({ code: 'MODEL_UNAVAILABLE', hint: expect.any(String) });
    expect(worker.isEnded).toBe(true);
  });

  test('says MODEL_UNAVAILABLE when its worker dies', async () => {
    const worker = fakeWorker([]);
    worker.postMessage = () => worker.onerror?.({ message: 'out of memory' } as ErrorEvent);
    await expect(ask(worker)).rejects.toMatchObject({ code: 'MODEL_UNAVAILABLE' });
  });

  test('ends the worker when the user stops the answer', async () => {
    const controller = new AbortController();
    const worker = fakeWorker([{ type: 'piece', text: 'Lis' }]);
    setTimeout(() => controller.abort(), 10);
    await expect(ask(worker, controller.signal)).rejects.toMatchObject({ details: { aborted: true } });
    expect(worker.isEnded).toBe(true);
  });
});

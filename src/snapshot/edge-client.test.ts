import { describe, expect, it } from 'vitest';
import { createEdgeClient } from './edge-client.ts';
import { FakeEngine, testMemory } from './snapshot-test-util.ts';

const url = 'http://edge.test';
const token = 'token';
const engine = new FakeEngine([testMemory(1)]).asEngine;

function clientAnswering(status: number, body: BodyInit | null = null) {
  return createEdgeClient({ url, token, fetch: async () => new Response(body, { status }) });
}

describe('the edge client', () => {
  it.each([
    [401, 'UNAUTHORIZED', false],
    [404, 'NOT_FOUND', false],
    [413, 'PAYLOAD_TOO_LARGE', false],
    [429, 'REMOTE_FAILED', true],
    [302, 'REMOTE_FAILED', false],
    [500, 'REMOTE_FAILED', true],
    [503, 'REMOTE_FAILED', true],
  ])('makes of an answer %i the error %s', async (status, code, retryable) => {
    const list = clientAnswering(status, 'a proxy’s page').list('default');
    await expect(list).rejects.toMatchObject({ name: 'LociError', code, retryable, details: { status } });
  });

  it('tells what the edge told', async () => {
    const error = {
      code: 'CONFLICT',
      message: 'No',
      hint: 'Do',
      retryable: false,
      details: { missing: ['a'] },
    };
    const list = clientAnswering(409, JSON.stringify({ error })).list('default');
    await expect(list).rejects.toMatchObject({ ...error, details: { missing: ['a'], status: 409 } });
  });

  it('fails retryably where there is no network', async () => {
    const client = createEdgeClient({ url, token, fetch: () => Promise.reject(new TypeError('offline')) });
    await expect(client.backUp(engine, 'default')).rejects.toMatchObject({
      code: 'REMOTE_FAILED',
      retryable: true,
    });
  });

  it('waits no longer than its deadline, also for a body that never ends', async () => {
    const hanging = createEdgeClient({
      url,
      token,
      deadlineMs: 20,
      fetch: (_url, { signal }) => {
        const body = new ReadableStream({
          start: (controller) => signal?.addEventListener('abort', () => controller.error(signal.reason)),
        });
        return Promise.resolve(new Response(body));
      },
    });
    await expect(hanging.list('default')).rejects.toMatchObject({
      code: 'DEADLINE_EXCEEDED',
      retryable: true,
    });
  });

  it('stops reading an answer that is too long', async () => {
    let pulled = 0;
    const endless = () =>
      new ReadableStream({
        pull: (controller) => {
          pulled += 1;
          controller.enqueue(new Uint8Array(64 * 1024));
        },
      });
    const client = createEdgeClient({ url, token, fetch: async () => new Response(endless()) });
    await expect(client.list('default')).rejects.toMatchObject({ code: 'REMOTE_FAILED' });
    expect(pulled).toBeLessThan(100);
  });

  it('refuses an answer that is not the edge’s', async () => {
    await expect(clientAnswering(200, '<html>').list('default')).rejects.toMatchObject({
      code: 'REMOTE_FAILED',
    });
  });

  it('refuses names and addresses that cannot be, before it asks', async () => {
    const client = clientAnswering(200);
    for (const namespace of ['', '.', '..', 'a/b', 'a\u0000b', '\ud800', 'x'.repeat(129)]) {
      await expect(client.backUp(engine, namespace)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    }
    await expect(client.restore(engine, 'default', '../x')).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    expect(() => createEdgeClient({ url: 'file:///x', token })).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT' }),
    );
  });
});

import { MessageChannel } from 'node:worker_threads';
import { type Endpoint, expose, wrap } from 'comlink';
import { afterEach, describe, expect, it } from 'vitest';
import { guardEndpoint } from './guarded-endpoint.ts';

interface Answer {
  readonly id: string;
  readonly value: { readonly ok: boolean; readonly error?: { readonly code: string } };
}

const opened: MessageChannel[] = [];

/** A facade behind the guard, and the port that its caller has. */
function serve() {
  const channel = new MessageChannel();
  opened.push(channel);
  const facade = Object.freeze(
    Object.assign(Object.create(null), { greet: (name: string) => `hello ${name}` }),
  );
  expose(facade, guardEndpoint(channel.port1 as unknown as Endpoint, new Set(['greet'])));
  return channel.port2;
}

afterEach(() => {
  for (const { port1 } of opened.splice(0)) port1.close();
});

function ask(port: MessageChannel['port2'], message: object): Promise<Answer> {
  return new Promise((resolve) => {
    port.once('message', resolve);
    port.postMessage({ id: 'call', ...message });
  });
}

const argument = [{ type: 'RAW', value: 'Ana' }];

describe('the guarded endpoint', () => {
  it('lets a call of a named method through', async () => {
    const remote = wrap<{ greet: (name: string) => string }>(serve() as unknown as Endpoint);
    expect(await remote.greet('Ana')).toBe('hello Ana');
  });

  it.each([
    ['a method that is not named', { type: 'APPLY', path: ['other'] }],
    ['a path into a prototype', { type: 'APPLY', path: ['constructor', 'constructor'] }],
    ['what every function has', { type: 'APPLY', path: ['greet', 'call'] }],
    ['a path of one, from a prototype', { type: 'APPLY', path: ['__proto__'] }],
    ['no path', { type: 'APPLY', path: [] }],
    ['a path that is none', { type: 'APPLY', path: 'greet' }],
    ['reading', { type: 'GET', path: ['greet'] }],
    ['setting', { type: 'SET', path: ['greet'], value: argument[0] }],
    ['constructing', { type: 'CONSTRUCT', path: ['greet'] }],
    ['another way in', { type: 'ENDPOINT' }],
  ])('refuses %s in a typed error', async (_, message) => {
    const answer = await ask(serve(), { ...message, argumentList: argument });
    expect(answer).toMatchObject({ id: 'call', value: { ok: false, error: { code: 'METHOD_NOT_ALLOWED' } } });
  });
});

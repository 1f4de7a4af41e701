import { env, exports } from 'cloudflare:workers';
import { describe, expect, it, vi } from 'vitest';
import worker from './index.ts';
import { BASE, call, codeOf, makeToken } from './worker-test-util.ts';

const PATH = '/v1/snapshots/default';

async function withHeader(authorization?: string): Promise<Response> {
  const headers = new Headers();
  if (authorization !== undefined) headers.set('Authorization', authorization);
  return exports.default.fetch(BASE + PATH, { headers });
}

function unsigned(claims: object): string {
  const part = (value: object) => btoa(JSON.stringify(value)).replace(/=+$/, '');
  return `${part({ alg: 'none', typ: 'JWT' })}.${part(claims)}.`;
}

describe('a request', () => {
  it('passes with a valid token', async () => {
    const response = await call('acme', 'GET', PATH);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ snapshots: [] });
  });

  const inAnHour = Math.floor(Date.now() / 1000) + 3600;
  it.each<[string, () => Promise<string | undefined>]>([
    ['no token', async () => undefined],
    ['another scheme', async () => `Basic ${btoa('a:b')}`],
    ['something that is no token', async () => 'Bearer abc'],
    ['an expired token', async () => `Bearer ${await makeToken('acme', { expires: 1_000 })}`],
    ['another’s signature', async () => `Bearer ${await makeToken('acme', { secret: 'x'.repeat(40) })}`],
    ['another issuer', async () => `Bearer ${await makeToken('acme', { issuer: 'mallory' })}`],
    ['alg none', async () => `Bearer ${unsigned({ tenant: 'acme', iss: 'loci', exp: inAnHour })}`],
    ['no tenant', async () => `Bearer ${await makeToken(undefined)}`],
    ['a tenant that is a path', async () => `Bearer ${await makeToken('a/n/b')}`],
    ['a tenant that climbs', async () => `Bearer ${await makeToken('..')}`],
    ['an empty tenant', async () => `Bearer ${await makeToken('')}`],
    ['a tenant too long', async () => `Bearer ${await makeToken('x'.repeat(129))}`],
    ['a tenant that is a list', async () => `Bearer ${await makeToken(['acme'])}`],
  ])('with %s is answered 401, always the same', async (_case, authorization) => {
    const response = await withHeader(await authorization());
    expect(response.status).toBe(401);
    expect(response.headers.get('WWW-Authenticate')).toBe('Bearer');
    expect(await response.json()).toEqual({
      error: {
        code: 'UNAUTHORIZED',
        message: 'The token is missing or not valid',
        hint: 'Send "Authorization: Bearer …" with a current token of this edge.',
        retryable: false,
      },
    });
  });

  it('never passes while the secret is missing or short', async () => {
    const log = vi.spyOn(console, 'error').mockReturnValue();
    for (const secret of ['', 'short']) {
      const token = await makeToken('acme', { secret: secret === '' ? 'x' : secret });
      const request = new Request(BASE + PATH, { headers: { Authorization: `Bearer ${token}` } });
      const response = await worker.fetch(request, { ...env, LOCI_TOKEN_SECRET: secret });
      expect(response.status).toBe(500);
      expect(await codeOf(response)).toBe('INTERNAL');
    }
    log.mockRestore();
  });

  it('for an unknown path is answered 404 with a type', async () => {
    for (const path of ['/', '/v2/snapshots/default', '/favicon.ico']) {
      const response = await call('acme', 'GET', path);
      expect(response.status).toBe(404);
      expect(await codeOf(response)).toBe('NOT_FOUND');
    }
    expect((await call('acme', 'DELETE', PATH)).status).toBe(404);
  });
});

describe('a page', () => {
  const preflight = (origin: string) =>
    exports.default.fetch(BASE + PATH, {
      method: 'OPTIONS',
      headers: {
        Origin: origin,
        'Access-Control-Request-Method': 'PUT',
        'Access-Control-Request-Headers': 'authorization',
      },
    });

  it('of an allowed origin may call, and may read errors too', async () => {
    const response = await preflight('https://page.example');
    expect(response.status).toBe(204);
    expect(response.headers.get('Access-Control-Allow-Origin')).toBe('https://page.example');
    expect(response.headers.get('Access-Control-Allow-Methods')).toContain('PUT');
    expect(response.headers.get('Access-Control-Allow-Headers')).toContain('Authorization');
    const headers = { Origin: 'https://page.example' };
    const refused = await exports.default.fetch(BASE + PATH, { headers });
    expect(refused.status).toBe(401);
    expect(refused.headers.get('Access-Control-Allow-Origin')).toBe('https://page.example');
  });

  it('of any other origin may not', async () => {
    for (const origin of ['https://evil.example', 'https://page.example.evil', 'null']) {
      expect((await preflight(origin)).headers.get('Access-Control-Allow-Origin')).toBeNull();
    }
  });
});

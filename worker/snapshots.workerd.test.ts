import { env } from 'cloudflare:workers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { SNAPSHOT_CHUNK_BYTES } from '../src/limits.ts';
import { sha256Hex } from '../src/snapshot/chunks.ts';
import worker from './index.ts';
import { listManifests } from './snapshot-store.ts';
import { BASE, call, codeOf, idAt, makeToken, uploadedManifest } from './worker-test-util.ts';

const chunkPath = (sha256: string, namespace = 'default') => `/v1/snapshots/${namespace}/chunks/${sha256}`;
const text = (value: string) => Uint8Array.from(new TextEncoder().encode(value));
const NOW = Date.now();

afterEach(() => vi.restoreAllMocks());

describe('a chunk', () => {
  it('is kept once, and comes back with its length', async () => {
    const bytes = text('hello\n');
    const path = chunkPath(await sha256Hex(bytes));
    expect((await call('chunks', 'HEAD', path)).status).toBe(404);
    expect((await call('chunks', 'PUT', path, bytes)).status).toBe(201);
    const key = (await env.SNAPSHOTS.list({ prefix: 't/chunks/' })).objects[0]?.key ?? '';
    const first = await env.SNAPSHOTS.head(key);
    expect((await call('chunks', 'PUT', path, bytes)).status).toBe(200);
    expect((await env.SNAPSHOTS.head(key))?.version).toBe(first?.version);
    const head = await call('chunks', 'HEAD', path);
    expect([head.status, head.headers.get('Content-Length')]).toEqual([200, '6']);
    const got = await call('chunks', 'GET', path);
    expect(new Uint8Array(await got.arrayBuffer())).toEqual(bytes);
    expect(got.headers.get('Cache-Control')).toBe('no-store');
  });

  it('may have 4 MiB and not a byte more, by its announced length', async () => {
    const full = new Uint8Array(SNAPSHOT_CHUNK_BYTES);
    expect((await call('chunks', 'PUT', chunkPath(await sha256Hex(full)), full)).status).toBe(201);
    const long = new Uint8Array(SNAPSHOT_CHUNK_BYTES + 1);
    const refused = await call('chunks', 'PUT', chunkPath(await sha256Hex(long)), long);
    expect(refused.status).toBe(413);
    expect(await codeOf(refused)).toBe('PAYLOAD_TOO_LARGE');
  });

  it('is refused as a stream that says nothing of its length, long before its end', async () => {
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        sent += 64 * 1024;
        if (sent > 64 * 1024 * 1024) controller.close();
        else controller.enqueue(new Uint8Array(64 * 1024));
      },
    });
    const refused = await call('chunks', 'PUT', chunkPath('a'.repeat(64)), body);
    expect(refused.status).toBe(413);
    expect(await codeOf(refused)).toBe('PAYLOAD_TOO_LARGE');
    expect(sent).toBeLessThan(2 * SNAPSHOT_CHUNK_BYTES);
  });

  it('is refused under a name that is not its hash, and nothing is kept', async () => {
    const path = chunkPath(await sha256Hex(text('one')), 'wrong');
    const refused = await call('chunks', 'PUT', path, text('two'));
    expect([refused.status, await codeOf(refused)]).toEqual([400, 'INVALID_INPUT']);
    expect((await call('chunks', 'GET', path)).status).toBe(404);
    for (const name of ['abc', 'A'.repeat(64), '..%2f..%2fx']) {
      expect((await call('chunks', 'PUT', chunkPath(name), text('x'))).status).toBe(400);
    }
  });

  it('reports a failing storage as such, without its words', async () => {
    vi.spyOn(console, 'error').mockReturnValue();
    const SNAPSHOTS = {
      get: () => Promise.reject(new Error('secret inside (10001)')),
    } as unknown as R2Bucket;
    const headers = { Authorization: `Bearer ${await makeToken('acme')}` };
    const request = new Request(BASE + chunkPath('a'.repeat(64)), { headers });
    const response = await worker.fetch(request, { ...env, SNAPSHOTS });
    expect(response.status).toBe(503);
    const body = await response.text();
    expect(JSON.parse(body)).toMatchObject({ error: { code: 'STORAGE_FAILED', retryable: true } });
    expect(body).not.toContain('secret');
  });
});

describe('a snapshot', () => {
  const put = (tenant: string, id: string, manifest: unknown, namespace = 'default') =>
    call(tenant, 'PUT', `/v1/snapshots/${namespace}/${id}`, JSON.stringify(manifest));

  it('is refused while chunks are absent or of another length, and they are named', async () => {
    const manifest = await uploadedManifest('missing', 'default');
    const absent = { sha256: 'b'.repeat(64), length: 5 };
    const chunks = [...manifest.chunks, absent, absent];
    const refused = await put('missing', idAt(1), {
      ...manifest,
      chunks,
      sizeBytes: manifest.sizeBytes + 10,
    });
    expect(refused.status).toBe(409);
    expect(await refused.json()).toMatchObject({
      error: { code: 'CONFLICT', details: { missing: [absent.sha256] } },
    });
    const longer = manifest.chunks.map(({ sha256, length }) => ({ sha256, length: length + 1 }));
    const torn = await put('missing', idAt(1), {
      ...manifest,
      chunks: longer,
      sizeBytes: manifest.sizeBytes + 1,
    });
    expect(torn.status).toBe(409);
    expect((await call('missing', 'GET', '/v1/snapshots/default/latest')).status).toBe(404);
  });

  it('is kept, comes back, and does not change', async () => {
    const manifest = await uploadedManifest('keep', 'default');
    expect((await put('keep', idAt(1), manifest)).status).toBe(201);
    expect((await put('keep', idAt(1), manifest)).status).toBe(200);
    const other = await put('keep', idAt(1), { ...manifest, count: 7 });
    expect([other.status, await codeOf(other)]).toEqual([409, 'CONFLICT']);
    const got = await call('keep', 'GET', `/v1/snapshots/default/${idAt(1)}`);
    expect(await got.json()).toEqual({ snapshotId: idAt(1), manifest });
  });

  it('of a newer version is refused as such', async () => {
    const refused = await put('newer', idAt(1), { version: 2, whatever: true });
    expect([refused.status, await codeOf(refused)]).toEqual([400, 'NEWER_FORMAT']);
  });

  it('is refused where its manifest is not valid', async () => {
    const good = await uploadedManifest('invalid', 'default');
    const many = Array.from({ length: 129 }, () => ({
      sha256: 'a'.repeat(64),
      length: SNAPSHOT_CHUNK_BYTES,
    }));
    const cases: [unknown, number][] = [
      [null, 400],
      [{ ...good, version: '1' }, 400],
      [{ ...good, extra: 1 }, 400],
      [{ ...good, count: -1 }, 400],
      [{ ...good, sizeBytes: good.sizeBytes + 1 }, 400],
      [{ ...good, chunks: [] }, 400],
      [{ ...good, chunks: [{ sha256: '../x', length: 1 }], sizeBytes: 1 }, 400],
      [{ ...good, chunks: many, sizeBytes: 129 * SNAPSHOT_CHUNK_BYTES }, 413],
      ['x'.repeat(1024 * 1024), 413],
    ];
    for (const [manifest, status] of cases) {
      expect((await put('invalid', idAt(1), manifest)).status).toBe(status);
    }
    expect((await call('invalid', 'PUT', `/v1/snapshots/default/${idAt(1)}`, '{')).status).toBe(400);
    expect((await put('invalid', 'latest', good)).status).toBe(400);
    expect((await put('invalid', idAt(NOW + 48 * 3600_000), good)).status).toBe(400);
  });
});

describe('the list of snapshots', () => {
  it('is newest first, page by page, and `latest` is its first', async () => {
    const manifest = await uploadedManifest('lists', 'default');
    const ids = [5, 1, 3, 2, 4].map((n) => idAt(NOW - 1000 + n, n));
    for (const id of ids) {
      await call('lists', 'PUT', `/v1/snapshots/default/${id}`, JSON.stringify(manifest));
    }
    const seen: string[] = [];
    let cursor: string | undefined = '';
    while (cursor !== undefined) {
      const query: string = cursor === '' ? 'limit=2' : `limit=2&cursor=${cursor}`;
      const response = await call('lists', 'GET', `/v1/snapshots/default?${query}`);
      const page = await response.json<{ snapshots: { snapshotId: string }[]; nextCursor?: string }>();
      expect(page.snapshots.length).toBeLessThanOrEqual(2);
      seen.push(...page.snapshots.map(({ snapshotId }) => snapshotId));
      cursor = page.nextCursor;
    }
    expect(seen).toEqual([...ids].sort().reverse());
    const latest = await (await call('lists', 'GET', '/v1/snapshots/default/latest')).json();
    expect(latest).toEqual({ snapshotId: idAt(NOW - 995, 5), manifest });
    for (const query of ['limit=0', 'limit=1001', 'limit=-1', 'limit=x', 'cursor=zzz', 'cursor=../../x']) {
      expect((await call('lists', 'GET', `/v1/snapshots/default?${query}`)).status).toBe(400);
    }
  });

  it('goes on where R2 stops, also beyond 1,000', async () => {
    const manifest = await uploadedManifest('many', 'default');
    await call('many', 'PUT', `/v1/snapshots/default/${idAt(0)}`, JSON.stringify(manifest));
    const first = await env.SNAPSHOTS.list({ prefix: 't/many/n/default/manifests/' });
    const prefix = first.objects[0]?.key.slice(0, -12) ?? '';
    const customMetadata = { createdAt: '1', count: '2', sizeBytes: '3' };
    for (let n = 0; n < 1004; n += 50) {
      const keys = Array.from(
        { length: Math.min(50, 1004 - n) },
        (_, i) => prefix + String(n + i).padStart(12, '0'),
      );
      await Promise.all(keys.map((key) => env.SNAPSHOTS.put(key, '{}', { customMetadata })));
    }
    const scope = { tenant: 'many', namespace: 'default' };
    const page = await listManifests(env.SNAPSHOTS, scope, { limit: 1000, atOnce: 300 });
    expect(new Set(page.snapshots.map(({ snapshotId }) => snapshotId)).size).toBe(1000);
    expect(page.snapshots[0]).toMatchObject({ createdAt: 1, count: 2, sizeBytes: 3 });
    const rest = await listManifests(env.SNAPSHOTS, scope, { limit: 1000, cursor: page.nextCursor });
    expect(rest.snapshots).toHaveLength(5);
    expect(rest.nextCursor).toBeUndefined();
  }, 30_000);
});

describe('a tenant', () => {
  it('sees nothing of another, whatever it writes into path, query, header and body', async () => {
    const manifest = await uploadedManifest('alice', 'default');
    await call('alice', 'PUT', `/v1/snapshots/default/${idAt(9)}`, JSON.stringify(manifest));
    const sha256 = manifest.chunks[0]?.sha256 ?? '';
    const hidden = [
      chunkPath(sha256),
      `/v1/snapshots/default/${idAt(9)}`,
      '/v1/snapshots/default/latest',
      '/v1/snapshots/default/latest?tenant=alice',
    ];
    for (const path of hidden) {
      const there = await call('bob', 'GET', path, undefined, { 'X-Tenant': 'alice' });
      const nowhere = await call('bob', 'GET', path.replace('default', 'nowhere'));
      expect(there.status).toBe(404);
      expect(await there.text()).toBe(await nowhere.text());
    }
    const tricks = [
      '..%2f..%2falice%2fn%2fdefault',
      '%2e%2e%2f%2e%2e',
      '..%5c..%5calice',
      'a%00',
      'x'.repeat(129),
    ];
    for (const namespace of tricks) {
      expect((await call('bob', 'GET', `/v1/snapshots/${namespace}/latest`)).status).toBe(400);
    }
    expect((await call('bob', 'GET', '/v1/snapshots/../../t/alice/n/default')).status).toBe(404);
    const body = JSON.stringify({ ...manifest, tenant: 'alice' });
    expect((await call('bob', 'PUT', `/v1/snapshots/default/${idAt(8)}`, body)).status).toBe(400);
    const list = await call('bob', 'GET', `/v1/snapshots/default?cursor=${idAt(10)}`);
    expect(await list.json()).toEqual({ snapshots: [] });
    expect((await env.SNAPSHOTS.list({ prefix: 't/bob/' })).objects).toEqual([]);
  });

  it('cannot name another’s chunks in its manifest', async () => {
    const manifest = await uploadedManifest('alice', 'shared');
    const refused = await call('bob', 'PUT', `/v1/snapshots/shared/${idAt(1)}`, JSON.stringify(manifest));
    expect(refused.status).toBe(409);
  });
});

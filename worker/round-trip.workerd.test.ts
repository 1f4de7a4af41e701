import { env, exports } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { createEdgeClient } from '../src/snapshot/edge-client.ts';
import type { SnapshotProgress } from '../src/snapshot/memories.ts';
import { FakeEngine, testEmbedding, testId, testMemory } from '../src/snapshot/snapshot-test-util.ts';
import type { Memory } from '../src/types.ts';
import { BASE, makeToken } from './worker-test-util.ts';

function memories(count: number, contentChars = 40): Memory[] {
  return Array.from({ length: count }, (_, n) =>
    testMemory(n, {
      content: `${n} Straße 🚲 `.padEnd(contentChars, 'x'),
      related: [{ id: testId(n + 1), strength: 0.5 }],
      vector: Float32Array.from({ length: 24 }, (_unused, i) => Math.sin(n + i)),
      embedding: testEmbedding(24),
    }),
  );
}

async function clientOf(tenant: string) {
  const token = await makeToken(tenant);
  const calls: string[] = [];
  const client = createEdgeClient({
    url: `${BASE}/`,
    token,
    fetch: (url, init) => {
      calls.push(`${init.method} ${new URL(url).pathname.split('/').slice(4, 5)}`);
      return exports.default.fetch(url, init as RequestInit<RequestInitCfProperties>);
    },
  });
  return { client, calls };
}

async function keyOfChunk(tenant: string): Promise<string> {
  const listed = await env.SNAPSHOTS.list({ prefix: `t/${tenant}/n/default/chunks/` });
  return listed.objects[0]?.key ?? '';
}

describe('a namespace', () => {
  it('is backed up and restored with ids, fields and vectors', async () => {
    const { client } = await clientOf('trip');
    const source = new FakeEngine(memories(321));
    const progress: SnapshotProgress[] = [];
    const done = await client.backUp(source.asEngine, 'größe & co', (step) => progress.push(step));
    expect(done).toMatchObject({ count: 321, chunks: 1, chunksUploaded: 1 });
    const { snapshots } = await client.list('größe & co');
    const { snapshotId, createdAt, count, sizeBytes } = done;
    expect(snapshots).toEqual([{ snapshotId, createdAt, count, sizeBytes }]);

    const target = new FakeEngine([testMemory(5, { content: 'changed here since' })]);
    const result = await client.restore(target.asEngine, 'größe & co', 'latest', (step) =>
      progress.push(step),
    );
    expect(result).toEqual({ snapshotId, restored: 320, skipped: 1, refused: 0, refusals: [] });
    expect(await target.get(testId(5))).toMatchObject({ content: 'changed here since' });
    const picked = (memory: Memory | null) =>
      memory && [memory.id, memory.content, memory.createdAt, memory.related, memory.vector];
    for (const memory of source.memories.filter(({ id }) => id !== testId(5))) {
      expect(picked(await target.get(memory.id))).toEqual(picked(memory));
    }
    expect(Math.max(...target.batches)).toBeLessThanOrEqual(64);
    expect(new Set(progress.map(({ phase }) => phase))).toEqual(
      new Set(['upload', 'download', 'check', 'write']),
    );
    expect(progress.at(-1)).toEqual({ phase: 'write', done: 321, total: 321 });
    const again = await client.restore(target.asEngine, 'größe & co', snapshotId);
    expect(again).toEqual({ snapshotId, restored: 0, skipped: 321, refused: 0, refusals: [] });
  });

  it('that is empty is backed up too', async () => {
    const { client } = await clientOf('empty');
    const { snapshotId } = await client.backUp(new FakeEngine().asEngine, 'default');
    const result = await client.restore(new FakeEngine().asEngine, 'default', 'latest');
    expect(result).toEqual({ snapshotId, restored: 0, skipped: 0, refused: 0, refusals: [] });
  });

  it('sends only the chunks that are not there yet', async () => {
    const { client, calls } = await clientOf('again');
    const all = memories(330, 30_000);
    const first = await client.backUp(new FakeEngine(all.slice(0, -1)).asEngine, 'default');
    expect(first.chunks).toBeGreaterThan(2);
    expect(first.chunksUploaded).toBe(first.chunks);
    calls.length = 0;
    const second = await client.backUp(new FakeEngine(all).asEngine, 'default');
    expect(second.chunksUploaded).toBe(1);
    expect(calls.filter((call) => call === 'PUT chunks')).toHaveLength(1);
    const target = new FakeEngine();
    await client.restore(target.asEngine, 'default', first.snapshotId);
    expect(target.memories).toHaveLength(329);
  });

  it('is not touched where a chunk is broken, and the chunk is named', async () => {
    const { client } = await clientOf('broken');
    await client.backUp(new FakeEngine(memories(3)).asEngine, 'default');
    const key = await keyOfChunk('broken');
    const bytes = new Uint8Array((await (await env.SNAPSHOTS.get(key))?.arrayBuffer()) ?? []);
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    await env.SNAPSHOTS.put(key, bytes);
    const target = new FakeEngine();
    await expect(client.restore(target.asEngine, 'default', 'latest')).rejects.toMatchObject({
      code: 'STORAGE_CORRUPT',
      details: { chunk: 0 },
    });
    expect(target.batches).toEqual([]);
  });

  it('of another tenant, or never backed up, is not found', async () => {
    const { client } = await clientOf('stranger');
    const restore = client.restore(new FakeEngine().asEngine, 'größe & co', 'latest');
    await expect(restore).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('gets an engine’s own vectors back only where this engine embeds in their space', async () => {
    const { client } = await clientOf('spaces');
    const made = memories(4).map((memory, n) => ({
      ...memory,
      embedding: testEmbedding(24, n === 0 ? 'host' : 'engine', n === 1 ? 'old-space' : 'engine-space'),
    }));
    await client.backUp(new FakeEngine(made).asEngine, 'default');
    const target = new FakeEngine();
    await client.restore(target.asEngine, 'default', 'latest');
    expect(target.memories.map(({ vector }) => vector !== undefined)).toEqual([true, false, true, true]);
  });
});

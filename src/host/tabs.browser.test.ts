import { describe, expect, it } from 'vitest';
import { STORAGE_FORMAT } from '../engine/blocks/manifest.ts';
import { databaseName } from '../storage/indexeddb.ts';
import { request } from '../testing/indexeddb-faults.ts';
import { refusalOf } from '../testing/refusal.ts';
import type { MemoryEngine } from '../types.ts';
import { contentsOf, createTabs, stall, statusOf } from './host-test-util.ts';
import { OWN_RELEASE } from './protocol.ts';

const { open, workers } = createTabs({ areFragile: true });
const createdWithoutLocks = createTabs({ haveLocks: false });
const lockName = (namespace: string) => `loci:default:${namespace}`;
const roleOf = async (engine: MemoryEngine) => (await engine.status()).role;

describe('an owner that does not answer', () => {
  it('loses its lock; calls in flight are answered by the next owner, and applied once', async () => {
    const namespace = crypto.randomUUID();
    const owner = await open({ namespace });
    await owner.add({ content: 'before' });
    const follower = await open({ namespace });
    const becameFollower = statusOf(owner, ({ role }) => role === 'follower');
    stall(workers[0], 14_000);
    const ofOwner = owner.add({ content: 'of the owner' });
    const [write, found] = await Promise.all([
      follower.add({ content: 'of the follower' }),
      follower.search('before'),
    ]);
    expect(found.hits[0]?.memory.content).toBe('before');
    expect(write.durability).toBe('journaled');
    expect(await roleOf(follower)).toBe('owner');
    expect((await ofOwner).durability).toBe('journaled');
    expect((await becameFollower).role).toBe('follower');
    await owner.add({ content: 'after' });
    expect((await contentsOf(owner)).sort()).toEqual(['after', 'before', 'of the follower', 'of the owner']);
    expect(await contentsOf(follower)).toEqual(await contentsOf(owner));
    expect([await roleOf(owner), await roleOf(follower)]).toEqual(['follower', 'owner']);
  });

  it('is left alone while it is only busy for a while', async () => {
    const namespace = crypto.randomUUID();
    const owner = await open({ namespace });
    const follower = await open({ namespace });
    stall(workers[0], 3_000);
    await follower.add({ content: 'a' });
    expect([await roleOf(owner), await roleOf(follower)]).toEqual(['owner', 'follower']);
  });
});

describe('tabs without Web Locks', () => {
  it('are all owners, kept apart by the epoch: nothing acknowledged is lost', async () => {
    const lockless = createdWithoutLocks;
    const namespace = crypto.randomUUID();
    const [one, two] = [await lockless.open({ namespace }), await lockless.open({ namespace })];
    expect([await roleOf(one), await roleOf(two)]).toEqual(['owner', 'owner']);
    const written: string[] = [];
    for (let i = 0; i < 6; i++) {
      const content = `memory ${i}`;
      await (i % 2 === 0 ? one : two).add({ content });
      written.push(content);
    }
    await one.add({ content: 'the last' });
    expect(await contentsOf(one)).toEqual([...written, 'the last']);
  });
});

describe('three tabs', () => {
  it('pass the ownership on, and all of them know all that was acknowledged', async () => {
    const namespace = crypto.randomUUID();
    const tabs = [await open({ namespace }), await open({ namespace }), await open({ namespace })];
    const all: string[] = [];
    for (const [at, tab] of tabs.entries()) {
      const content = `of tab ${at}`;
      await tab.add({ content });
      all.push(content);
    }
    for (const left of [2, 1]) {
      workers[2 - left]?.terminate();
      const rest = tabs.slice(-left);
      const writes = rest.map((tab, at) => tab.add({ content: `with ${left} left, of ${at}` }));
      await Promise.all(writes);
      all.push(...rest.map((_, at) => `with ${left} left, of ${at}`));
      for (const tab of rest) expect((await contentsOf(tab)).sort()).toEqual([...all].sort());
      const roles = await Promise.all(rest.map(roleOf));
      expect(roles.filter((role) => role === 'owner')).toHaveLength(1);
    }
  });

  it('answer a follower whose owner closes with its call under way', async () => {
    const namespace = crypto.randomUUID();
    const owner = await open({ namespace });
    const follower = await open({ namespace });
    await open({ namespace });
    const writes = Array.from({ length: 40 }, (_, i) => follower.add({ content: `memory ${i}` }));
    await owner.close();
    await Promise.all(writes);
    expect(new Set(await contentsOf(follower)).size).toBe(40);
    expect(await contentsOf(follower)).toHaveLength(40);
  });
});

describe('a tab of an earlier release', () => {
  const greetAsLater = (namespace: string) => {
    const later = new BroadcastChannel(lockName(namespace));
    later.postMessage({ ...OWN_RELEASE, format: STORAGE_FORMAT + 1, kind: 'hello' });
    return later;
  };

  it('stops writing when a later one comes, says so, answers reads, and lets go of the lock', async () => {
    const namespace = crypto.randomUUID();
    const engine = await open({ namespace });
    await engine.add({ content: 'kept' });
    const follower = await open({ namespace });
    const told = Promise.all(
      [engine, follower].map((each) => statusOf(each, ({ readOnly }) => readOnly !== undefined)),
    );
    const later = greetAsLater(namespace);
    expect((await told).map(({ readOnly }) => readOnly)).toEqual([
      expect.stringContaining('later release'),
      expect.stringContaining('later release'),
    ]);
    for (const each of [engine, follower]) {
      const error = await refusalOf(each.add({ content: 'too late' }));
      expect(error).toMatchObject({ code: 'NEWER_FORMAT', retryable: false });
      expect(error.hint).toMatch(/reload/i);
      expect(await contentsOf(each)).toEqual(['kept']);
      expect((await each.search('kept')).hits).toHaveLength(1);
    }
    const isFree = await navigator.locks.request(lockName(namespace), { ifAvailable: true }, (lock) => lock);
    expect(isFree).not.toBeNull();
    later.close();
  });

  it('acknowledges nothing that it does not write: what was under way lands, or is refused', async () => {
    const namespace = crypto.randomUUID();
    const engine = await open({ namespace });
    const writes = Array.from({ length: 30 }, (_, i) => engine.add({ content: `memory ${i}` }));
    await writes[3];
    const later = greetAsLater(namespace);
    const outcomes = await Promise.allSettled(writes);
    const acknowledged = outcomes.flatMap((each) => (each.status === 'fulfilled' ? [each.value.id] : []));
    const kept = (await engine.list({ limit: 1_000 })).memories.map(({ id }) => id);
    expect(kept.sort()).toEqual(acknowledged.sort());
    for (const each of outcomes)
      if (each.status === 'rejected') expect(each.reason).toMatchObject({ code: 'NEWER_FORMAT' });
    later.close();
  });

  it('finds a newer database when its page is shown again, and stops writing', async () => {
    const namespace = crypto.randomUUID();
    const engine = await open({ namespace });
    await engine.add({ content: 'kept' });
    const newer = databaseName('default', namespace, STORAGE_FORMAT + 1);
    (await request(indexedDB.open(newer))).close();
    const told = statusOf(engine, ({ readOnly }) => readOnly !== undefined);
    document.dispatchEvent(new Event('visibilitychange'));
    expect((await told).readOnly).toMatch(/format/);
    expect(await engine.health()).toMatchObject({ state: 'degraded', reasons: [{ code: 'read-only' }] });
    expect((await refusalOf(engine.add({ content: 'too late' }))).code).toBe('NEWER_FORMAT');
    expect(await contentsOf(engine)).toEqual(['kept']);
    await request(indexedDB.deleteDatabase(newer));
  });

  it('stops writing when its database is upgraded under it', async () => {
    const namespace = crypto.randomUUID();
    const engine = await open({ namespace });
    await engine.add({ content: 'kept' });
    const told = statusOf(engine, ({ readOnly }) => readOnly !== undefined);
    const name = databaseName('default', namespace, STORAGE_FORMAT);
    const upgraded = await request(indexedDB.open(name, 99));
    expect((await told).storage.evicted).toBeUndefined();
    expect((await refusalOf(engine.add({ content: 'too late' }))).code).toBe('NEWER_FORMAT');
    upgraded.close();
    await request(indexedDB.deleteDatabase(name));
  });

  it('says that the memories are stored in a newer format once they are there only', async () => {
    const namespace = crypto.randomUUID();
    const engine = await open({ namespace });
    await engine.add({ content: 'kept' });
    const later = greetAsLater(namespace);
    await expect.poll(async () => (await engine.status()).readOnly).toBeDefined();
    const newer = databaseName('default', namespace, STORAGE_FORMAT + 1);
    (await request(indexedDB.open(newer))).close();
    await request(indexedDB.deleteDatabase(databaseName('default', namespace, STORAGE_FORMAT)));
    // What it has in memory it may answer; what it has to read is not there any more.
    const outcome = () =>
      engine.list().then(
        ({ memories }) => memories.map(({ content }) => content),
        ({ code }) => code,
      );
    expect([['kept'], 'NEWER_FORMAT']).toContainEqual(await outcome());
    await expect.poll(outcome).toBe('NEWER_FORMAT');
    await request(indexedDB.deleteDatabase(newer));
    later.close();
  });
});

describe('a database that is deleted while it is open', () => {
  it('is reported, and never passed over as empty', async () => {
    const namespace = crypto.randomUUID();
    const engine = await open({ namespace });
    await engine.add({ content: 'acknowledged' });
    const told = statusOf(engine, ({ storage }) => storage.evicted === true);
    await request(indexedDB.deleteDatabase(databaseName('default', namespace, STORAGE_FORMAT)));
    expect((await told).storage).toMatchObject({ origin: 'newOrEvicted', evicted: true });
    await engine.add({ content: 'new' });
    expect(await contentsOf(engine)).toEqual(['new']);
    expect((await engine.status()).storage).toMatchObject({ origin: 'newOrEvicted', evicted: true });
  });

  it('is reported to a call that meets it first, in a typed error, and to other tabs', async () => {
    const namespace = crypto.randomUUID();
    const engine = await open({ namespace });
    await engine.add({ content: 'acknowledged' });
    const follower = await open({ namespace });
    const told = statusOf(follower, ({ storage }) => storage.evicted === true);
    const deleting = request(indexedDB.deleteDatabase(databaseName('default', namespace, STORAGE_FORMAT)));
    const outcome = await engine.list().then(
      ({ memories }) => memories.map(({ content }) => content),
      (error: unknown) => error,
    );
    await deleting;
    // Answered before the deletion, or refused after it: an empty list would be a lie.
    if (Array.isArray(outcome)) expect(outcome).toEqual(['acknowledged']);
    else expect(outcome).toMatchObject({ details: { reason: 'database-gone' } });
    expect((await told).storage.origin).toBe('newOrEvicted');
  });
});

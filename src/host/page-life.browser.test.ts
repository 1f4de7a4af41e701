import { afterEach, describe, expect, it, vi } from 'vitest';
import { STORAGE_FORMAT } from '../engine/blocks/manifest.ts';
import { databaseName } from '../storage/indexeddb.ts';
import { request } from '../testing/indexeddb-faults.ts';
import { refusalOf } from '../testing/refusal.ts';
import type { EngineEvent } from '../types.ts';
import { createTabs, locksOf, statusOf } from './host-test-util.ts';

const { open, workers } = createTabs();

// Before the engines are closed: hooks run in the reverse order of their making.
afterEach(() => {
  setVisibility('visible');
  document.dispatchEvent(new Event('resume'));
  vi.restoreAllMocks();
});

function setVisibility(state: 'visible' | 'hidden'): void {
  Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => state });
  document.dispatchEvent(new Event('visibilitychange'));
}

const freeze = () => document.dispatchEvent(new Event('freeze'));
const resume = () => document.dispatchEvent(new Event('resume'));
const pageEvent = (type: 'pagehide' | 'pageshow', persisted: boolean) =>
  window.dispatchEvent(new PageTransitionEvent(type, { persisted }));

describe('a page that is frozen', () => {
  it('lets go of the lock at once, and goes on when it runs again', async () => {
    const namespace = crypto.randomUUID();
    const frozen = await open({ namespace });
    await frozen.add({ content: 'before' });
    freeze();
    await expect.poll(() => locksOf(namespace)).toBe(0);
    resume();
    expect((await frozen.search('before')).hits).toHaveLength(1);
  });

  it('makes the calls in flight again when it runs again, and they are applied once', async () => {
    const engine = await open();
    const writes = Array.from({ length: 20 }, (_, i) => engine.add({ content: `memory ${i}` }));
    const read = engine.search('memory');
    await writes[2];
    freeze();
    const late = engine.add({ content: 'asked while it was frozen' });
    resume();
    await Promise.all([...writes, late, read]);
    expect((await engine.stats()).count).toBe(21);
    expect(workers).toHaveLength(2);
  });

  it('does not lose what is in memory only', async () => {
    const engine = await open({ storage: 'memory' });
    await engine.add({ content: 'in memory' });
    freeze();
    resume();
    expect((await engine.stats()).count).toBe(1);
    expect(workers).toHaveLength(1);
  });

  it('is told where things stand when it runs again', async () => {
    const namespace = crypto.randomUUID();
    const engine = await open({ namespace });
    const told: EngineEvent[] = [];
    engine.subscribe((event) => told.push(event));
    freeze();
    told.length = 0;
    resume();
    await expect.poll(() => told.some(({ type }) => type === 'status')).toBe(true);
  });

  it('that is closed while it is frozen answers what was asked before', async () => {
    const engine = await open();
    const write = engine.add({ content: 'a' });
    freeze();
    await engine.close();
    expect((await write).durability).toBe('journaled');
  });
});

describe('a page that is left', () => {
  it('and kept for going back to holds no lock meanwhile, and goes on where it was', async () => {
    const namespace = crypto.randomUUID();
    const engine = await open({ namespace });
    const write = engine.add({ content: 'asked before leaving' });
    pageEvent('pagehide', true);
    await expect.poll(() => locksOf(namespace)).toBe(0);
    pageEvent('pageshow', true);
    expect((await write).durability).toBe('journaled');
    expect((await engine.stats()).count).toBe(1);
  });

  it('for good, or hidden, asks the disk to keep what was written', async () => {
    const engine = await open();
    await engine.add({ content: 'a' });
    const sent = vi.spyOn(Worker.prototype, 'postMessage');
    const asked = () => sent.mock.calls.filter(([message]) => message.path?.[0] === 'rest').length;
    pageEvent('pagehide', false);
    expect(asked()).toBe(1);
    setVisibility('hidden');
    expect(asked()).toBe(2);
    expect((await engine.stats()).count).toBe(1);
    expect(workers).toHaveLength(1);
  });
});

describe('a worker of a hidden page', () => {
  it('is ended when nothing was asked for a while, and the next call starts another', async () => {
    const namespace = crypto.randomUUID();
    const engine = await open({ namespace, idleMs: 50 });
    await engine.add({ content: 'kept' });
    setVisibility('hidden');
    await expect.poll(() => locksOf(namespace)).toBe(0);
    expect((await engine.search('kept')).hits).toHaveLength(1);
    expect(workers).toHaveLength(2);
  });

  it('is kept while the page is seen, where it was asked for, and where it holds what nothing else does', async () => {
    const seen = await open({ idleMs: 20 });
    const asked = await open({ idleMs: 0 });
    const inMemory = await open({ idleMs: 20, storage: 'memory' });
    await inMemory.add({ content: 'in memory' });
    setVisibility('hidden');
    setVisibility('visible');
    await new Promise((resolve) => setTimeout(resolve, 200));
    await seen.stats();
    setVisibility('hidden');
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect((await inMemory.stats()).count).toBe(1);
    await asked.stats();
    expect(workers).toHaveLength(3);
    await seen.stats();
    expect(workers).toHaveLength(4);
  });

  it('takes part again when the page is shown, for those who subscribe', async () => {
    const namespace = crypto.randomUUID();
    const engine = await open({ namespace, idleMs: 50 });
    engine.subscribe(() => undefined);
    setVisibility('hidden');
    await expect.poll(() => locksOf(namespace)).toBe(0);
    setVisibility('visible');
    await expect.poll(() => locksOf(namespace)).toBe(1);
  });

  it('refuses a time that is none', async () => {
    for (const idleMs of [-1, Number.NaN, '5' as unknown as number])
      expect((await refusalOf(open({ idleMs }))).code).toBe('INVALID_INPUT');
  });
});

describe('what the browser promises', () => {
  it('is asked once, after the first write that was acknowledged, and shown', async () => {
    vi.spyOn(navigator.storage, 'persisted').mockResolvedValue(false);
    const persist = vi.spyOn(navigator.storage, 'persist').mockResolvedValue(true);
    const engine = await open();
    const told: EngineEvent[] = [];
    engine.subscribe((event) => told.push(event));
    expect((await engine.status()).storage.persistence).toBe('unasked');
    await refusalOf(engine.add({ content: '' }));
    expect(persist).not.toHaveBeenCalled();
    await engine.add({ content: 'a' });
    await engine.add({ content: 'b' });
    expect(persist).toHaveBeenCalledTimes(1);
    expect((await engine.status()).storage.persistence).toBe('granted');
    expect(told).toContainEqual(
      expect.objectContaining({
        type: 'status',
        status: expect.objectContaining({ storage: expect.objectContaining({ persistence: 'granted' }) }),
      }),
    );
  });

  it('is shown as denied, or as unsupported, where it is', async () => {
    vi.spyOn(navigator.storage, 'persisted').mockResolvedValue(false);
    const persist = vi.spyOn(navigator.storage, 'persist').mockResolvedValue(false);
    const denied = await open();
    const told = statusOf(denied, ({ storage }) => storage.persistence === 'denied');
    await denied.add({ content: 'a' });
    expect((await told).storage.persistence).toBe('denied');
    await expect.poll(async () => (await denied.status()).storage.persistence).toBe('denied');
    persist.mockRejectedValue(new TypeError('no origin'));
    const unsupported = await open();
    await unsupported.add({ content: 'a' });
    await expect.poll(async () => (await unsupported.status()).storage.persistence).toBe('unsupported');
  });

  it('is not asked for what is in memory only', async () => {
    const persist = vi.spyOn(navigator.storage, 'persist').mockResolvedValue(true);
    const engine = await open({ storage: 'memory' });
    await engine.add({ content: 'a' });
    expect(persist).not.toHaveBeenCalled();
    expect((await engine.status()).storage.persistence).toBeUndefined();
  });
});

describe('a namespace that is found empty', () => {
  it('is new or evicted; and evicted where something is known to have been there', async () => {
    const namespace = crypto.randomUUID();
    const first = await open({ namespace });
    expect((await first.status()).storage).toMatchObject({ origin: 'newOrEvicted' });
    expect((await first.status()).storage.evicted).toBeUndefined();
    await first.add({ content: 'a' });
    const beside = await open({ namespace });
    expect((await beside.status()).storage.evicted).toBeUndefined();
    await beside.close();
    await first.close();
    const again = await open({ namespace });
    expect((await again.status()).storage.origin).toBe('existing');
    await again.close();
    await request(indexedDB.deleteDatabase(databaseName('default', namespace, STORAGE_FORMAT)));
    const evicted = await open({ namespace });
    expect((await evicted.status()).storage).toMatchObject({ origin: 'newOrEvicted', evicted: true });
    expect(await evicted.health()).toMatchObject({ state: 'lost', reasons: [{ code: 'evicted' }] });
  });

  it('is opened all the same where the window may keep no mark', async () => {
    vi.spyOn(Storage.prototype, 'getItem').mockImplementation(() => {
      throw new DOMException('denied', 'SecurityError');
    });
    vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
      throw new DOMException('full', 'QuotaExceededError');
    });
    const engine = await open();
    expect((await engine.add({ content: 'a' })).durability).toBe('journaled');
    expect((await engine.status()).storage.evicted).toBeUndefined();
  });
});

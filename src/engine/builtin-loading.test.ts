/** A built-in model that has to be loaded: when that is done, who waits for it, and what serves where it is not there. */

import { describe, expect, it } from 'vitest';
import { createHashingEmbedder } from '../embedding/hashing.ts';
import { LociError } from '../errors.ts';
import {
  MODEL_LATE_RETRY_MS,
  MODEL_LOAD_ATTEMPTS,
  MODEL_RETRY_MS,
  TABLE_DOCUMENT_WAIT_MS,
  TABLE_QUERY_WAIT_MS,
} from '../limits.ts';
import type { Storage } from '../storage/storage.ts';
import { createTestEnvironment } from '../testing/environment.ts';
import { createLastingStorage, createLateModel, NOW, openTestEngine, until } from './engine-test-util.ts';

const fallback = createHashingEmbedder();
const gone = () => new LociError('MODEL_UNAVAILABLE', 'the table is gone', { retryable: true });

interface Opened {
  readonly storage?: Storage;
  readonly preload?: boolean;
  readonly preferred?: ReturnType<typeof createLateModel>;
  /** As browsers' timers are, which have whole ms, beside their clocks. */
  readonly timersEarlyMs?: number;
}

async function open({ storage, preload, preferred, timersEarlyMs = 0 }: Opened = {}) {
  const table = createLateModel('table');
  let loads = 0;
  const loader = {
    ...table,
    load: (tell: (fraction: number) => void) => {
      loads += 1;
      return table.load(tell);
    },
  };
  const clock = createTestEnvironment({ seed: 7, now: NOW });
  const environment = {
    ...clock,
    schedule: (ms: number, callback: () => void) => clock.schedule(ms - timersEarlyMs, callback),
  };
  const engine = await openTestEngine({
    environment,
    builtin: { loader, fallback, preload },
    ...(storage === undefined ? {} : { storage }),
    ...(preferred === undefined ? {} : { preferred }),
  });
  const embedder = async () => (await engine.status()).embedder;
  return { engine, table, environment, embedder, loads: () => loads };
}

const host = { modelId: 'host', space: 'host', vector: Float32Array.of(1, 0) };
const settle = () => new Promise((resolve) => setTimeout(resolve, 5));

describe('the built-in model', () => {
  it('is not loaded for vectors that are given, nor for a question with one', async () => {
    const { engine, loads, embedder } = await open();
    await engine.addMany([{ content: 'Ana lives in Lisbon', embedding: host }]);
    expect((await engine.search('Lisbon', { embedding: host })).hits).toHaveLength(1);
    expect((await engine.search('Lisbon')).hits).toHaveLength(1);
    await engine.delete((await engine.list()).memories[0]?.id ?? '');
    expect(loads()).toBe(0);
    expect(await embedder()).toMatchObject({
      activeId: 'table',
      preferredId: 'table',
      state: 'ready',
      builtin: { id: 'table', state: 'idle', progress: 0 },
    });
  });

  it('is loaded by the first text without a vector, which waits for it and is never hashed meanwhile', async () => {
    const { engine, table, loads, embedder } = await open();
    const adding = Promise.all([engine.add({ content: 'a' }), engine.add({ content: 'b' })]);
    await settle();
    table.tell(0.4);
    expect(await embedder()).toMatchObject({
      activeId: 'table',
      state: 'loading',
      builtin: { state: 'loading', progress: 0.4 },
    });
    expect((await engine.stats()).count).toBe(0);
    table.arrive();
    await adding;
    expect((await engine.stats()).byModel).toEqual({ table: 2 });
    expect(await embedder()).toMatchObject({ state: 'ready', builtin: { state: 'ready', progress: 1 } });
    expect(loads()).toBe(1);
  });

  it('is loaded by the first question, which waits for it', async () => {
    const storage = createLastingStorage();
    const first = await open({ storage });
    const adding = first.engine.add({ content: 'Ana lives in Lisbon' });
    await settle();
    first.table.arrive();
    await adding;
    await first.engine.close();

    const { engine, table, loads } = await open({ storage });
    expect(loads()).toBe(0);
    const asking = engine.search('Lisbon');
    await settle();
    table.arrive();
    const { plan } = await asking;
    expect(plan).toMatchObject({ spaces: ['table-space'] });
    expect(plan).not.toHaveProperty('degraded');
    expect(loads()).toBe(1);
  });

  it('is missed in the answer where only hashed words can be asked', async () => {
    const { engine, table } = await open();
    const adding = engine.add({ content: 'Ana lives in Lisbon' });
    await settle();
    table.miss(new Error('not served'));
    await adding;
    const { hits, plan } = await engine.search('Lisbon');
    expect(hits[0]?.memory.content).toBe('Ana lives in Lisbon');
    expect(plan.degraded).toContain('only what shares words');
    await engine.close();
  });

  it('lets a question go on with words alone where it takes long', async () => {
    const { engine, table, environment } = await open();
    const adding = engine.add({ content: 'Ana lives in Lisbon' });
    await settle();
    table.arrive();
    await adding;
    table.setBroken(true);
    await engine.add({ content: 'Bo lives in Rome' }); // hashed, and the model is loaded again
    await environment.advance(MODEL_RETRY_MS);
    const asking = engine.search('Lisbon');
    await environment.advance(TABLE_QUERY_WAIT_MS);
    const { hits, plan } = await asking;
    expect(hits[0]?.memory.content).toBe('Ana lives in Lisbon');
    expect(plan.degraded).toMatch(/\S/);
    expect(plan.spaces).not.toContain('table-space');
  });

  it('is loaded at once where that is wished', async () => {
    const { loads } = await open({ preload: true });
    expect(loads()).toBe(1);
  });

  it('is loaded for what hashing had embedded before, which it embeds anew', async () => {
    const storage = createLastingStorage();
    const before = await openTestEngine({ storage });
    await before.add({ content: 'a' });
    await before.close();
    const { engine, table } = await open({ storage });
    await settle();
    table.arrive();
    await until(async () => (await engine.stats()).byModel.table === 1);
  });
});

/** A storage with a memory that a model of another space has embedded. */
async function embeddedByAnother(): Promise<Storage> {
  const storage = createLastingStorage();
  const former = createLateModel('former');
  const before = await openTestEngine({ storage, preferred: former });
  await settle();
  former.arrive();
  await settle();
  await before.add({ content: 'Ana lives in Lisbon' });
  expect((await before.stats()).byModel).toEqual({ former: 1 });
  await before.close();
  return storage;
}

describe('a built-in model that cannot be loaded', () => {
  it('leaves texts to hashing, says so, is tried again, and embeds them anew when it arrives', async () => {
    const { engine, table, environment, embedder } = await open();
    const adding = engine.add({ content: 'Ana lives in Lisbon' });
    await settle();
    table.miss(gone());
    await adding;
    expect((await engine.stats()).byModel).toEqual({ [fallback.id]: 1 });
    expect((await engine.search('Lisbon')).hits).toHaveLength(1);
    expect(await embedder()).toMatchObject({
      activeId: fallback.id,
      preferredId: 'table',
      state: 'failed',
      error: 'the table is gone',
      builtin: { state: 'fallback', error: 'the table is gone' },
    });
    await environment.advance(MODEL_RETRY_MS);
    await engine.add({ content: 'Bo is here' }); // waits for nothing while it is tried again
    expect((await embedder()).builtin).toMatchObject({ state: 'fallback' });
    table.arrive();
    await until(async () => (await engine.stats()).byModel.table === 2);
    expect(await embedder()).toMatchObject({ activeId: 'table', state: 'ready' });
    expect(await embedder()).not.toHaveProperty('error');
  });

  it('is tried a bounded number of times', async () => {
    const { engine, table, environment, loads } = await open();
    const adding = engine.add({ content: 'a' });
    for (let attempt = 1; attempt <= MODEL_LOAD_ATTEMPTS + 1; attempt++) {
      await settle();
      table.miss(gone());
      await settle();
      await environment.advance(MODEL_RETRY_MS * 2 ** attempt);
    }
    await adding;
    expect(loads()).toBe(MODEL_LOAD_ATTEMPTS);
  });

  it('is tried once more by a text that comes much later: the network may be back', async () => {
    const { engine, table, environment, loads } = await open();
    const adding = engine.add({ content: 'a' });
    for (let attempt = 1; attempt <= MODEL_LOAD_ATTEMPTS; attempt++) {
      await settle();
      table.miss(gone());
      await settle();
      await environment.advance(MODEL_RETRY_MS * 2 ** (attempt - 1));
    }
    await adding;
    await engine.add({ content: 'b' });
    expect(loads()).toBe(MODEL_LOAD_ATTEMPTS);
    await environment.advance(MODEL_LATE_RETRY_MS);
    await engine.add({ content: 'c' }); // waits for nothing
    expect(loads()).toBe(MODEL_LOAD_ATTEMPTS + 1);
    table.miss(gone());
    await settle();
    await engine.add({ content: 'd' });
    expect(loads()).toBe(MODEL_LOAD_ATTEMPTS + 1);
    await environment.advance(MODEL_LATE_RETRY_MS);
    await engine.add({ content: 'e' });
    table.arrive();
    await until(async () => (await engine.stats()).byModel.table === 5);
  });

  it('that takes too long is not waited for for ever, and takes over when it comes', async () => {
    const { engine, table, environment, embedder } = await open();
    const adding = engine.add({ content: 'a' });
    await settle();
    await environment.advance(TABLE_DOCUMENT_WAIT_MS);
    await adding;
    expect((await engine.stats()).byModel).toEqual({ [fallback.id]: 1 });
    expect((await embedder()).builtin?.state).toBe('fallback');
    table.arrive();
    await until(async () => (await engine.stats()).byModel.table === 1);
  });

  it('does not keep the engine from closing', async () => {
    const { engine } = await open();
    const adding = engine.add({ content: 'a' });
    await settle();
    await engine.close();
    await expect(adding).rejects.toMatchObject({ code: 'CLOSED' });
  });

  it('leaves what a model embedded as it is: hashing takes the place of nothing', async () => {
    const storage = await embeddedByAnother();
    const { engine, table, environment } = await open({ storage });
    await settle();
    table.miss(gone());
    await settle();
    expect((await engine.stats()).byModel).toEqual({ former: 1 });
    expect((await engine.search('Lisbon')).hits).toHaveLength(1);
    await environment.advance(MODEL_RETRY_MS);
    table.arrive();
    await until(async () => (await engine.stats()).byModel.table === 1);
  });

  it('does not let closing put hashed words in the place of a model’s vectors', async () => {
    const storage = await embeddedByAnother();
    const { engine } = await open({ storage });
    await settle();
    await engine.close();
    const after = await openTestEngine({ storage, preferred: createLateModel('former') });
    expect((await after.stats()).byModel).toEqual({ former: 1 });
  });

  it('embeds anew what it was waited for too long for, though the timer was early', async () => {
    const storage = createLastingStorage();
    const before = await openTestEngine({ storage });
    await before.add({ content: 'a' });
    await before.close();
    const { engine, table, environment } = await open({ storage, timersEarlyMs: 0.5 });
    await settle();
    await environment.advance(TABLE_DOCUMENT_WAIT_MS);
    expect((await engine.status()).embedder.builtin?.state).toBe('fallback');
    table.arrive();
    await until(async () => (await engine.stats()).byModel.table === 1);
  });
});

describe('the built-in model beside one that is wanted', () => {
  it('embeds what hashing embedded while that one cannot be had, and leaves what it made', async () => {
    const storage = createLastingStorage();
    const wanted = createLateModel('wanted');
    const former = await openTestEngine({ storage, preferred: wanted });
    await former.add({ content: 'hashed' });
    await former.close();

    const missing = createLateModel('wanted');
    const { engine, table } = await open({ storage, preferred: missing });
    missing.miss(gone());
    await settle();
    table.arrive();
    await until(async () => (await engine.stats()).byModel.table === 1);
  });

  it('is not compared with every memory’s model whenever the one wanted has come a little nearer', async () => {
    const storage = createLastingStorage();
    const former = await open({ storage });
    const adding = former.engine.addMany(Array.from({ length: 500 }, (_, i) => ({ content: `note ${i}` })));
    await settle();
    former.table.arrive();
    await adding;
    await former.engine.close();

    let looks = 0;
    const wanted = createLateModel('wanted');
    const loader = Object.defineProperty({ ...createLateModel('table') }, 'id', {
      get: () => {
        looks += 1;
        return 'table';
      },
    });
    const engine = await openTestEngine({ storage, builtin: { loader, fallback }, preferred: wanted });
    await settle();
    const before = looks;
    const events = 20;
    for (let i = 1; i <= events; i++) {
      wanted.tell(i / events);
      await settle();
    }
    expect((await engine.status()).embedder.progress).toBe(1);
    expect(looks - before).toBeLessThan(500);
    await engine.close();
  });

  it('does not embed anew what another model embedded in its space', async () => {
    const storage = createLastingStorage();
    const wanted = { ...createLateModel('wanted'), space: 'table-space' };
    const loaded = { ...createHashingEmbedder(), id: 'wanted', space: 'table-space' };
    const former = await openTestEngine({ storage, preferred: { ...wanted, load: async () => loaded } });
    await until(async () => (await former.status()).embedder.state === 'ready');
    await former.add({ content: 'a' });
    await former.close();
    const { engine, loads } = await open({ storage });
    await settle();
    expect(loads()).toBe(0);
    expect((await engine.stats()).byModel).toEqual({ wanted: 1 });
  });

  it('embeds anew what a former model made once the one wanted has failed for good, and not before', async () => {
    const storage = await embeddedByAnother();
    const wanted = createLateModel('wanted');
    const { engine, table, environment, embedder } = await open({ storage, preferred: wanted });
    for (let attempt = 1; attempt <= MODEL_LOAD_ATTEMPTS; attempt++) {
      expect((await engine.stats()).byModel).toEqual({ former: 1 });
      await settle();
      wanted.miss(gone());
      await settle();
      await environment.advance(MODEL_RETRY_MS * 2 ** (attempt - 1));
    }
    table.arrive();
    await until(async () => (await engine.stats()).byModel.table === 1);
    expect((await engine.search('Lisbon')).plan.spaces).toEqual(['table-space']);
    expect(await embedder()).toMatchObject({ activeId: 'table', preferredId: 'wanted', state: 'failed' });
    await engine.close();

    const back = createLateModel('wanted');
    const again = await openTestEngine({
      storage,
      builtin: { loader: createLateModel('table'), fallback },
      preferred: back,
    });
    await settle();
    back.arrive();
    await until(async () => (await again.stats()).byModel.wanted === 1);
  });

  it('leaves what the one wanted made while that cannot be had, and what a host gave', async () => {
    const storage = await embeddedByAnother();
    const missing = createLateModel('former');
    const { engine, table } = await open({ storage, preferred: missing });
    await engine.addMany([{ content: 'mine', embedding: host }]);
    await settle();
    missing.miss(new LociError('MODEL_UNAVAILABLE', 'there is no such model'));
    await settle();
    const adding = engine.add({ content: 'Bo lives in Rome' });
    await settle();
    table.arrive();
    await adding;
    await settle();
    expect((await engine.stats()).byModel).toEqual({ former: 1, host: 1, table: 1 });
  });
});

import { describe, expect, it } from 'vitest';
import { LociError } from '../errors.ts';
import { FOLD_IDLE_MS, MODEL_LATE_RETRY_MS, MODEL_LOAD_ATTEMPTS, MODEL_RETRY_MS } from '../limits.ts';
import { createTestEnvironment } from '../testing/environment.ts';
import type { Status } from '../types.ts';
import { createLastingStorage, createLateModel, NOW, openTestEngine, until } from './engine-test-util.ts';

describe('a model that arrives late', () => {
  it('takes over, and embeds anew what the built-in one had embedded; search serves all the while', async () => {
    const model = createLateModel();
    const engine = await openTestEngine({ preferred: model });
    await engine.addMany(Array.from({ length: 80 }, (_, i) => ({ content: `note ${i} about Lisbon` })));
    expect((await engine.status()).embedder).toMatchObject({ activeId: 'hashing-384-v1', state: 'loading' });
    expect((await engine.search('Lisbon')).plan.spaces).toEqual(['hashing-384-v1']);

    const found: number[] = [];
    engine.subscribe(() => void engine.search('Lisbon').then(({ hits }) => found.push(hits.length)));
    model.arrive();
    await until(async () => (await engine.stats()).byModel['late-model'] === 80);
    expect((await engine.search('Lisbon')).plan.spaces).toEqual(['late-model-space']);
    expect(found.length).toBeGreaterThan(2);
    expect(new Set(found)).toEqual(new Set([10]));
    expect((await engine.status()).reembedding).toEqual({ done: 80, total: 80 });
  });

  it('leaves a host’s own vectors alone, and no memory in two spaces', async () => {
    const model = createLateModel();
    const engine = await openTestEngine({ preferred: model });
    const vector = Float32Array.of(1, 0);
    await engine.addMany([
      { content: 'mine', embedding: { modelId: 'host', space: 'host', vector } },
      { content: 'yours' },
    ]);
    model.arrive();
    await until(async () => (await engine.stats()).byModel['late-model'] === 1);
    expect((await engine.stats()).byModel).toEqual({ host: 1, 'late-model': 1 });
    const { hits } = await engine.search('yours');
    expect(hits.filter(({ memory }) => memory.content === 'yours')).toHaveLength(1);
  });

  it('does not overwrite a text that changed, or bring back one that was deleted, meanwhile', async () => {
    const model = createLateModel();
    const engine = await openTestEngine({ preferred: model });
    const { ids } = await engine.addMany([{ content: 'old' }, { content: 'gone' }]);
    model.arrive();
    await Promise.all([engine.update(ids[0] ?? '', { content: 'new' }), engine.delete(ids[1] ?? '')]);
    await until(async () => (await engine.stats()).byModel['late-model'] === 1);
    expect((await engine.list()).memories.map(({ content }) => content)).toEqual(['new']);
    await until(() => model.embedded.includes('new'));
  });

  it('is not asked again on the next opening for what it has embedded', async () => {
    const storage = createLastingStorage();
    const first = createLateModel();
    const engine = await openTestEngine({ storage, preferred: first });
    await engine.add({ content: 'a' });
    first.arrive();
    await until(async () => (await engine.stats()).byModel['late-model'] === 1);
    await engine.close();

    const second = createLateModel();
    const again = await openTestEngine({ storage, preferred: second });
    second.arrive();
    await until(async () => (await again.status()).embedder.state === 'ready');
    await again.search('a');
    expect(second.embedded).toEqual(['a']); // the query alone
  });

  it('tells of its loading by one number that never falls', async () => {
    const model = createLateModel();
    const engine = await openTestEngine({ preferred: model });
    const seen: number[] = [];
    engine.subscribe((event) => {
      if (event.type === 'status') seen.push(event.status.embedder.progress);
    });
    for (const fraction of [0.1, 0.5, 0.3, 0.9]) model.tell(fraction);
    model.arrive();
    await until(async () => (await engine.status()).embedder.state === 'ready');
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.at(-1)).toBe(1);
  });
});

describe('the index of a model that was replaced', () => {
  it('is freed', async () => {
    const model = createLateModel();
    const environment = createTestEnvironment({ seed: 1_003, now: NOW });
    const engine = await openTestEngine({ preferred: model, environment });
    await engine.add({ content: 'a' });
    const { indexBytes } = await engine.stats();
    model.arrive();
    await until(async () => (await engine.stats()).byModel['late-model'] === 1);
    expect((await engine.stats()).indexBytes).toBeGreaterThan(indexBytes);
    await environment.advance(FOLD_IDLE_MS);
    await until(async () => (await engine.stats()).indexBytes === indexBytes);
  });
});

describe('a model that fails', () => {
  it('leaves the built-in one serving, says why, and is tried again', async () => {
    const model = createLateModel();
    const environment = createTestEnvironment({ seed: 1, now: NOW });
    const engine = await openTestEngine({ preferred: model, environment });
    model.miss(new LociError('MODEL_UNAVAILABLE', 'no connection', { retryable: true }));
    let status: Status = await engine.status();
    await until(async () => {
      status = await engine.status();
      return status.embedder.state === 'failed';
    });
    expect(status.embedder).toMatchObject({ activeId: 'hashing-384-v1', error: 'no connection' });
    await engine.add({ content: 'a' });
    await environment.advance(MODEL_RETRY_MS);
    expect((await engine.status()).embedder.state).toBe('loading');
    model.arrive();
    await until(async () => (await engine.stats()).byModel['late-model'] === 1);
  });

  it('while embedding lets the built-in one embed, and nothing is lost', async () => {
    const model = createLateModel();
    const engine = await openTestEngine({ preferred: model });
    model.arrive();
    await until(async () => (await engine.status()).embedder.state === 'ready');
    model.setBroken(true);
    const { id } = await engine.add({ content: 'a' });
    expect((await engine.get(id))?.embedding?.modelId).toBe('hashing-384-v1');
    expect((await engine.status()).embedder).toMatchObject({ state: 'failed', activeId: 'hashing-384-v1' });
  });

  it('at every text is loaded again after pauses that double, a bounded number of times', async () => {
    const model = createLateModel();
    let loads = 0;
    const loader = {
      ...model,
      load: (tell: (fraction: number) => void) => {
        loads += 1;
        return model.load(tell);
      },
    };
    const environment = createTestEnvironment({ seed: 1_004, now: NOW });
    const engine = await openTestEngine({ preferred: loader, environment });
    const state = async () => (await engine.status()).embedder.state;
    await engine.add({ content: 'a' });
    model.setBroken(true);
    for (let attempt = 1; attempt <= MODEL_LOAD_ATTEMPTS; attempt++) {
      expect(loads).toBe(attempt);
      model.arrive(); // what is to be embedded anew is its first text
      await until(async () => (await state()) === 'failed');
      await environment.advance(MODEL_RETRY_MS * 2 ** (attempt - 1) - 1);
      expect(loads).toBe(attempt);
      await environment.advance(1);
    }
    expect(loads).toBe(MODEL_LOAD_ATTEMPTS);
    await environment.advance(MODEL_LATE_RETRY_MS);
    await engine.add({ content: 'b' });
    expect(loads).toBe(MODEL_LOAD_ATTEMPTS + 1);
    model.setBroken(false);
    model.arrive();
    await until(async () => (await engine.stats()).byModel['late-model'] === 2);
  });

  it('once in a while is loaded again after the first pause each time', async () => {
    const model = createLateModel();
    const environment = createTestEnvironment({ seed: 1_005, now: NOW });
    const engine = await openTestEngine({ preferred: model, environment });
    const state = async () => (await engine.status()).embedder.state;
    model.arrive();
    await until(async () => (await state()) === 'ready');
    for (let time = 0; time < 3; time++) {
      model.setBroken(false);
      await engine.add({ content: `served ${time}` });
      model.setBroken(true);
      await engine.add({ content: `broke ${time}` });
      expect(await state()).toBe('failed');
      model.setBroken(false);
      await environment.advance(MODEL_RETRY_MS);
      expect(await state()).toBe('loading');
      model.arrive();
      await until(async () => (await state()) === 'ready');
    }
  });
});

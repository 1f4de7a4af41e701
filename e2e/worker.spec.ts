import { expect, test } from '@playwright/test';
import { freshNamespace, openConsole } from './support.ts';

test('a worker killed in mid-call ends the call in a typed error; the next one works and nothing is there twice', async ({
  page,
}) => {
  await openConsole(page);
  const seen = await page.evaluate(async (namespace) => {
    const { loci, workers } = window;
    const memory = await loci.openMemory({ namespace });
    await memory.add({ content: 'there before' });
    const batch = Array.from({ length: 500 }, (_, i) => ({ content: `memory ${i}`, externalId: `m${i}` }));
    const write = memory.addMany(batch).then(
      () => undefined,
      (error: unknown) => error,
    );
    const read = memory.search('there').then(
      () => undefined,
      (error: unknown) => error,
    );
    workers.at(-1)?.terminate();
    const [writeError, readError] = [await write, await read];
    const next = await memory.search('there before');
    const { opId, code, hint, retryable } = writeError as {
      opId: string;
      code: string;
      hint: string;
      retryable: boolean;
    };
    await memory.addMany(batch, { opId });
    await memory.addMany(batch, { opId });
    const { count } = await memory.stats();
    await memory.close();
    return {
      code,
      hint,
      retryable,
      opId,
      readCode: (readError as { code: string }).code,
      hits: next.hits.length,
      count,
    };
  }, freshNamespace());
  expect(seen).toMatchObject({
    code: 'OUTCOME_UNKNOWN',
    retryable: true,
    readCode: 'WORKER_DIED',
    count: 501,
  });
  expect(seen.opId).toBeTruthy();
  expect(seen.hint).toBeTruthy();
  expect(seen.hits).toBeGreaterThan(0);
});

test('of a thousand acknowledged writes none is missing, though the worker is killed again and again', async ({
  page,
}) => {
  await openConsole(page);
  const seen = await page.evaluate(async (namespace) => {
    const { loci, workers } = window;
    const memory = await loci.openMemory({ namespace });
    const acknowledged: string[] = [];
    let cut = 0;
    for (let i = 0; i < 1_000; i++) {
      const adding = memory.add({ content: `memory ${i}` });
      if (i % 150 === 75) workers.at(-1)?.terminate();
      try {
        acknowledged.push((await adding).id);
      } catch (error) {
        cut += 1;
        const { opId } = error as { opId: string };
        acknowledged.push((await memory.add({ content: `memory ${i}` }, { opId })).id);
      }
    }
    const { count } = await memory.stats();
    let missing = 0;
    for (const id of acknowledged) if ((await memory.get(id)) === null) missing += 1;
    await memory.close();
    return { cut, count, missing, acknowledged: acknowledged.length };
  }, freshNamespace());
  expect(seen).toMatchObject({ acknowledged: 1_000, missing: 0, count: 1_000 });
  expect(seen.cut).toBeGreaterThan(3);
});

test('a tab closed in the middle of writing loses nothing it was told is kept', async ({ context, page }) => {
  const namespace = freshNamespace();
  await openConsole(page);
  const acknowledged: string[] = [];
  await page.exposeFunction('acknowledge', (id: string) => acknowledged.push(id));
  void page
    .evaluate(async (name) => {
      const memory = await window.loci.openMemory({ namespace: name });
      const { acknowledge } = window as unknown as { acknowledge: (id: string) => Promise<void> };
      for (let i = 0; ; i++) await acknowledge((await memory.add({ content: `memory ${i}` })).id);
    }, namespace)
    .catch(() => undefined); // the tab is closed under it
  await expect.poll(() => acknowledged.length).toBeGreaterThan(50);
  await page.close();
  const other = await context.newPage();
  await openConsole(other);
  const missing = await other.evaluate(
    async ({ name, ids }) => {
      const memory = await window.loci.openMemory({ namespace: name });
      const found = await Promise.all(ids.map((id) => memory.get(id)));
      await memory.close();
      return found.filter((each) => each === null).length;
    },
    { name: namespace, ids: acknowledged },
  );
  expect(missing).toBe(0);
});

test('a call in flight when the owner’s tab is closed is applied once by the next owner', async ({
  context,
  page,
}) => {
  const namespace = freshNamespace();
  await openConsole(page);
  await page.evaluate(async (name) => {
    await window.loci.openMemory({ namespace: name });
  }, namespace);
  const follower = await context.newPage();
  await openConsole(follower);
  const write = follower.evaluate(async (name) => {
    const memory = await window.loci.openMemory({ namespace: name });
    const before = (await memory.status()).role;
    document.title = 'writing';
    for (let i = 0; i < 200; i++) await memory.add({ content: `memory ${i}` });
    return { before, after: (await memory.status()).role, count: (await memory.stats()).count };
  }, namespace);
  await expect.poll(() => follower.title()).toBe('writing');
  await follower.waitForTimeout(100);
  await page.close();
  expect(await write).toEqual({ before: 'follower', after: 'owner', count: 200 });
});

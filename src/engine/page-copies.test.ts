import { describe, expect, it } from 'vitest';
import { LociError } from '../errors.ts';
import { PAGE_CACHE_BYTES, PAGE_FILE_AFTER_MS } from '../limits.ts';
import type { Storage } from '../storage/storage.ts';
import { createTestEnvironment } from '../testing/environment.ts';
import { createTestFiles } from '../testing/sync-file.ts';
import type { MemoryEngine } from '../types.ts';
import { createLastingStorage, NOW, openTestEngine } from './engine-test-util.ts';

/** Long enough for pages to be folded, and copied. */
const WHILE_MS = 60_000 + 100 * PAGE_FILE_AFTER_MS;
const CONTENT_BYTES = 20_000;
const COUNT = Math.ceil(PAGE_CACHE_BYTES / CONTENT_BYTES) + 20;
const contentOf = (i: number) => `memory ${i} of the mill `.padEnd(CONTENT_BYTES, `${i % 10}abcdefg`);

/** Two engines with one seed would make the same ids. */
let nextSeed = 1;

/** An engine with more contents than are kept in memory, the file that goes with it, and how often pages were fetched. */
async function openWithFile({
  storage = createLastingStorage(),
  files = createTestFiles(),
  usageBytes = 0,
} = {}) {
  const environment = {
    ...createTestEnvironment({ now: NOW, seed: nextSeed++ }),
    estimateStorage: async () => ({ usageBytes, quotaBytes: 1_000_000_000 }),
  };
  const fetched: string[] = [];
  const counting: Storage = {
    ...storage,
    getMany: (keys) => {
      fetched.push(...keys.filter((key) => key.startsWith('content/')));
      return storage.getMany(keys);
    },
  };
  const engine = await openTestEngine({ storage: counting, environment, pageFile: files });
  return { engine, environment, files, fetched, storage };
}

async function fill(engine: MemoryEngine, count = COUNT): Promise<readonly string[]> {
  const vector = new Float32Array([1, 0]);
  const embedding = { modelId: 'm', space: 's', vector };
  const memories = Array.from({ length: count }, (_, i) => ({ content: contentOf(i), embedding }));
  const ids: string[] = [];
  for (let at = 0; at < count; at += 50) ids.push(...(await engine.addMany(memories.slice(at, at + 50))).ids);
  return ids;
}

async function openFilled(options: Parameters<typeof openWithFile>[0] = {}) {
  const opened = await openWithFile(options);
  const ids = await fill(opened.engine);
  await opened.environment.advance(WHILE_MS);
  opened.fetched.length = 0;
  return { ...opened, ids };
}

const bytesInFile = async (engine: MemoryEngine) => (await engine.stats()).contentCache.fileBytes;
const holds = (bytes: Uint8Array, text: string) => Buffer.from(bytes).includes(Buffer.from(text));

describe('contents that are more than memory keeps', () => {
  it('are read from the file, and storage is not asked', async () => {
    const { engine, fetched, ids } = await openFilled();
    for (const i of [0, 100, COUNT - 1]) expect((await engine.get(ids[i] ?? ''))?.content).toBe(contentOf(i));
    expect(fetched).toEqual([]);
    expect(await bytesInFile(engine)).toBeGreaterThan(PAGE_CACHE_BYTES);
    await engine.close();
  });

  it('are read from it after the engine was opened again', async () => {
    const { engine, storage, files, ids } = await openFilled();
    await engine.close();
    expect(files.isOpen).toBe(false);
    const again = await openWithFile({ storage, files });
    await again.environment.advance(WHILE_MS);
    again.fetched.length = 0;
    expect((await again.engine.get(ids[5] ?? ''))?.content).toBe(contentOf(5));
    expect(again.fetched).toEqual([]);
    await again.engine.close();
  });

  it('come from storage where the file is damaged, whatever was damaged', async () => {
    const { engine, files, fetched, ids } = await openFilled();
    for (let at = 0; at < files.bytes.byteLength; at += 1_000)
      files.bytes[at] = (files.bytes[at] ?? 0) ^ 0xff;
    for (const i of [0, 7, 100]) expect((await engine.get(ids[i] ?? ''))?.content).toBe(contentOf(i));
    expect(fetched.length).toBeGreaterThan(0);
    expect((await engine.health()).state).toBe('ok');
    await engine.close();
  });

  it('are copied again where the copy was damaged', async () => {
    const { engine, environment, files, fetched, ids } = await openFilled();
    files.bytes.fill(0xff);
    await engine.get(ids[7] ?? '');
    await environment.advance(WHILE_MS);
    fetched.length = 0;
    expect((await engine.get(ids[7] ?? ''))?.content).toBe(contentOf(7));
    expect(fetched).toEqual([]);
    await engine.close();
  });

  it('are not taken for those of a namespace that was there before under the same name', async () => {
    const { engine, files } = await openFilled();
    await engine.close();
    const again = await openWithFile({ files });
    const other = Array.from({ length: COUNT }, (_, i) => ({
      content: `other ${contentOf(i)}`.slice(0, CONTENT_BYTES),
    }));
    const { ids } = await again.engine.addMany(other);
    await again.environment.advance(WHILE_MS);
    expect((await again.engine.get(ids[7] ?? ''))?.content).toBe(other[7]?.content);
    expect(holds(files.bytes, 'other memory 7 of the mill')).toBe(true);
    expect(/(?<!other )memory 7 of the mill/.test(Buffer.from(files.bytes).toString('latin1'))).toBe(false);
    await again.engine.close();
  });

  it('come from storage where the file fails, and the status says so', async () => {
    const { engine, files, ids } = await openFilled();
    files.failure = new Error('the file was taken away');
    expect((await engine.get(ids[3] ?? ''))?.content).toBe(contentOf(3));
    expect((await engine.status()).backgroundError).toContain('the file was taken away');
    expect(await bytesInFile(engine)).toBe(0);
    await engine.close();
  });

  it('leave nothing in the file once they are deleted', async () => {
    const { engine, environment, files, ids } = await openFilled();
    expect(holds(files.bytes, 'memory 33 of the mill')).toBe(true);
    await engine.delete(ids[33] ?? '');
    await environment.advance(WHILE_MS);
    expect(holds(files.bytes, 'memory 33 of the mill')).toBe(false);
    expect(holds(files.bytes, 'memory 34 of the mill')).toBe(true);
    await engine.close();
  });

  it('leave nothing in the file that was deleted while the file was not there', async () => {
    const { engine, storage, files, ids } = await openFilled();
    await engine.close();
    const without = await openTestEngine({ storage });
    await without.delete(ids[33] ?? '');
    await without.close();
    const again = await openWithFile({ storage, files });
    await again.environment.advance(WHILE_MS);
    expect(holds(files.bytes, 'memory 33 of the mill')).toBe(false);
    await again.engine.close();
  });

  it.each([
    ['one memory', (engine: MemoryEngine, id: string) => engine.delete(id)],
    ['all of them', (engine: MemoryEngine) => engine.deleteAll({ everything: true })],
  ])('leave nothing in the file when %s is deleted right after opening, and closed', async (_, remove) => {
    const { engine, storage, files, ids } = await openFilled();
    await engine.close();
    const again = await openWithFile({ storage, files });
    await remove(again.engine, ids[33] ?? '');
    await again.engine.close();
    expect(holds(files.bytes, 'memory 33 of the mill')).toBe(false);
  });

  it('stay in the file from one opening to the next where the quota has room for it once', async () => {
    const { engine, storage, files } = await openFilled();
    await engine.close();
    // Most of what may be used is the file itself.
    const again = await openWithFile({ storage, files, usageBytes: 399_000_000 });
    await again.environment.advance(WHILE_MS);
    expect(await bytesInFile(again.engine)).toBeGreaterThan(PAGE_CACHE_BYTES);
    await again.engine.close();
  });

  it('are told of where copying them failed', async () => {
    const files = createTestFiles();
    const { engine, environment } = await openWithFile({ files });
    await fill(engine);
    let writes = 0;
    const open = files.open;
    files.open = async () => {
      const file = await open();
      if (typeof file === 'string') return file;
      const write: typeof file.write = (bytes, options) => {
        writes += 1;
        if (writes > 20) throw new Error('the disk is broken');
        return file.write(bytes, options);
      };
      return { ...file, write };
    };
    await environment.advance(WHILE_MS);
    expect(await bytesInFile(engine)).toBe(0);
    expect((await engine.status()).backgroundError).toContain('the disk is broken');
    await engine.close();
  });

  it('are copied once whoever had the file open lets go of it', async () => {
    const files = createTestFiles();
    files.isOpen = true;
    const { engine, environment } = await openFilled({ files });
    expect(await bytesInFile(engine)).toBe(0);
    expect((await engine.status()).backgroundError).toBeUndefined();
    files.isOpen = false;
    await environment.advance(WHILE_MS);
    expect(await bytesInFile(engine)).toBeGreaterThan(PAGE_CACHE_BYTES);
    await engine.close();
  });

  it('are not copied where that would take much of the browser’s quota', async () => {
    const { engine, files } = await openFilled({ usageBytes: 500_000_000 });
    expect(await bytesInFile(engine)).toBe(0);
    expect(files.isThere).toBe(false);
    await engine.close();
  });

  it.each([
    ['in use', WHILE_MS],
    ['not looked at yet', 0],
    ['just being looked through', PAGE_FILE_AFTER_MS],
  ])('give the space of a file that is %s back before any memory is evicted', async (_, afterMs) => {
    const { engine: before, storage: inner, files } = await openFilled();
    await before.close();
    let isFull = false;
    const storage: Storage = {
      ...inner,
      commit: async (commit) => {
        if (isFull && files.bytes.byteLength > 0) throw new LociError('QUOTA_EXCEEDED', 'the disk is full');
        return inner.commit(commit);
      },
    };
    const { engine, environment } = await openWithFile({ storage, files });
    await environment.advance(afterMs);
    isFull = true;
    await engine.add({ content: 'there is room for it once the copies are gone' });
    expect(await bytesInFile(engine)).toBe(0);
    expect((await engine.stats()).count).toBe(COUNT + 1);
    await engine.close();
  });
});

it('a content keeps its byte order mark when it is folded', async () => {
  const { engine, environment } = await openWithFile();
  const content = '\uFEFFhello';
  const { id } = await engine.add({ content });
  await environment.advance(WHILE_MS);
  expect((await engine.get(id))?.content).toBe(content);
  await engine.close();
});

describe('contents that memory keeps', () => {
  it('need no file, and one that is left is taken away', async () => {
    const files = createTestFiles();
    files.isThere = true;
    const { engine, environment } = await openWithFile({ files });
    await fill(engine, 5);
    await environment.advance(WHILE_MS);
    expect(files.isThere).toBe(false);
    expect(await bytesInFile(engine)).toBe(0);
    await engine.close();
  });
});

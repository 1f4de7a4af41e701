import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTestFiles, type TestFiles } from '../testing/sync-file.ts';
import { PageFile } from './page-file.ts';

const PAGE_BYTES = 64;

async function open(
  files: TestFiles,
  isWanted: (page: number, tag: number) => boolean = () => true,
): Promise<PageFile> {
  const handle = await files.open();
  if (typeof handle === 'string') throw new Error(handle);
  const file = new PageFile(handle, { pageBytes: PAGE_BYTES });
  file.scan(0, file.slots, isWanted);
  return file;
}

/** Bytes that tell which page they are of. */
function pageOf(page: number, length = PAGE_BYTES): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => 1 + ((page * 31 + i * 7) % 250));
}

function read(file: PageFile, page: number, length = PAGE_BYTES): Uint8Array | undefined {
  const into = new Uint8Array(length);
  return file.read(page, 0, into) ? into : undefined;
}

describe('a page file', () => {
  it('gives back the part of a page that is asked for', async () => {
    const file = await open(createTestFiles());
    file.write(7, pageOf(7), 5);
    const into = new Uint8Array(5);
    expect(file.read(7, 10, into)).toBe(true);
    expect(into).toEqual(pageOf(7).slice(10, 15));
  });

  it('says that it has not what was not written, and nothing beyond a page’s end', async () => {
    const file = await open(createTestFiles());
    file.write(7, pageOf(7, 20), 5);
    file.write(8, pageOf(8), 5);
    expect(read(file, 9)).toBeUndefined();
    expect(file.read(7, 10, new Uint8Array(11))).toBe(false);
  });

  it('does not take what is longer than a page', async () => {
    const file = await open(createTestFiles());
    file.write(1, new Uint8Array(PAGE_BYTES + 1), 5);
    expect(file.has(1)).toBe(false);
    expect(file.bytes).toBe(0);
  });

  it('finds its pages when it is opened again, but for those that are not wanted', async () => {
    const files = createTestFiles();
    const before = await open(files);
    for (const page of [1, 2, 3]) before.write(page, pageOf(page), 5);
    before.close();
    const after = await open(files, (page) => page !== 2);
    expect([1, 2, 3].filter((page) => after.has(page))).toEqual([1, 3]);
    expect(read(after, 3)).toEqual(pageOf(3));
    expect(Buffer.from(files.bytes).includes(Buffer.from(pageOf(2).slice(0, 8)))).toBe(false);
  });

  it('does not take a page of another tag for the one that is wanted', async () => {
    const files = createTestFiles();
    const before = await open(files);
    before.write(1, pageOf(1), 11);
    before.write(2, pageOf(2), 12);
    before.close();
    const after = await open(files, (page, tag) => tag === page + 10 && page === 2);
    expect([after.has(1), after.has(2)]).toEqual([false, true]);
  });

  it('erases one page, and takes another in its place', async () => {
    const files = createTestFiles();
    const file = await open(files);
    for (const page of [1, 2]) file.write(page, pageOf(page), 5);
    const { byteLength } = files.bytes;
    file.remove(1);
    expect(read(file, 1)).toBeUndefined();
    file.write(3, pageOf(3), 5);
    expect(read(file, 3)).toEqual(pageOf(3));
    expect(files.bytes.byteLength).toBe(byteLength);
  });

  it('takes a file of something else for empty, and wipes it', async () => {
    const files = createTestFiles();
    const handle = await files.open();
    if (typeof handle === 'string') throw new Error(handle);
    handle.write(new Uint8Array(500).fill(77), { at: 0 });
    handle.close();
    const file = await open(files);
    expect(file.pages).toBe(0);
    expect(files.bytes.every((byte) => byte === 0)).toBe(true);
  });

  it('gets shorter when the pages at its end go', async () => {
    const files = createTestFiles();
    const file = await open(files);
    for (const page of [1, 2, 3]) file.write(page, pageOf(page), 5);
    const full = files.bytes.byteLength;
    file.keep((page) => page === 1);
    expect(files.bytes.byteLength).toBeLessThan(full / 2);
    expect(read(file, 1)).toEqual(pageOf(1));
  });

  it('passes on what the file throws', async () => {
    const files = createTestFiles();
    const file = await open(files);
    files.failure = new Error('the disk is gone');
    expect(() => file.write(1, pageOf(1), 5)).toThrow('the disk is gone');
    files.failure = undefined;
    expect(file.has(1)).toBe(false);
  });

  it('has after any history what a map has, and nothing of what went', async () => {
    const step = fc.oneof(
      fc.record({
        kind: fc.constant('write' as const),
        page: fc.nat(12),
        length: fc.integer({ min: 1, max: PAGE_BYTES }),
      }),
      fc.record({ kind: fc.constant('keep' as const), pages: fc.uniqueArray(fc.nat(12)) }),
      fc.record({ kind: fc.constant('reopen' as const) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const files = createTestFiles();
        const model = new Map<number, Uint8Array>();
        let file = await open(files);
        for (const each of steps) {
          if (each.kind === 'write' && !model.has(each.page)) {
            model.set(each.page, pageOf(each.page, each.length));
            file.write(each.page, pageOf(each.page, each.length), 5);
          }
          if (each.kind === 'keep') {
            for (const page of model.keys()) if (!each.pages.includes(page)) model.delete(page);
            file.keep((page) => each.pages.includes(page));
          }
          if (each.kind === 'reopen') {
            file.close();
            file = await open(files);
          }
        }
        expect(file.pages).toBe(model.size);
        for (const [page, bytes] of model) expect(read(file, page, bytes.byteLength)).toEqual(bytes);
        const used = files.bytes.filter((byte) => byte !== 0).byteLength;
        const headers = model.size * 16;
        const stored = [...model.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
        expect(used).toBeLessThanOrEqual(stored + headers);
      }),
    );
  });
});

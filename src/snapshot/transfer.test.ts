/** Export and import between real engines in memory. */

import { afterEach, describe, expect, it, vi } from 'vitest';
import { createHashingEmbedder } from '../embedding/hashing.ts';
import { openEngine } from '../engine/engine.ts';
import { LociError } from '../errors.ts';
import { EXPORT_PAGE, IMPORT_FILE_BATCH, MAX_LINE_BYTES } from '../limits.ts';
import { createMemoryStorage } from '../storage/memory.ts';
import { refusalOf } from '../testing/refusal.ts';
import type { Memory, MemoryEngine, NewMemory } from '../types.ts';
import { createExactIndex } from '../vector/exact.ts';
import { exportMemories } from './export.ts';
import { type ImportProgress, importExported } from './import.ts';
import { readLines } from './line-reader.ts';
import { SNAPSHOT_VERSION } from './snapshot.ts';

vi.setConfig({ testTimeout: 60_000 });

const engines: MemoryEngine[] = [];

async function newEngine(memories: readonly NewMemory[] = []): Promise<MemoryEngine> {
  const engine = await openEngine({
    storage: createMemoryStorage(),
    createIndex: async (dimensions) => createExactIndex(dimensions),
    indexKind: 'exact',
    builtin: createHashingEmbedder(),
  });
  engines.push(engine);
  for (let at = 0; at < memories.length; at += 500) await engine.addMany(memories.slice(at, at + 500));
  return engine;
}

afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
});

function newMemories(count: number): NewMemory[] {
  return Array.from({ length: count }, (_, n) => ({
    content: `Straße ${n} – 🚲 "quoted"\nand more`,
    tags: [`t${n % 3}`],
    metadata: { n, nested: { list: [1, 'two', null] } },
    externalId: `turn-${n}`,
    createdAt: 1_700_000_000_000 + n,
    ...(n % 2 === 0
      ? {}
      : {
          embedding: {
            modelId: 'mine@1',
            space: 'mine',
            vector: Float32Array.from({ length: 12 }, (_unused, i) => Math.sin(n + i)),
          },
        }),
  }));
}

async function fileOf(engine: MemoryEngine): Promise<Blob> {
  return new Response(exportMemories(engine)).blob();
}

async function allOf(engine: MemoryEngine): Promise<readonly Memory[]> {
  const all: Memory[] = [];
  let cursor: string | undefined;
  do {
    const page = await engine.list({ order: 'oldest', limit: 1_000, includeVector: true, cursor });
    all.push(...page.memories);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return all;
}

/** What an export promises to keep. */
function kept({ updatedAt, revision, accessCount, lastAccessedAt, sizeBytes, ...rest }: Memory) {
  return rest;
}

const countOf = async (engine: MemoryEngine) => (await engine.stats()).count;
const linesOf = async (file: Blob) => (await file.text()).split('\n').slice(0, -1);
const fileOfLines = (lines: readonly string[]) => new Blob([lines.map((line) => `${line}\n`).join('')]);

/** The same file given as a stream of small pieces. */
function streamOf(file: Blob, pieceBytes = 700): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull: async (controller) => {
      if (at >= file.size) return controller.close();
      controller.enqueue(new Uint8Array(await file.slice(at, at + pieceBytes).arrayBuffer()));
      at += pieceBytes;
    },
  });
}

/** The engine with some of its verbs replaced. */
function withVerbs(engine: MemoryEngine, verbs: Partial<MemoryEngine>): MemoryEngine {
  return {
    add: (...args) => engine.add(...args),
    addMany: (...args) => engine.addMany(...args),
    get: (...args) => engine.get(...args),
    list: (...args) => engine.list(...args),
    search: (...args) => engine.search(...args),
    update: (...args) => engine.update(...args),
    supersede: (...args) => engine.supersede(...args),
    reinforce: (...args) => engine.reinforce(...args),
    delete: (...args) => engine.delete(...args),
    deleteAll: (...args) => engine.deleteAll(...args),
    history: (id) => engine.history(id),
    related: (...args) => engine.related(...args),
    path: (...args) => engine.path(...args),
    concepts: (...args) => engine.concepts(...args),
    concept: (...args) => engine.concept(...args),
    stats: () => engine.stats(),
    health: () => engine.health(),
    status: () => engine.status(),
    flush: () => engine.flush(),
    subscribe: (listener) => engine.subscribe(listener),
    close: () => engine.close(),
    ...verbs,
  };
}

describe('an exported file', () => {
  it.each([
    ['a file', (file: Blob) => file],
    ['a stream', (file: Blob) => streamOf(file)],
    ['a stream of single bytes', (file: Blob) => streamOf(file, 1)],
  ])('imported as %s gives every memory with fields, vector and order', async (_, given) => {
    const source = await newEngine(newMemories(9));
    const target = await newEngine();
    const result = await importExported(target, given(await fileOf(source)));
    expect(result).toMatchObject({ read: 9, added: 9, skipped: 0, refused: 0, refusals: [] });
    expect((await allOf(target)).map(kept)).toEqual((await allOf(source)).map(kept));
  });

  it('of several pages and batches arrives whole, and is found by its vectors', async () => {
    const count = 2 * Math.max(EXPORT_PAGE, IMPORT_FILE_BATCH) + 7;
    const source = await newEngine(newMemories(count));
    const target = await newEngine();
    expect(await importExported(target, await fileOf(source))).toMatchObject({ added: count });
    const vector = Float32Array.from({ length: 12 }, (_unused, i) => Math.sin(401 + i));
    const { hits } = await target.search('', { embedding: { space: 'mine', vector }, limit: 1 });
    expect(hits[0]?.memory.externalId).toBe('turn-401');
  });

  it('of nothing is imported as nothing', async () => {
    const file = await fileOf(await newEngine());
    expect(await linesOf(file)).toHaveLength(2);
    expect(await importExported(await newEngine(), file)).toMatchObject({ read: 0, added: 0 });
  });

  it('holds those that a filter meets', async () => {
    const source = await newEngine(newMemories(9));
    const stream = exportMemories(source, { filter: { tags: 't1' } });
    const target = await newEngine();
    expect(await importExported(target, stream)).toMatchObject({ added: 3 });
    expect((await allOf(target)).every(({ tags }) => tags.includes('t1'))).toBe(true);
  });

  it('is read page by page, and no further than it is asked for', async () => {
    const source = await newEngine(newMemories(3 * EXPORT_PAGE));
    let pages = 0;
    const counting = withVerbs(source, {
      list: (options) => {
        if (options?.order === 'oldest') pages += 1;
        return source.list(options);
      },
    });
    const stream = exportMemories(counting);
    expect(pages).toBe(0);
    const reader = stream.getReader();
    await reader.read();
    expect(pages).toBeLessThan(3);
    await reader.cancel();
  });

  it('leaves out what is added while it is written, and what is deleted before its page', async () => {
    const source = await newEngine(newMemories(2 * EXPORT_PAGE));
    const all = await allOf(source);
    let isFirst = true;
    const busy = withVerbs(source, {
      list: async (options) => {
        const page = await source.list(options);
        if (options?.order !== 'oldest' || !isFirst) return page;
        isFirst = false;
        await source.add({ content: 'came later' });
        // The newest of the beginning is gone too: it cannot be what the end is known by.
        await source.delete(all.at(-1)?.id ?? '');
        await source.delete(all[EXPORT_PAGE - 1]?.id ?? '');
        return page;
      },
    });
    const target = await newEngine();
    await importExported(target, await fileOf(busy));
    const left = all.filter((_, n) => n !== EXPORT_PAGE - 1 && n !== all.length - 1);
    expect((await allOf(target)).map(({ id }) => id)).toEqual(left.map(({ id }) => id));
  });

  it('tells how far it is, in memories and bytes', async () => {
    const source = await newEngine(newMemories(5));
    const seen: unknown[] = [];
    const file = await new Response(exportMemories(source, { onProgress: (step) => seen.push(step) })).blob();
    expect(seen.at(-1)).toEqual({ memories: 5, total: 5, unreadable: 0, bytes: file.size });
  });

  it('that is stopped fails with ABORTED', async () => {
    const stopper = new AbortController();
    const reader = exportMemories(await newEngine(newMemories(3)), { signal: stopper.signal }).getReader();
    stopper.abort();
    expect(await refusalOf(reader.read())).toMatchObject({ code: 'ABORTED' });
  });
});

describe('an import', () => {
  it('made again adds nothing, and leaves what was changed since', async () => {
    const source = await newEngine(newMemories(5));
    const file = await fileOf(source);
    const target = await newEngine();
    await importExported(target, file);
    const [first] = await allOf(target);
    await target.update(first?.id ?? '', { content: 'changed here' });
    expect(await importExported(target, file)).toMatchObject({ read: 5, added: 0, skipped: 5 });
    expect(await target.get(first?.id ?? '')).toMatchObject({ content: 'changed here' });
    expect(await countOf(target)).toBe(5);
  });

  it('into an empty namespace skips what another tab brings meanwhile', async () => {
    const source = await newEngine(newMemories(2 * IMPORT_FILE_BATCH));
    const file = await fileOf(source);
    const [last] = (await allOf(source)).slice(-1);
    const target = await newEngine();
    let batches = 0;
    const shared = withVerbs(target, {
      addMany: async (memories, options) => {
        batches += 1;
        if (batches === 1) await target.add({ id: last?.id, content: 'brought by another tab' });
        return target.addMany(memories, options);
      },
    });
    const count = 2 * IMPORT_FILE_BATCH;
    expect(await importExported(shared, file)).toMatchObject({ added: count - 1, skipped: 1, refused: 0 });
    expect(await countOf(target)).toBe(count);
    expect(await target.get(last?.id ?? '')).toMatchObject({ content: 'brought by another tab' });
  });

  it('made again after all was forgotten brings all back', async () => {
    const file = await fileOf(await newEngine(newMemories(5)));
    const target = await newEngine();
    await importExported(target, file);
    await target.deleteAll({ everything: true });
    expect(await importExported(target, file)).toMatchObject({ added: 5, skipped: 0 });
    expect(await countOf(target)).toBe(5);
  });

  it('that is a dry run counts and names, and changes nothing', async () => {
    const lines = await linesOf(await fileOf(await newEngine(newMemories(6))));
    const target = await newEngine();
    await importExported(target, fileOfLines(sealed(lines.slice(1, 3))));
    const before = await allOf(target);
    const odd = lines
      .slice(1, -1)
      .map((line, n) => (n === 5 ? line.replace('"importance":0.5', '"importance":7') : line));
    const result = await importExported(target, fileOfLines(sealed(odd)), { dryRun: true });
    expect(result).toMatchObject({ read: 6, added: 3, skipped: 2, refused: 1 });
    expect(result.refusals).toEqual([
      {
        line: 7,
        id: expect.any(String),
        code: 'INVALID_INPUT',
        message: expect.stringContaining('importance'),
      },
    ]);
    expect(await allOf(target)).toEqual(before);
    expect(
      await importExported(target, fileOfLines(sealed(odd)), { resumeFrom: result.resumeToken }),
    ).toMatchObject({ read: 6, added: 3, skipped: 2, refused: 1 });
  });

  it('counts what the engine refuses, names the first, and takes the others', async () => {
    const lines = (await linesOf(await fileOf(await newEngine(newMemories(40))))).slice(1, -1);
    // Two that can be told before, and one whose space the engine knows with other dimensions.
    const broken = lines
      .with(3, (lines[3] ?? '').replace(/"content":"(?:[^"\\]|\\.)*/, '"content":"  '))
      .with(5, (lines[5] ?? '').replace(/"vector":"[^"]+"/, `"vector":"${btoa('\0'.repeat(48))}"`));
    const target = await newEngine([
      { content: 'x', embedding: { modelId: 'mine@1', space: 'other', vector: Float32Array.of(1, 2) } },
    ]);
    const all = broken.with(7, (lines[7] ?? '').replace('"space":"mine"', '"space":"other"'));
    const result = await importExported(target, streamOf(fileOfLines(sealed(all))));
    expect(result).toMatchObject({ read: 40, added: 37, refused: 3 });
    expect(result.refusals.map(({ line, code }) => [line, code])).toEqual([
      [5, 'INVALID_INPUT'],
      [7, 'INVALID_VECTOR'],
      [9, 'INVALID_VECTOR'],
    ]);
    expect(await countOf(target)).toBe(38);
  });

  it('tells how far it is: first the check, then the writing', async () => {
    const file = await fileOf(await newEngine(newMemories(IMPORT_FILE_BATCH + 5)));
    const seen: ImportProgress[] = [];
    await importExported(await newEngine(), file, { onProgress: (step) => seen.push(step) });
    expect([...new Set(seen.map(({ phase }) => phase))]).toEqual(['check', 'write']);
    const end = { memories: IMPORT_FILE_BATCH + 5, bytes: file.size, totalBytes: file.size };
    expect(seen.findLast(({ phase }) => phase === 'check')).toEqual({ phase: 'check', ...end });
    expect(seen.at(-1)).toEqual({ phase: 'write', ...end });
  });

  it('repeats a batch whose outcome is unknown with the same operation id', async () => {
    const file = await fileOf(await newEngine(newMemories(5)));
    const target = await newEngine();
    const ids: (string | undefined)[] = [];
    const shaky = withVerbs(target, {
      addMany: async (memories, options) => {
        ids.push(options?.opId);
        const result = await target.addMany(memories, options);
        if (ids.length === 1) throw new LociError('OUTCOME_UNKNOWN', 'cut off', { retryable: true });
        return result;
      },
    });
    expect(await importExported(shaky, file)).toMatchObject({ added: 5, skipped: 0 });
    expect(ids).toHaveLength(2);
    expect(ids[0]).toBe(ids[1]);
    expect(await countOf(target)).toBe(5);
  });

  it('that failed in the middle goes on from its token, and does not bring back what was deleted since', async () => {
    const count = 3 * IMPORT_FILE_BATCH;
    const file = await fileOf(await newEngine(newMemories(count)));
    for (const given of [() => file, () => streamOf(file, 10_000)]) {
      const target = await newEngine();
      let batches = 0;
      const failing = withVerbs(target, {
        addMany: (memories, options) => {
          batches += 1;
          if (batches > 1) return Promise.reject(new LociError('QUOTA_EXCEEDED', 'full'));
          return target.addMany(memories, options);
        },
      });
      const error = await refusalOf(importExported(failing, given()));
      expect(error).toMatchObject({ code: 'QUOTA_EXCEEDED', details: { read: 200, added: 200 } });
      const [first] = await allOf(target);
      await target.delete(first?.id ?? '');
      const rest = await importExported(target, given(), { resumeFrom: String(error.details?.resumeToken) });
      expect(rest).toMatchObject({ read: count - 200, added: count - 200, skipped: 0 });
      expect(await countOf(target)).toBe(count - 1);
      const end = await importExported(target, given(), { resumeFrom: rest.resumeToken });
      expect(end).toMatchObject({ read: 0, added: 0 });
    }
  });

  it('goes on only with the file that its token is of', async () => {
    const one = await fileOf(await newEngine(newMemories(3)));
    const other = await fileOf(await newEngine(newMemories(3)));
    const { resumeToken } = await importExported(await newEngine(), one);
    const target = await newEngine();
    for (const given of [other, streamOf(other), fileOfLines((await linesOf(other)).slice(0, 2))])
      expect(await refusalOf(importExported(target, given, { resumeFrom: resumeToken }))).toMatchObject({
        code: 'IMPORT_INVALID',
      });
    expect(await refusalOf(importExported(target, one, { resumeFrom: 'x' }))).toMatchObject({
      code: 'INVALID_INPUT',
    });
    expect(await countOf(target)).toBe(0);
  });

  it('that is stopped says where, and goes on from there', async () => {
    const file = await fileOf(await newEngine(newMemories(2 * IMPORT_FILE_BATCH + 1)));
    const target = await newEngine();
    const stopper = new AbortController();
    const onProgress = ({ phase }: ImportProgress) => {
      if (phase === 'write') stopper.abort();
    };
    const error = await refusalOf(importExported(target, file, { signal: stopper.signal, onProgress }));
    expect(error).toMatchObject({ code: 'ABORTED', details: { added: IMPORT_FILE_BATCH } });
    expect(await countOf(target)).toBe(IMPORT_FILE_BATCH);
    const rest = await importExported(target, file, { resumeFrom: String(error.details?.resumeToken) });
    expect(rest.added).toBe(IMPORT_FILE_BATCH + 1);
  });

  it('ends a stream that waits when it is stopped, and one that gives nothing by a deadline', async () => {
    const silent = () => new ReadableStream<Uint8Array>();
    const signal = AbortSignal.timeout(5);
    expect(await refusalOf(importExported(await newEngine(), silent(), { signal }))).toMatchObject({
      code: 'ABORTED',
    });
    const late = readLines(silent(), undefined, 5).next();
    expect(await refusalOf(late)).toMatchObject({ code: 'DEADLINE_EXCEEDED', retryable: true });
  });

  it('refuses options that there are not, so that a misspelt dry run imports nothing', async () => {
    const engine = await newEngine();
    const file = await fileOf(await newEngine(newMemories(3)));
    const misspelt = { dryrun: true } as object;
    expect(await refusalOf(importExported(engine, file, misspelt))).toMatchObject({ code: 'INVALID_INPUT' });
    expect((await engine.list()).total).toBe(0);
    expect(() => exportMemories(engine, misspelt)).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT' }),
    );
  });

  it('refuses what is no source', async () => {
    const engine = await newEngine();
    const used = new ReadableStream<Uint8Array>();
    used.getReader();
    const strings = new ReadableStream({ start: (controller) => controller.enqueue('text') });
    for (const source of [used, strings, 'a path', null])
      expect(await refusalOf(importExported(engine, source as unknown as Blob))).toMatchObject({
        code: 'INVALID_INPUT',
      });
  });
});

/** Lines of memories with header and a right trailer around them. */
function sealed(memories: readonly string[]): string[] {
  const lines = ['{"format":"loci-snapshot","version":3}', ...memories];
  const bytes = new TextEncoder().encode(lines.map((line) => `${line}\n`).join(''));
  return [...lines, JSON.stringify({ end: true, count: memories.length, crc32: slowCrc(bytes) })];
}

/** CRC-32 bit by bit, apart from the library that the code uses. */
function slowCrc(bytes: Uint8Array): string {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (~crc >>> 0).toString(16).padStart(8, '0');
}

describe('a broken file', () => {
  /** A file whose three memories are in lines 2 to 4. */
  const good = async () => linesOf(await fileOf(await newEngine(newMemories(3))));

  async function expectRefused(file: Blob, expected: object): Promise<void> {
    const target = await newEngine();
    const error = await refusalOf(importExported(target, file));
    expect(error).toMatchObject({ code: 'IMPORT_INVALID', ...expected });
    expect(error.hint).toMatch(/^Nothing was changed/);
    expect(await countOf(target)).toBe(0);
    expect(await refusalOf(importExported(target, file, { dryRun: true }))).toMatchObject(expected);
    // As a stream of a few memories it is refused before the first batch is full.
    expect(await refusalOf(importExported(target, streamOf(file)))).toMatchObject(expected);
    expect(await countOf(target)).toBe(0);
  }

  it('has its checksum as gzip would compute it', async () => {
    const lines = await good();
    expect(sealed(lines.slice(1, -1))).toEqual(lines);
  });

  it('of which one byte was changed anywhere is refused', async () => {
    const bytes = new Uint8Array(await fileOfLines(await good()).arrayBuffer());
    const target = await newEngine();
    for (let at = 0; at < bytes.length; at += 97) {
      const changed = bytes.slice();
      changed[at] = (changed[at] ?? 0) ^ 4;
      const error = await refusalOf(importExported(target, new Blob([changed])));
      expect(['IMPORT_INVALID', 'NEWER_FORMAT']).toContain(error.code);
    }
    expect(await countOf(target)).toBe(0);
  });

  it('that was cut off anywhere is refused', async () => {
    const whole = fileOfLines(await good());
    const target = await newEngine();
    // All but the last newline can be missing.
    for (let end = 0; end < whole.size - 1; end += 53)
      expect(await refusalOf(importExported(target, whole.slice(0, end)))).toMatchObject({
        code: 'IMPORT_INVALID',
      });
    expect(await countOf(target)).toBe(0);
    expect(await importExported(target, whole.slice(0, -1))).toMatchObject({ added: 3 });
  });

  it('names the line that is cut', async () => {
    const lines = await good();
    const text = `${lines.slice(0, 3).join('\n')}\n${lines[3]?.slice(0, 40)}`;
    await expectRefused(new Blob([text]), {
      details: { line: 4 },
      message: expect.stringContaining('ends in the middle'),
    });
  });

  it('whose checksum is wrong is refused', async () => {
    const lines = await good();
    const wrong = JSON.stringify({ end: true, count: 3, crc32: '00000000' });
    await expectRefused(fileOfLines(lines.with(-1, wrong)), { message: expect.stringContaining('checksum') });
    const without = JSON.stringify({ end: true, count: 3 });
    await expectRefused(fileOfLines(lines.with(-1, without)), { details: { line: 5 } });
  });

  it('of which two lines were exchanged is refused', async () => {
    const [header = '', one = '', two = '', ...rest] = await good();
    await expectRefused(fileOfLines([header, two, one, ...rest]), { details: { line: 5 } });
  });

  it('without header, with another, or that is something else is refused in its first line', async () => {
    const lines = await good();
    const details = { line: 1 };
    await expectRefused(fileOfLines(lines.slice(1)), { details });
    await expectRefused(new Blob([]), { details });
    await expectRefused(new Blob(['hello']), { details });
    await expectRefused(new Blob(['[{"conversation":{}}]']), { details });
  });

  it('of a newer version is refused as such', async () => {
    const lines = (await good()).with(0, '{"format":"loci-snapshot","version":99,"more":{}}');
    const error = await refusalOf(importExported(await newEngine(), fileOfLines(lines)));
    expect(error).toMatchObject({ code: 'NEWER_FORMAT', details: { supported: SNAPSHOT_VERSION } });
  });

  it('with bytes that are not UTF-8 is refused with their line', async () => {
    const [header = '', first = ''] = await good();
    const bytes = new TextEncoder().encode(`${header}\n${first}\n`);
    bytes[bytes.length - 20] = 0xff;
    await expectRefused(new Blob([bytes]), {
      details: { line: 2 },
      message: expect.stringContaining('UTF-8'),
    });
  });

  it('with a line that never ends is refused before it fills the memory', async () => {
    const endless = new Blob(['{"format":"loci-snapshot","version":2}\n', 'x'.repeat(MAX_LINE_BYTES + 1)]);
    await expectRefused(endless, { details: { line: 2 }, message: expect.stringContaining('longer') });
  });

  it.each(['__proto__', 'constructor', 'prototype'])('with the key %s is refused', async (key) => {
    const memories = (await good()).slice(1, -1);
    const [first = ''] = memories;
    const at = (from: string) =>
      fileOfLines(sealed(memories.with(0, first.replace(from, `${from}"${key}":{},`))));
    await expectRefused(at('{'), { details: { line: 2 } });
    await expectRefused(at('"embedding":{'), { details: { line: 2 } });
    const inMetadata = await importExported(await newEngine(), at('"metadata":{'));
    expect(inMetadata).toMatchObject({ added: 2, refused: 1 });
    expect(({} as { readonly polluted?: unknown }).polluted).toBeUndefined();
  });

  it('with metadata nested a hundred thousand deep, or an id as long, loses that memory only', async () => {
    const memories = (await good()).slice(1, -1);
    const [first = '', second = ''] = memories;
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const odd = [first.replace('"metadata":{', `"metadata":{"deep":${deep},`)];
    odd.push(second.replace(/"id":"[^"]+"/, `"id":"${'x'.repeat(100_000)}"`));
    const result = await importExported(
      await newEngine(),
      fileOfLines(sealed([...odd, ...memories.slice(2)])),
    );
    expect(result).toMatchObject({ added: 1, refused: 2 });
    expect(JSON.stringify(result).length).toBeLessThan(2_000);
  });

  it('as a long stream keeps what came before the break, says where, and goes on from there', async () => {
    const count = 2 * IMPORT_FILE_BATCH + 50;
    const file = await fileOf(await newEngine(newMemories(count)));
    const target = await newEngine();
    const error = await refusalOf(importExported(target, streamOf(file.slice(0, -2_000), 4_000)));
    expect(error).toMatchObject({ code: 'IMPORT_INVALID', details: { added: 2 * IMPORT_FILE_BATCH } });
    expect(error.hint).toContain('400 memories');
    const { resumeToken } = error.details ?? {};
    const rest = await importExported(target, streamOf(file, 4_000), { resumeFrom: String(resumeToken) });
    expect(rest).toMatchObject({ read: 50, added: 50, skipped: 0 });
    expect(await countOf(target)).toBe(count);
  });

  it('whose connection fails says so and that it may be tried again', async () => {
    const file = await fileOf(await newEngine(newMemories(3)));
    const reader = streamOf(file, 100).getReader();
    let pieces = 0;
    const failing = new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        pieces += 1;
        if (pieces > 4) throw new TypeError('network error');
        const { value } = await reader.read();
        if (value !== undefined) controller.enqueue(value);
      },
    });
    const error = await refusalOf(importExported(await newEngine(), failing));
    expect(error).toMatchObject({ code: 'IMPORT_INVALID', retryable: true, details: { added: 0 } });
    expect(error.details?.resumeToken).toEqual(expect.any(String));
  });
});

describe('a file of version 1', () => {
  it('is read, though it has no checksum', async () => {
    const lines = await linesOf(await fileOf(await newEngine(newMemories(3))));
    const old = ['{"format":"loci-snapshot","version":1}', ...lines.slice(1, -1), '{"end":true,"count":3}'];
    expect(await importExported(await newEngine(), fileOfLines(old))).toMatchObject({ added: 3 });
    const mixed = [...old.slice(0, -1), lines.at(-1) ?? ''];
    expect(await refusalOf(importExported(await newEngine(), fileOfLines(mixed)))).toMatchObject({
      code: 'IMPORT_INVALID',
    });
  });
});

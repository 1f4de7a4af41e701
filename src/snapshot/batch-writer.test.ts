/** Imports whose batches fail on the way: what they say is there is there, once. */
import { describe, expect, it } from 'vitest';
import { openTestEngine } from '../engine/engine-test-util.ts';
import { LociError } from '../errors.ts';
import { refusalOf } from '../testing/refusal.ts';
import type { MemoryEngine } from '../types.ts';
import { linesOfChunks } from './chunks.ts';
import { exportMemories } from './export.ts';
import { importExported } from './import.ts';
import { importMemories } from './import-memories.ts';
import { writeMemories } from './memories.ts';

type AddMany = MemoryEngine['addMany'];

/** An engine whose `addMany` is interfered with, call by call (from 1). */
async function interfered(interfere: (call: number, add: () => ReturnType<AddMany>) => ReturnType<AddMany>) {
  const engine = await openTestEngine();
  let calls = 0;
  const addMany: AddMany = (...args) => {
    calls += 1;
    return interfere(calls, () => engine.addMany(...args));
  };
  const { list, status } = engine;
  const flaky = { list: list.bind(engine), status: status.bind(engine), addMany };
  return { flaky, count: async () => (await engine.list()).total };
}

/** Lands, and nobody is told: the first time. */
const unanswered = () =>
  interfered(async (call, add) => {
    const result = await add();
    if (call > 1) return result;
    throw new LociError('OUTCOME_UNKNOWN', 'cut off', { opId: result.opId, retryable: true });
  });

/** Refuses the first batch for one memory in it, and has no room for the second half of it. */
const fullWhenHalved = () =>
  interfered((call, add) => {
    if (call === 1)
      return Promise.reject(new LociError('ALREADY_EXISTS', 'one of them expired and is there'));
    if (call === 3) return Promise.reject(new LociError('QUOTA_EXCEEDED', 'full'));
    return add();
  });

const memories = Array.from({ length: 8 }, (_, i) => ({ content: `memory ${i}` }));

async function exported(): Promise<Blob> {
  const source = await openTestEngine();
  await source.addMany(memories);
  return new Response(exportMemories(source)).blob();
}

describe('a batch whose outcome is unknown', () => {
  it('is written once by importMemories', async () => {
    const { flaky, count } = await unanswered();
    expect(await importMemories(flaky, memories)).toMatchObject({ imported: 8, skipped: 0 });
    expect(await count()).toBe(8);
  });

  it('is written once by importExported', async () => {
    const { flaky, count } = await unanswered();
    expect(await importExported(flaky, await exported())).toMatchObject({ added: 8, skipped: 0 });
    expect(await count()).toBe(8);
  });

  it('is written once by a restore', async () => {
    const { flaky, count } = await unanswered();
    const chunk = new Uint8Array(await (await exported()).arrayBuffer());
    const result = await writeMemories(flaky, [chunk], 8, () => undefined);
    expect(result).toMatchObject({ restored: 8, skipped: 0, refused: 0 });
    expect(await count()).toBe(8);
  });
});

describe('a batch that fails after it was halved', () => {
  it('is counted as far as it is there', async () => {
    const file = await exported();
    const ways = [
      ['imported', (flaky: Flaky) => importMemories(flaky, memories)],
      ['added', (flaky: Flaky) => importExported(flaky, file)],
      [
        'restored',
        async (flaky: Flaky) =>
          writeMemories(flaky, [new Uint8Array(await file.arrayBuffer())], 8, () => undefined),
      ],
    ] as const;
    for (const [name, run] of ways) {
      const { flaky, count } = await fullWhenHalved();
      const error = await refusalOf(run(flaky));
      expect(error.code).toBe('QUOTA_EXCEEDED');
      expect(error.details?.[name]).toBe(4);
      expect(await count()).toBe(4);
    }
  });
});

it('a restore goes on with the others where one memory is refused, and names it', async () => {
  const chunk = new Uint8Array(await (await exported()).arrayBuffer());
  const lines = [...linesOfChunks([chunk])];
  const broken = lines.slice(0, -1).map((line) => line.replace('"memory 3"', '" "'));
  const text = [...broken, '{"end":true,"count":8}'].join('\n').replace(/"version":\d+/, '"version":1');
  const engine = await openTestEngine();
  const result = await writeMemories(engine, [new TextEncoder().encode(`${text}\n`)], 8, () => undefined);
  expect(result).toMatchObject({ restored: 7, refused: 1, refusals: [{ line: 5, code: 'INVALID_INPUT' }] });
  expect((await engine.list()).total).toBe(7);
});

type Flaky = Awaited<ReturnType<typeof interfered>>['flaky'];

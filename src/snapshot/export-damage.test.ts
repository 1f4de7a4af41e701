/** Exports of a namespace of which not everything can be read. */
import { describe, expect, it } from 'vitest';
import { createLastingStorage, openTestEngine } from '../engine/engine-test-util.ts';
import { EXPORT_PAGE } from '../limits.ts';
import { damageText } from '../testing/damage.ts';
import type { MemoryEngine } from '../types.ts';
import { type ExportProgress, exportMemories } from './export.ts';
import { importExported } from './import.ts';

/** An engine with `count` memories, of which those with these numbers have lost their contents. */
async function damagedEngine(count: number, lost: readonly number[]): Promise<MemoryEngine> {
  const storage = createLastingStorage();
  const engine = await openTestEngine({ storage });
  const text = (n: number) => `memory number <${n}>`;
  await engine.addMany(Array.from({ length: count }, (_, n) => ({ content: text(n) })));
  await engine.close();
  for (const n of lost) await damageText(storage, 'content/', text(n));
  return openTestEngine({ storage });
}

async function exportOf(engine: MemoryEngine) {
  let progress: ExportProgress | undefined;
  const stream = exportMemories(engine, {
    onProgress: (now) => {
      progress = now;
    },
  });
  const file = await new Response(stream).text();
  const lines = file.trim().split('\n');
  return { file, progress, end: JSON.parse(lines.at(-1) ?? '') as unknown, memories: lines.length - 2 };
}

describe('an export of memories that have lost their contents', () => {
  it.each([
    ['the newest', [4]],
    ['the oldest', [0]],
    ['the newest and others', [1, 3, 4]],
  ])('holds all others and says how many are missing: %s', async (_, lost) => {
    const { file, progress, end, memories } = await exportOf(await damagedEngine(5, lost));
    expect(memories).toBe(5 - lost.length);
    expect(end).toMatchObject({ count: 5 - lost.length, unreadable: lost.length });
    expect(progress).toMatchObject({ memories: 5 - lost.length, total: 5, unreadable: lost.length });
    const { added } = await importExported(await openTestEngine(), new Blob([file]));
    expect(added).toBe(5 - lost.length);
  });

  it('goes on behind a whole page of them', async () => {
    const lost = Array.from({ length: EXPORT_PAGE }, (_, n) => EXPORT_PAGE + n);
    const { end } = await exportOf(await damagedEngine(3 * EXPORT_PAGE, lost));
    expect(end).toMatchObject({ count: 2 * EXPORT_PAGE, unreadable: EXPORT_PAGE });
  });

  it('says so where none can be read', async () => {
    const { end } = await exportOf(await damagedEngine(2, [0, 1]));
    expect(end).toMatchObject({ count: 0, unreadable: 2 });
  });

  it('says nothing of it where all can be read', async () => {
    const { end } = await exportOf(await damagedEngine(2, []));
    expect(end).not.toHaveProperty('unreadable');
  });
});

it('a page tells the ids of the memories that are missing from it', async () => {
  const engine = await damagedEngine(3, [1]);
  const { memories, unreadable, total } = await engine.list();
  expect([memories.length, unreadable?.length, total]).toEqual([2, 1, 3]);
  expect(memories.map(({ id }) => id)).not.toContain(unreadable?.[0]);
});

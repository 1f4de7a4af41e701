/** The list of memories: pages, search, and forgetting. */

import { batch } from '@preact/signals';
import type { Filter, MemoryEngine, MemoryKind } from '../../src/types.ts';
import { utcOffsetMinutes } from '../describe.ts';
import { relevantHits } from '../relevance.ts';
import { repeatUnknown } from '../repeat.ts';
import { type App, type ListView, report } from '../state.ts';
import { clearTranscript } from './transcript.ts';
import { tracked } from './writes.ts';

/** Memories on one page. */
export const PAGE_SIZE = 20;
/** Pause in typing before a search starts, ms. */
const TYPING_PAUSE_MS = 180;

let latest = 0;
let typing: ReturnType<typeof setTimeout> | undefined;

/** Reads the page on display anew; of several calls at once, the last one shows. */
export async function refreshList(app: App): Promise<void> {
  const { state } = app;
  const engine = state.engine.value;
  if (engine === undefined) return;
  latest += 1;
  const mine = latest;
  const text = state.listText.value.trim();
  const filter = state.listKind.value === 'all' ? undefined : { kind: state.listKind.value };
  const cursors = state.listCursors.value;
  const view =
    text === '' ? await readPage(engine, filter, cursors) : await searchMemories(engine, text, filter);
  if (mine !== latest || state.engine.value !== engine) return;
  if (view.rows.length === 0 && cursors.length > 0) return showFirstPage(app);
  state.list.value = view;
}

async function readPage(
  engine: MemoryEngine,
  filter: Filter | undefined,
  cursors: readonly string[],
): Promise<ListView> {
  const page = await engine.list({ filter, limit: PAGE_SIZE, cursor: cursors.at(-1) });
  return {
    rows: page.memories.map((memory) => ({ memory })),
    total: page.total,
    offset: cursors.length * PAGE_SIZE,
    nextCursor: page.nextCursor,
  };
}

async function searchMemories(
  engine: MemoryEngine,
  text: string,
  filter: Filter | undefined,
): Promise<ListView> {
  const { hits, plan } = await engine.search(text, {
    filter,
    limit: PAGE_SIZE,
    utcOffsetMinutes: utcOffsetMinutes(),
  });
  const asked = { query: text, times: plan.times };
  const rows = relevantHits(hits, asked).map(({ memory, score }) => ({ memory, score }));
  return { rows, total: rows.length, offset: 0 };
}

/** Searches when the typing pauses. */
export function searchList(app: App, text: string): void {
  app.state.listText.value = text;
  clearTimeout(typing);
  typing = setTimeout(() => void show(app), TYPING_PAUSE_MS);
}

export function filterList(app: App, kind: MemoryKind | 'all'): void {
  batch(() => {
    app.state.listKind.value = kind;
    app.state.listCursors.value = [];
  });
  void show(app);
}

export function showNextPage(app: App): void {
  const { nextCursor } = app.state.list.value;
  if (nextCursor === undefined) return;
  app.state.listCursors.value = [...app.state.listCursors.value, nextCursor];
  void show(app);
}

export function showPreviousPage(app: App): void {
  app.state.listCursors.value = app.state.listCursors.value.slice(0, -1);
  void show(app);
}

function showFirstPage(app: App): Promise<void> {
  app.state.listCursors.value = [];
  return refreshList(app);
}

async function show(app: App): Promise<void> {
  await refreshList(app).catch((error: unknown) => report(app, error));
}

/** Forgets one memory. */
export async function forget(app: App, id: string): Promise<void> {
  const engine = app.state.engine.value;
  if (engine === undefined) return;
  try {
    await tracked(app, () => repeatUnknown((options) => engine.delete(id, options)));
    await refreshList(app);
  } catch (error) {
    report(app, error);
  }
}

/** Forgets all memories of the namespace, and the chat log with them. */
export async function forgetAll(app: App): Promise<void> {
  const engine = app.state.engine.value;
  if (engine === undefined) return;
  try {
    const { held } = await tracked(app, () =>
      repeatUnknown((options) => engine.deleteAll({ everything: true }, options)),
    );
    clearTranscript(app);
    if (held > 0) report(app, `${held} memories are on legal hold and were kept.`);
    await showFirstPage(app);
  } catch (error) {
    report(app, error);
  }
}

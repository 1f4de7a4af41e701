/** Exports all memories to a file, and imports such a file: first a dry run, then what it found if that is wanted. */

import { toLociError } from '../../src/errors.ts';
import { messageWithLine } from '../describe.ts';
import { type App, IDLE, type ImportCounts, type OnProgress, patch, report } from '../state.ts';
import { refresh } from './session.ts';
import { noteWrite } from './writes.ts';

/** Bytes of a file that are read to see what it is: its first line is shorter. */
const FIRST_LINE_BYTES = 200;
/** After which the address of a file that was handed to the browser is given back, ms: it is saved by then. */
const DOWNLOAD_MS = 60_000;

/** Whether a file is one that was exported, by its first line; also where it is of a later version. */
export async function isExported(file: Blob): Promise<boolean> {
  const [line = ''] = (await file.slice(0, FIRST_LINE_BYTES).text()).split('\n');
  return /^\s*\{\s*"format"\s*:\s*"loci-snapshot"/.test(line);
}

/** Exports the namespace and gives the file to the browser to save. */
export async function exportToFile(app: App): Promise<void> {
  const { state, services } = app;
  const engine = state.engine.value;
  if (engine === undefined || state.exporting.value.phase === 'running') return;
  state.exporting.value = { phase: 'running', label: 'Exporting', done: 0, total: 0 };
  try {
    let count = 0;
    let missing = 0;
    const stream = services.exportMemories(engine, (done, total, unreadable) => {
      count = done;
      missing = unreadable;
      patch(state.exporting, { done, total });
    });
    const file = await new Response(stream).blob();
    const name = fileName(state.settings.value.namespace, new Date());
    save(file, name);
    const lost = missing === 0 ? '' : ` ${missing} are not in it: their contents are lost.`;
    patch(state.exporting, { phase: 'done', label: `Exported ${count} memories to ${name}.${lost}` });
  } catch (error) {
    patch(state.exporting, { phase: 'failed', label: 'Exporting failed.' });
    report(app, error);
  }
}

/** Reads an exported file to its end and says what importing it would do; nothing is written. */
export async function examineExported(app: App, file: File): Promise<void> {
  const { state, services } = app;
  const engine = state.engine.value;
  if (engine === undefined) return;
  state.incoming.value = undefined;
  begin(app, `Checking ${file.name}`);
  try {
    const found = await services.importExported(engine, file, { isDryRun: true, onProgress: kilobytes(app) });
    patch(state.importing, { phase: 'done', label: `${file.name}: ${wouldBe(found)}.` });
    if (found.added > 0) state.incoming.value = { file, added: found.added };
  } catch (error) {
    fail(app, error);
  }
}

/** Imports the file that was examined. */
export async function importIncoming(app: App): Promise<void> {
  const { state, services } = app;
  const engine = state.engine.value;
  const incoming = state.incoming.value;
  if (engine === undefined || incoming === undefined) return;
  const { file } = incoming;
  state.incoming.value = undefined;
  begin(app, `Importing ${file.name}`);
  try {
    const done = await services.importExported(engine, file, { isDryRun: false, onProgress: kilobytes(app) });
    const rest = `${skippedText(done)}${refusedText(done)}`;
    const label = `Imported ${done.added} memories from ${file.name}${rest}.`;
    patch(state.importing, { phase: 'done', label });
    if (done.added > 0) noteWrite(state, state.status.value?.durability ?? 'accepted');
  } catch (error) {
    fail(app, error);
  }
  await refresh(app);
}

/** Does nothing with the file that was examined. */
export function dismissIncoming({ state }: App): void {
  state.incoming.value = undefined;
  state.importing.value = IDLE;
}

function begin({ state }: App, label: string): void {
  state.importing.value = { phase: 'running', label: `${label}, KB`, done: 0, total: 0 };
}

function kilobytes({ state }: App): OnProgress {
  return (done, total) =>
    patch(state.importing, { done: Math.ceil(done / 1_024), total: Math.ceil(total / 1_024) });
}

function wouldBe(counts: ImportCounts): string {
  return `${counts.added} memories would be added${skippedText(counts)}${refusedText(counts)}`;
}

function skippedText({ skipped }: ImportCounts): string {
  return skipped === 0 ? '' : `, skipped ${skipped} already here`;
}

function refusedText({ refused, refusals }: ImportCounts): string {
  const [first] = refusals;
  return first === undefined ? '' : `, refused ${refused} (line ${first.line}: ${first.message})`;
}

function fileName(namespace: string, now: Date): string {
  const plain = namespace.replaceAll(/[^\p{L}\p{N}._-]+/gu, '-');
  return `loci-${plain}-${now.toISOString().slice(0, 10)}.ndjson`;
}

function save(file: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), DOWNLOAD_MS);
}

function fail(app: App, caught: unknown): void {
  const error = toLociError(caught, 'IMPORT_INVALID');
  patch(app.state.importing, { phase: 'failed', label: messageWithLine(error) });
  report(app, error);
}

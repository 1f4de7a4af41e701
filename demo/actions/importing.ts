/** Reads files that are to be imported: conversations, and what was exported. */

import { LociError, toLociError } from '../../src/errors.ts';
import { MAX_IMPORT_BYTES } from '../../src/limits.ts';
import { messageWithLine } from '../describe.ts';
import { type App, IDLE, patch, report } from '../state.ts';
import { refresh } from './session.ts';
import { examineExported, isExported } from './transfer.ts';
import { noteWrite } from './writes.ts';

/** Questions of an imported conversation offered in the chat. */
const MAX_SUGGESTIONS = 4;

/**
 * Reads the files; a single conversation is imported at once, of several the user chooses. An exported
 * file is examined first, and imported when the user wants what it would bring.
 */
export async function readFiles(app: App, files: readonly File[]): Promise<void> {
  const { state, services } = app;
  if (files.length === 0 || state.importing.value.phase === 'running') return;
  state.panel.value = 'import';
  state.importing.value = IDLE;
  state.conversations.value = [];
  state.incoming.value = undefined;
  try {
    const exported = await exportedOf(files);
    if (exported !== undefined) return await examineExported(app, exported);
    const read = await Promise.all(
      files.map(async (file) => services.parseConversations(await textOf(file))),
    );
    const conversations = read.flat();
    if (conversations.length === 0) {
      throw new LociError('IMPORT_INVALID', 'There is no conversation in this file.');
    }
    state.conversations.value = conversations;
    if (conversations.length === 1) await runImport(app, 'all');
  } catch (error) {
    fail(app, error);
  }
}

/** Imports one of the conversations that were read, by its place, or all. */
export async function runImport(app: App, which: number | 'all'): Promise<void> {
  const { state, services } = app;
  const engine = state.engine.value;
  const chosen = state.conversations.value.filter((_, at) => which === 'all' || at === which);
  const memories = chosen.flatMap((conversation) => conversation.memories);
  if (engine === undefined || memories.length === 0) return;
  const name = chosen.length === 1 ? (chosen[0]?.name ?? '') : `${chosen.length} conversations`;
  state.importing.value = { phase: 'running', label: `Importing ${name}`, done: 0, total: memories.length };
  try {
    const { imported, skipped } = await services.importMemories(engine, memories, (done, total) =>
      patch(state.importing, { done, total }),
    );
    const rest = skipped === 0 ? '' : `, skipped ${skipped} already known`;
    patch(state.importing, { phase: 'done', label: `Imported ${imported} memories from ${name}${rest}.` });
    const questions = new Set(chosen.flatMap((conversation) => conversation.questions));
    state.suggestions.value = [...questions].slice(0, MAX_SUGGESTIONS);
    if (imported > 0) noteWrite(state, state.status.value?.durability ?? 'accepted');
  } catch (error) {
    fail(app, error);
  }
  await refresh(app);
}

/** The exported file, where there is one; it is read apart from others. */
async function exportedOf(files: readonly File[]): Promise<File | undefined> {
  const kinds = await Promise.all(files.map(isExported));
  const exported = files.find((_, at) => kinds[at]);
  if (exported === undefined || files.length === 1) return exported;
  throw new LociError('INVALID_INPUT', `${exported.name} was exported: it is imported alone.`, {
    hint: 'Choose one exported file at a time.',
  });
}

async function textOf(file: File): Promise<string> {
  if (file.size > MAX_IMPORT_BYTES) {
    throw new LociError(
      'PAYLOAD_TOO_LARGE',
      `${file.name} is larger than ${MAX_IMPORT_BYTES / 2 ** 20} MB.`,
      {
        hint: 'Split the file and import the parts.',
      },
    );
  }
  return await file.text();
}

function fail(app: App, caught: unknown): void {
  const error = toLociError(caught, 'IMPORT_INVALID');
  patch(app.state.importing, { phase: 'failed', label: messageWithLine(error) });
  report(app, error);
}

/** Keeps the chat log over a reload of this tab, and takes out of it what was forgotten. */

import type { Feedback } from '../../src/types.ts';
import type { App, ChatTurn } from '../state.ts';
import { nextId } from '../state.ts';

/** Turns kept for a reload. */
const KEPT_TURNS = 40;
const FORGOTTEN = '(forgotten)';
const FORGOTTEN_ANSWER = '(This answer quoted a memory that was forgotten.)';

/** Keeps the log of this tab. */
export function keepTranscript(app: App): void {
  try {
    const done = app.state.turns.value.filter(({ state }) => state !== 'pending').slice(-KEPT_TURNS);
    sessionStorage.setItem(keyOf(app), JSON.stringify(done));
  } catch {
    // a full or forbidden storage only costs the log after a reload
  }
}

/** Brings the log back; what was forgotten in the meantime stays forgotten. */
export async function restoreTranscript(app: App): Promise<void> {
  const engine = app.state.engine.value;
  const kept = readKept(keyOf(app)).map((turn) => ({ ...turn, id: nextId() }));
  app.state.turns.value = kept;
  if (engine === undefined) return;
  const ids = [...new Set(kept.flatMap(idsOf))];
  const found = await Promise.all(ids.map((id) => engine.get(id).catch(() => null)));
  const gone = ids.filter((_, at) => found[at] === null);
  if (app.state.engine.value !== engine) return;
  const told = new Map(found.flatMap((memory) => (memory === null ? [] : [[memory.id, memory.feedback]])));
  app.state.turns.value = app.state.turns.value.map((turn) => withFeedback(turn, told));
  if (gone.length > 0) scrubTranscript(app, new Set(gone));
}

/** Takes forgotten memories out of the log, quotes of them included. */
export function scrubTranscript(app: App, gone: ReadonlySet<string>): void {
  const { turns } = app.state;
  if (!turns.value.some((turn) => idsOf(turn).some((id) => gone.has(id)))) return;
  turns.value = turns.value.map((turn) => scrub(turn, gone));
  keepTranscript(app);
}

/** A turn with what is now known of the use of the memories it recalled. */
export function withFeedback(turn: ChatTurn, told: ReadonlyMap<string, Feedback | undefined>): ChatTurn {
  const { recall } = turn;
  if (recall === undefined || !recall.hits.some(({ id }) => told.has(id))) return turn;
  const hits = recall.hits.map((hit) =>
    told.has(hit.id) ? { ...hit, memory: { ...hit.memory, feedback: told.get(hit.id) } } : hit,
  );
  return { ...turn, recall: { ...recall, hits } };
}

/** Empties the log. */
export function clearTranscript(app: App): void {
  app.state.turns.value = app.state.turns.value.filter(({ state }) => state === 'pending');
  keepTranscript(app);
}

/** A turn without what it says of the memories that are gone. */
export function scrub(turn: ChatTurn, gone: ReadonlySet<string>): ChatTurn {
  if (turn.memoryId !== undefined && gone.has(turn.memoryId)) {
    return { ...turn, text: FORGOTTEN, memoryId: undefined, durability: undefined };
  }
  const { recall } = turn;
  const hits = recall?.hits.filter(({ id }) => !gone.has(id));
  if (recall === undefined || hits === undefined || hits.length === recall.hits.length) return turn;
  return { ...turn, text: FORGOTTEN_ANSWER, recall: { ...recall, hits } };
}

function idsOf({ memoryId, recall }: ChatTurn): string[] {
  return [...(memoryId === undefined ? [] : [memoryId]), ...(recall?.hits ?? []).map(({ id }) => id)];
}

function keyOf({ state }: App): string {
  return `loci-demo:log:${state.settings.value.namespace}`;
}

function readKept(key: string): ChatTurn[] {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(key) ?? '[]');
    return Array.isArray(kept) ? (kept as ChatTurn[]) : [];
  } catch {
    return []; // an unreadable log is no log
  }
}

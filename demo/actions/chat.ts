/** Sends a message through the agent and shows in the log what happens with it. */

import { toLociError } from '../../src/errors.ts';
import { type AgentEvent, handleMessage, isStopped } from '../agent.ts';
import { createLocalResponder, type LocalResponder } from '../responders/local.ts';
import { createOpenAiResponder } from '../responders/openai.ts';
import { createQuotingResponder } from '../responders/quoting.ts';
import type { HistoryTurn, Responder } from '../responders/responder.ts';
import { findModel } from '../settings.ts';
import { type App, type ChatTurn, nextId, report } from '../state.ts';
import { keepTranscript } from './transcript.ts';
import { noteWrite } from './writes.ts';

/** Pause between two words of a quote, ms: seen to be written, and done within half a second. */
const WORD_PAUSE_MS = 12;
const LOCAL_DTYPE = 'q8';
/** Key under which the endpoint's API key is kept, in this tab only. */
export const API_KEY = 'loci-demo:api-key';

const quoting = createQuotingResponder(WORD_PAUSE_MS);
let local: { readonly key: string; readonly responder: LocalResponder } | undefined;
let current: AbortController | undefined;

/** Sends a message; one at a time. */
export async function send(app: App, text: string): Promise<void> {
  const { state } = app;
  const engine = state.engine.value;
  if (engine === undefined || state.isAnswering.value || text.trim() === '') return;
  const history = historyOf(state.turns.value);
  const user = addTurn(app, { role: 'user', text: text.trim(), state: 'done' });
  const answer = addTurn(app, { role: 'assistant', text: '', state: 'pending' });
  current = new AbortController();
  const { signal } = current;
  state.isAnswering.value = true;
  state.suggestions.value = [];
  try {
    const responder = await responderFor(app);
    const parts = { engine, responder, fallback: quoting, sessionId: app.sessionId };
    for await (const event of handleMessage(parts, { text: text.trim(), history, signal })) {
      showEvent(app, event, user, answer);
    }
    changeTurn(app, answer, () => ({ state: 'done' }));
  } catch (error) {
    if (!isStopped(error)) report(app, error);
    changeTurn(app, answer, () => failure(error));
  } finally {
    state.isAnswering.value = false;
    state.modelProgress.value = undefined;
    keepTranscript(app);
  }
}

/** Stops the answer that is being written. */
export function stop(): void {
  current?.abort();
}

function showEvent(app: App, event: AgentEvent, user: number, answer: number): void {
  if (event.type === 'stored') {
    const { id, durability } = event.result;
    noteWrite(app.state, durability);
    changeTurn(app, user, () => ({ memoryId: id, durability }));
  } else if (event.type === 'recalled') {
    const { ms, embedMs, plan } = event.result;
    const { considered, degraded, times } = plan;
    const recall = { hits: event.hits, ms, embedMs, considered, degraded, times };
    changeTurn(app, answer, () => ({ recall }));
  } else if (event.type === 'piece') {
    changeTurn(app, answer, ({ text }) => ({ text: text + event.text, responder: event.responder }));
  } else {
    report(app, event.error);
    changeTurn(app, answer, () => ({
      text: '',
      note: 'The chosen responder failed; the built-in one answers.',
    }));
  }
}

function failure(error: unknown): Partial<ChatTurn> {
  if (isStopped(error)) return { state: 'stopped' };
  return { state: 'failed', note: toLociError(error).message };
}

function addTurn({ state }: App, turn: Omit<ChatTurn, 'id'>): number {
  const id = nextId();
  state.turns.value = [...state.turns.value, { ...turn, id }];
  return id;
}

function changeTurn({ state }: App, id: number, change: (turn: ChatTurn) => Partial<ChatTurn>): void {
  state.turns.value = state.turns.value.map((turn) => (turn.id === id ? { ...turn, ...change(turn) } : turn));
}

function historyOf(turns: readonly ChatTurn[]): HistoryTurn[] {
  return turns
    .filter(({ state, text }) => state === 'done' && text !== '')
    .map(({ role, text }) => ({ role, text }));
}

async function responderFor(app: App): Promise<Responder> {
  const settings = app.state.settings.value;
  if (settings.responder !== 'local') closeLocal();
  if (settings.responder === 'builtin') return quoting;
  if (settings.responder === 'openai') {
    const key = sessionStorage.getItem(API_KEY) ?? undefined;
    return createOpenAiResponder({ url: settings.endpointUrl, model: settings.endpointModel, key });
  }
  const key = `${settings.models} ${settings.localModel}`;
  if (local?.key === key) return local.responder;
  closeLocal();
  const baseUrl = await findModel(settings, settings.localModel, app.services);
  const wasmUrl = new URL(app.services.wasmUrl, app.services.pageUrl).href;
  const config = { model: settings.localModel, baseUrl, dtype: LOCAL_DTYPE, wasmUrl };
  const responder = createLocalResponder(config, (progress) => {
    app.state.modelProgress.value = progress < 1 ? progress : undefined;
  });
  local = { key, responder };
  return responder;
}

function closeLocal(): void {
  local?.responder.close();
  local = undefined;
}

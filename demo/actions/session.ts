/** Opens the engine for the settings, keeps the page in step with it, and opens another when they change. */

import { batch } from '@preact/signals';
import type { EngineEvent, MemoryEngine } from '../../src/types.ts';
import { engineConfig, keepSettings, type Settings, withoutChanged } from '../settings.ts';
import { type App, IDLE, report } from '../state.ts';
import { refreshList } from './memories.ts';
import { restoreTranscript, scrubTranscript } from './transcript.ts';

/** Changes come in bursts (an import); the list and the numbers follow at most this often, ms. */
const REFRESH_PAUSE_MS = 120;

let opening: Promise<void> = Promise.resolve();
let unsubscribe: () => void = () => undefined;

/** Opens the engine; a second call waits for the first, and closes what it opened. */
export function openSession(app: App): Promise<void> {
  opening = opening.then(() => reopen(app));
  return opening;
}

/** Takes over changed settings; opens another engine only where they concern it. */
export async function applySettings(app: App, settings: Settings): Promise<void> {
  const before = app.state.settings.value;
  app.state.settings.value = settings;
  keepSettings(settings, localStore());
  history.replaceState(null, '', `${location.pathname}${withoutChanged(location.search, settings)}`);
  const isOther = (['namespace', 'embedder', 'models', 'storage', 'index'] as const).some(
    (name) => before[name] !== settings[name],
  );
  if (isOther || app.state.opening.value === 'failed') await openSession(app);
}

/** The storage for settings; undefined where the browser forbids it. */
export function localStore(): Storage | undefined {
  try {
    return localStorage;
  } catch {
    return undefined;
  }
}

async function reopen(app: App): Promise<void> {
  const { state, services } = app;
  unsubscribe();
  await state.engine.value?.close().catch((error: unknown) => report(app, error));
  batch(() => {
    state.engine.value = undefined;
    state.status.value = undefined;
    state.stats.value = undefined;
    state.opening.value = 'opening';
    state.lastWrite.value = 'none';
    state.list.value = { rows: [], total: 0, offset: 0 };
    state.listCursors.value = [];
    state.importing.value = IDLE;
    state.incoming.value = undefined;
    state.exporting.value = IDLE;
    state.backup.value = IDLE;
  });
  try {
    const engine = await services.openMemory(await engineConfig(state.settings.value, services));
    await follow(app, engine);
  } catch (error) {
    state.opening.value = 'failed';
    report(app, error);
  }
}

async function follow(app: App, engine: MemoryEngine): Promise<void> {
  const { state } = app;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const onEvent = (event: EngineEvent) => {
    if (event.type === 'status') {
      const before = state.status.value?.backgroundError;
      state.status.value = event.status;
      const { backgroundError } = event.status;
      if (backgroundError !== undefined && backgroundError !== before) report(app, backgroundError);
      return;
    }
    const gone = event.operations.filter(({ type }) => type === 'delete').map(({ id }) => id);
    if (gone.length > 0) scrubTranscript(app, new Set(gone));
    timer ??= setTimeout(() => {
      timer = undefined;
      void refresh(app);
    }, REFRESH_PAUSE_MS);
  };
  const end = engine.subscribe(onEvent);
  // What other tabs changed while this one was hidden was not told where its worker had been ended.
  const onShown = () => void (document.visibilityState === 'visible' ? refresh(app) : undefined);
  document.addEventListener('visibilitychange', onShown);
  unsubscribe = () => {
    end();
    document.removeEventListener('visibilitychange', onShown);
    clearTimeout(timer);
  };
  state.status.value = await engine.status();
  state.engine.value = engine;
  state.opening.value = 'open';
  await Promise.all([refresh(app), restoreTranscript(app)]);
}

/** Reads the numbers and the list anew. */
export async function refresh(app: App): Promise<void> {
  const engine = app.state.engine.value;
  if (engine === undefined) return;
  try {
    const [stats] = await Promise.all([engine.stats(), refreshList(app)]);
    if (app.state.engine.value === engine) app.state.stats.value = stats;
  } catch (error) {
    if (app.state.engine.value === engine) report(app, error);
  }
}

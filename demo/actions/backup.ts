/** Backs the namespace up to an edge, and restores it from there. */

import type { App } from '../state.ts';
import { patch, report } from '../state.ts';
import { applySettings, refresh } from './session.ts';
import { noteWrite } from './writes.ts';

/** Key under which the edge's token is kept, in this tab only. */
export const EDGE_TOKEN = 'loci-demo:edge-token';

/** Runs a backup or a restore against the edge given. */
export async function runBackup(
  app: App,
  kind: 'backUp' | 'restore',
  edgeUrl: string,
  token: string,
): Promise<void> {
  const { state, services } = app;
  const engine = state.engine.value;
  if (engine === undefined || state.backup.value.phase === 'running') return;
  const label = kind === 'backUp' ? 'Backing up' : 'Restoring';
  state.backup.value = { phase: 'running', label, done: 0, total: 0 };
  try {
    sessionStorage.setItem(EDGE_TOKEN, token);
    await applySettings(app, { ...state.settings.value, edgeUrl });
    const { namespace } = state.settings.value;
    const edge = services.connectEdge(edgeUrl, token);
    const said = await edge[kind](engine, namespace, (done, total) => patch(state.backup, { done, total }));
    patch(state.backup, { phase: 'done', label: said });
    if (kind === 'restore') noteWrite(state, state.status.value?.durability ?? 'accepted');
  } catch (error) {
    patch(state.backup, { phase: 'failed', label: `${label} failed.` });
    report(app, error);
  }
  await refresh(app);
}

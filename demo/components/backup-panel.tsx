/** Backing up to the edge and restoring from it, and exporting to a file. */

import { useSignal } from '@preact/signals';
import { EDGE_TOKEN, runBackup } from '../actions/backup.ts';
import { exportToFile } from '../actions/transfer.ts';
import type { App } from '../state.ts';
import { WorkLine } from './work-line.tsx';

export function BackupPanel({ app }: { readonly app: App }) {
  const { backup, exporting, settings, opening } = app.state;
  const url = useSignal(settings.value.edgeUrl);
  const token = useSignal(sessionStorage.getItem(EDGE_TOKEN) ?? '');
  const isBusy = backup.value.phase === 'running' || opening.value !== 'open';
  return (
    <>
      <h2>Backup</h2>
      <p>A backup of this namespace is kept by your own Cloudflare Worker. The token stays in this tab.</p>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void runBackup(app, 'backUp', url.value, token.value);
        }}
      >
        <label>
          Edge URL
          <input
            type="url"
            required
            value={url.value}
            onInput={({ currentTarget }) => {
              url.value = currentTarget.value;
            }}
          />
        </label>
        <label>
          Access token
          <input
            type="password"
            autocomplete="off"
            value={token.value}
            onInput={({ currentTarget }) => {
              token.value = currentTarget.value;
            }}
          />
        </label>
        <div class="buttons">
          <button type="submit" class="primary" disabled={isBusy}>
            Back up
          </button>
          <button
            type="button"
            disabled={isBusy}
            onClick={() => void runBackup(app, 'restore', url.value, token.value)}
          >
            Restore the latest
          </button>
        </div>
      </form>
      <WorkLine work={backup.value} name="Backup" />
      <h3>To a file</h3>
      <p>
        The file holds all memories of this namespace with their vectors, as lines of JSON that anyone can
        read. Import brings them back, here or in another browser.
      </p>
      <div class="buttons">
        <button
          type="button"
          disabled={exporting.value.phase === 'running' || opening.value !== 'open'}
          onClick={() => void exportToFile(app)}
        >
          Export to a file
        </button>
      </div>
      <WorkLine work={exporting.value} name="Export" />
    </>
  );
}

/** Importing conversations and exported files: choose a file, choose what of it, see what came of it. */

import { useSignal } from '@preact/signals';
import { readFiles, runImport } from '../actions/importing.ts';
import { dismissIncoming, importIncoming } from '../actions/transfer.ts';
import type { App } from '../state.ts';
import { WorkLine } from './work-line.tsx';

/** Takes the files out of an input, so that the same file can be chosen again. */
function take(input: HTMLInputElement): File[] {
  const files = [...(input.files ?? [])];
  input.value = '';
  return files;
}

export function ImportPanel({ app }: { readonly app: App }) {
  const { importing, conversations, incoming, opening } = app.state;
  const isBusy = importing.value.phase === 'running' || opening.value !== 'open';
  return (
    <>
      <h2>Import</h2>
      <p>
        Drop a conversation file anywhere on this page, or choose one. It is JSON in the shape of the LoCoMo
        data set, read here in the browser, or a file that was exported from here or another browser. What is
        already known is skipped.
      </p>
      <label class="file">
        <input
          type="file"
          class="visually-hidden"
          aria-label="Conversation file or exported file"
          multiple
          disabled={isBusy}
          onChange={({ currentTarget }) => void readFiles(app, take(currentTarget))}
        />
        <span class="button" aria-hidden="true">
          Choose a file …
        </span>
      </label>
      {conversations.value.length > 1 ? <Choice app={app} isBusy={isBusy} /> : null}
      <WorkLine work={importing.value} name="Import" />
      {incoming.value === undefined ? null : (
        <div class="buttons">
          <button type="button" class="primary" disabled={isBusy} onClick={() => void importIncoming(app)}>
            Import {incoming.value.added} memories
          </button>
          <button type="button" disabled={isBusy} onClick={() => dismissIncoming(app)}>
            Cancel
          </button>
        </div>
      )}
    </>
  );
}

function Choice({ app, isBusy }: { readonly app: App; readonly isBusy: boolean }) {
  const { conversations } = app.state;
  const chosen = useSignal('all');
  const total = conversations.value.reduce((sum, { memories }) => sum + memories.length, 0);
  return (
    <div class="choice">
      <label>
        Conversation
        <select
          value={chosen.value}
          onChange={({ currentTarget }) => {
            chosen.value = currentTarget.value;
          }}
        >
          <option value="all">
            All {conversations.value.length} ({total} memories)
          </option>
          {conversations.value.map(({ name, memories }, at) => (
            <option key={at} value={String(at)}>
              {name} ({memories.length})
            </option>
          ))}
        </select>
      </label>
      <button
        type="button"
        class="primary"
        disabled={isBusy}
        onClick={() => void runImport(app, chosen.value === 'all' ? 'all' : Number(chosen.value))}
      >
        Import
      </button>
    </div>
  );
}

/** What is to be done about the storage: restore what was evicted, make room, reload a tab that was overtaken. */

import { describeLimits } from '../describe.ts';
import type { App, PanelName } from '../state.ts';

export function StorageHints({ app }: { readonly app: App }) {
  const { status, panel, isPanelOpen } = app.state;
  const { storage, readOnly, limits } = status.value ?? {};
  const limitsText = describeLimits(limits);
  const show = (name: PanelName) => {
    panel.value = name;
    isPanelOpen.value = true;
  };
  return (
    <>
      {storage?.evicted === true ? (
        <div class="alert" role="status" data-testid="evicted">
          <div>
            <p class="alert-message">Memories were stored here before, and they are gone.</p>
            <p class="alert-hint">
              The browser evicted them, or they were deleted: restore what you have kept.
            </p>
          </div>
          <button type="button" class="quiet" onClick={() => show('backup')}>
            Restore a backup
          </button>
          <button type="button" class="quiet" onClick={() => show('import')}>
            Import a file
          </button>
        </div>
      ) : null}
      {limitsText === undefined ? null : (
        <div class="alert" role="status" data-testid="limits">
          <div>
            <p class="alert-message">{limitsText}</p>
            <p class="alert-hint">
              Critical memories and those on legal hold stay: export what you want to keep.
            </p>
          </div>
          <button type="button" class="quiet" onClick={() => show('backup')}>
            Export
          </button>
        </div>
      )}
      {readOnly === undefined ? null : (
        <div class="alert" role="status" data-testid="read-only">
          <div>
            <p class="alert-message">This tab no longer saves: {readOnly}.</p>
            <p class="alert-hint">What was saved is kept.</p>
          </div>
          <button type="button" class="quiet" onClick={() => location.reload()}>
            Reload
          </button>
        </div>
      )}
    </>
  );
}

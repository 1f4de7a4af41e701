/** Errors on display: what happened, what to do about it, and a way to put it aside. */

import type { App } from '../state.ts';
import { StorageHints } from './storage-hints.tsx';

export function Alerts({ app }: { readonly app: App }) {
  const { notices } = app.state;
  return (
    <section class="alerts" aria-label="Errors" data-testid="alerts">
      {notices.value.map(({ id, code, message, hint }) => (
        <div key={id} class="alert" role="alert" data-code={code}>
          <div>
            <p class="alert-message">{message}</p>
            {hint === undefined ? null : <p class="alert-hint">{hint}</p>}
          </div>
          <button
            type="button"
            class="quiet"
            aria-label={`Dismiss: ${message}`}
            onClick={() => {
              notices.value = notices.value.filter((notice) => notice.id !== id);
            }}
          >
            Dismiss
          </button>
        </div>
      ))}
      <StorageHints app={app} />
    </section>
  );
}

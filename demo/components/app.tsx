/** The page: chat, panel, status line, and the drop zone over all of it. */

import type { App } from '../state.ts';
import { Alerts } from './alerts.tsx';
import { Chat } from './chat.tsx';
import { DropZone } from './drop-zone.tsx';
import { Logo } from './icons.tsx';
import { SidePanel } from './side-panel.tsx';
import { StatusLine } from './status-line.tsx';

export function Page({ app }: { readonly app: App }) {
  const { isPanelOpen, stats } = app.state;
  return (
    <div class="page">
      <header class="top">
        <Logo />
        <h1>Loci</h1>
        <p class="tagline">An agent that remembers, in this tab</p>
        <button
          type="button"
          class="panel-toggle"
          aria-expanded={isPanelOpen.value}
          aria-controls="panel"
          onClick={() => {
            isPanelOpen.value = !isPanelOpen.value;
          }}
        >
          {isPanelOpen.value ? 'Back to chat' : `Memories (${stats.value?.count ?? 0})`}
        </button>
      </header>
      <Alerts app={app} />
      <main class={isPanelOpen.value ? 'columns panel-open' : 'columns'}>
        <Chat app={app} />
        <SidePanel app={app} />
      </main>
      <StatusLine app={app} />
      <DropZone app={app} />
    </div>
  );
}

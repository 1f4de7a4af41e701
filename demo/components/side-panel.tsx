/** The panel beside the chat: four tabs over one storage meter. */

import type { ComponentType } from 'preact';
import type { App, PanelName } from '../state.ts';
import { BackupPanel } from './backup-panel.tsx';
import { ImportPanel } from './import-panel.tsx';
import { MemoriesPanel } from './memories-panel.tsx';
import { SettingsPanel } from './settings-panel.tsx';
import { StorageMeter } from './storage-meter.tsx';

interface Tab {
  readonly label: string;
  readonly Panel: ComponentType<{ readonly app: App }>;
}

const TABS: Readonly<Record<PanelName, Tab>> = {
  memories: { label: 'Memories', Panel: MemoriesPanel },
  import: { label: 'Import', Panel: ImportPanel },
  backup: { label: 'Backup', Panel: BackupPanel },
  settings: { label: 'Settings', Panel: SettingsPanel },
};
const NAMES = Object.keys(TABS) as PanelName[];

export function SidePanel({ app }: { readonly app: App }) {
  const { panel } = app.state;
  const { Panel } = TABS[panel.value];
  const step = (by: number) => {
    const next = NAMES.at((NAMES.indexOf(panel.value) + by) % NAMES.length) ?? 'memories';
    panel.value = next;
    document.getElementById(`tab-${next}`)?.focus();
  };
  return (
    <section class="panel" id="panel" aria-label="Memory">
      <div class="tabs" role="tablist" aria-label="Memory panels">
        {NAMES.map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`tab-${name}`}
            aria-selected={panel.value === name}
            aria-controls="tabpanel"
            tabIndex={panel.value === name ? 0 : -1}
            onClick={() => {
              panel.value = name;
            }}
            onKeyDown={({ key }) => {
              if (key === 'ArrowRight') step(1);
              if (key === 'ArrowLeft') step(-1);
            }}
          >
            {TABS[name].label}
          </button>
        ))}
      </div>
      <div class="tab-body" role="tabpanel" id="tabpanel" aria-labelledby={`tab-${panel.value}`}>
        <Panel app={app} />
      </div>
      <StorageMeter app={app} />
    </section>
  );
}

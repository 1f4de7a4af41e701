/** The whole page takes dropped files. */

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { readFiles } from '../actions/importing.ts';
import type { App } from '../state.ts';

export function DropZone({ app }: { readonly app: App }) {
  const depth = useSignal(0);
  useEffect(() => {
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') === true;
    const on = {
      dragenter: (event: DragEvent) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        depth.value += 1; // entering a child comes before leaving its parent
      },
      dragleave: (event: DragEvent) => {
        if (hasFiles(event)) depth.value = Math.max(0, depth.value - 1);
      },
      dragover: (event: DragEvent) => {
        if (hasFiles(event)) event.preventDefault();
      },
      drop: (event: DragEvent) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        depth.value = 0;
        void readFiles(app, [...(event.dataTransfer?.files ?? [])]);
      },
    };
    const names = Object.keys(on) as (keyof typeof on)[];
    for (const name of names) addEventListener(name, on[name]);
    return () => {
      for (const name of names) removeEventListener(name, on[name]);
    };
  }, [app, depth]);
  return depth.value === 0 ? null : (
    <div class="drop" data-testid="drop-zone">
      <p>Drop to import</p>
    </div>
  );
}

/** Work under way: its progress, then its result. */

import type { Work } from '../state.ts';

export function WorkLine({ work, name }: { readonly work: Work; readonly name: string }) {
  const { phase, label, done, total } = work;
  return (
    <div class={`work ${phase}`}>
      {phase === 'running' ? (
        <progress
          aria-label={`${name} progress`}
          max={Math.max(1, total)}
          {...(total === 0 ? {} : { value: done })}
        />
      ) : null}
      <p role="status" aria-label={`${name} result`}>
        {phase === 'running' ? `${label}: ${total === 0 ? '…' : `${done} of ${total}`}` : label}
      </p>
    </div>
  );
}

/** The line at the bottom: model, safety of the last write, role, index, namespace. */

import type { Status } from '../../src/types.ts';
import { describeDurability, describeModel, type Said } from '../describe.ts';
import type { App } from '../state.ts';

export function StatusLine({ app }: { readonly app: App }) {
  const { status, lastWrite, opening, stats } = app.state;
  const now = status.value;
  if (now === undefined) {
    return (
      <footer class="status" data-testid="status">
        <Item
          name="State"
          said={{ text: opening.value === 'failed' ? 'not open' : 'opening …', tone: 'busy' }}
        />
      </footer>
    );
  }
  const { reason } = now.storage;
  const role = now.role === 'owner' ? 'owner' : 'follower of another tab';
  const damaged =
    now.damaged > 0 ? [{ text: `${now.damaged} damaged rows left out`, tone: 'warn' } as const] : [];
  return (
    <footer class="status" data-testid="status">
      <Item name="Model" said={describeModel(now)} title={modelTitle(now)} />
      <Item name="Durability" said={describeDurability(now, lastWrite.value)} title={reason} isLive />
      <Item name="Role" said={{ text: role, tone: 'plain' }} />
      <Item name="Index" said={{ text: now.index, tone: 'plain' }} />
      <Item name="Namespace" said={{ text: now.namespace, tone: 'plain' }} />
      <Item name="Count" said={{ text: `${stats.value?.count ?? 0} memories`, tone: 'plain' }} />
      {damaged.map((said) => (
        <Item key={said.text} name="Damage" said={said} />
      ))}
    </footer>
  );
}

/** Why a model does not serve, the built-in one's reason too, or the id of the one that does. */
function modelTitle({ embedder }: Status): string {
  const errors = new Set([embedder.error, embedder.builtin?.error].filter((error) => error !== undefined));
  return errors.size === 0 ? embedder.activeId : [...errors].join(' ');
}

function Item(props: {
  readonly name: string;
  readonly said: Said;
  readonly title?: string | undefined;
  readonly isLive?: boolean;
}) {
  const { name, said, title, isLive = false } = props;
  return (
    <span class={`status-item ${said.tone}`} title={title} data-testid={`status-${name.toLowerCase()}`}>
      <span class="status-name">{name}</span>
      {/* `output` is announced when it changes; a percentage that counts up should not be */}
      {isLive ? <output aria-label={name}>{said.text}</output> : <span>{said.text}</span>}
    </span>
  );
}

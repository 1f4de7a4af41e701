/** The list of memories: search, filter, pages, and forgetting. */

import { useRef } from 'preact/hooks';
import type { Memory, MemoryKind } from '../../src/types.ts';
import {
  filterList,
  forget,
  forgetAll,
  searchList,
  showNextPage,
  showPreviousPage,
} from '../actions/memories.ts';
import { formatTime } from '../describe.ts';
import type { App } from '../state.ts';
import { ConfirmDialog } from './confirm-dialog.tsx';

const KINDS = ['all', 'episodic', 'semantic', 'procedural'] as const satisfies readonly (
  | MemoryKind
  | 'all'
)[];

export function MemoriesPanel({ app }: { readonly app: App }) {
  const { list, listText, listKind, stats, status } = app.state;
  const dialog = useRef<HTMLDialogElement>(null);
  const count = stats.value?.count ?? 0;
  const { rows } = list.value;
  return (
    <>
      <h2>Memories</h2>
      <div class="filters">
        <label>
          Search memories
          <input
            type="search"
            value={listText.value}
            onInput={({ currentTarget }) => searchList(app, currentTarget.value)}
          />
        </label>
        <label>
          Kind
          <select
            value={listKind.value}
            onChange={({ currentTarget }) => filterList(app, currentTarget.value as MemoryKind | 'all')}
          >
            {KINDS.map((kind) => (
              <option key={kind} value={kind}>
                {kind}
              </option>
            ))}
          </select>
        </label>
      </div>
      <p class="meta" data-testid="list-summary">
        {summary(app)}
      </p>
      <ul class="memories" aria-label="Memories">
        {rows.map(({ memory, score }) => (
          <MemoryRow
            key={memory.id}
            memory={memory}
            score={score}
            onForget={() => void forget(app, memory.id)}
          />
        ))}
      </ul>
      <Pages app={app} />
      <button type="button" class="danger" disabled={count === 0} onClick={() => dialog.current?.showModal()}>
        Forget all …
      </button>
      <ConfirmDialog
        dialog={dialog}
        title={`Forget all ${count} memories?`}
        text={`Everything in the namespace “${status.value?.namespace ?? ''}” is deleted. This cannot be undone.`}
        action="Forget all"
        onConfirm={() => void forgetAll(app)}
      />
    </>
  );
}

function MemoryRow(props: {
  readonly memory: Memory;
  readonly score: number | undefined;
  readonly onForget: () => void;
}) {
  const { memory, score, onForget } = props;
  return (
    <li class="memory" data-testid="memory">
      <p class="memory-text">{memory.content}</p>
      <div class="memory-foot">
        <p class="meta">
          <span class={`kind ${memory.kind}`}>{memory.kind}</span> {memory.speaker ?? memory.source} ·{' '}
          <time dateTime={new Date(memory.createdAt).toISOString()}>{formatTime(memory.createdAt)}</time>
          {score === undefined ? '' : ` · score ${score.toFixed(2)}`}
          {memory.legalHold ? ' · on legal hold' : ''}
        </p>
        <button
          type="button"
          class="quiet"
          aria-label={`Forget: ${memory.content.slice(0, 60)}`}
          onClick={onForget}
        >
          Forget
        </button>
      </div>
    </li>
  );
}

function Pages({ app }: { readonly app: App }) {
  const { list, listCursors, listText } = app.state;
  const isFirst = listCursors.value.length === 0;
  const isLast = list.value.nextCursor === undefined;
  if (listText.value.trim() !== '' || (isFirst && isLast)) return null;
  return (
    <nav class="pages" aria-label="Pages of memories">
      <button type="button" disabled={isFirst} onClick={() => showPreviousPage(app)}>
        Newer
      </button>
      <button type="button" disabled={isLast} onClick={() => showNextPage(app)}>
        Older
      </button>
    </nav>
  );
}

function summary({ state }: App): string {
  const { rows, total, offset } = state.list.value;
  if (state.opening.value === 'opening') return 'Opening …';
  if (state.listText.value.trim() !== '') {
    return rows.length === 0 ? 'No memory fits.' : `${rows.length} that fit best`;
  }
  if (total === 0) return 'Nothing is remembered yet.';
  return `${offset + 1}–${offset + rows.length} of ${total}`;
}

/** What was recalled for an answer: each memory with what found it and what its score is made of, and whether it helped. */

import { tellUseful } from '../actions/feedback.ts';
import { formatMs, formatTime } from '../describe.ts';
import {
  describeFeedback,
  describeFoundBy,
  describeMeasures,
  describeParts,
  describeTime,
  describeValidity,
  type Part,
} from '../reasons.ts';
import type { App, Recall } from '../state.ts';

interface RecalledProps {
  readonly app: App;
  readonly turnId: number;
  readonly recall: Recall;
}

export function Recalled(props: RecalledProps) {
  const { hits, ms, embedMs, considered, degraded, times = [] } = props.recall;
  return (
    <details
      class="recall"
      onToggle={({ currentTarget }) => currentTarget.scrollIntoView({ block: 'nearest' })}
    >
      <summary>
        Recalled {hits.length} {hits.length === 1 ? 'memory' : 'memories'}{' '}
        <span class="ms">{formatMs(ms)}</span>
      </summary>
      <p class="meta">
        {considered} considered in {formatMs(ms)}, of which {formatMs(embedMs)} to embed the question
        {degraded === undefined ? '' : `; ${degraded}`}
      </p>
      {times.length === 0 ? null : (
        <p class="meta" data-testid="times">
          Read {times.map(describeTime).join('; ')}
        </p>
      )}
      <ol class="hits">
        {hits.map((_, at) => (
          <Hit key={hits[at]?.id} at={at} {...props} />
        ))}
      </ol>
    </details>
  );
}

function Hit({ app, turnId, recall, at }: RecalledProps & { readonly at: number }) {
  const hit = recall.hits[at];
  if (hit === undefined) return null;
  const { memory } = hit;
  const validity = describeValidity(hit, recall.hits);
  const measures = describeMeasures(hit);
  return (
    <li class={`hit ${validity === undefined ? '' : 'outdated'}`} data-testid="hit">
      <p class="hit-text">{memory.content}</p>
      {validity === undefined ? null : <p class="validity">{validity}</p>}
      <p class="meta">
        {memory.speaker ?? 'unknown speaker'} ·{' '}
        <time dateTime={new Date(memory.createdAt).toISOString()}>{formatTime(memory.createdAt)}</time>
      </p>
      <p class="found-by">
        {describeFoundBy(hit)}
        {measures === '' ? null : <span class="meta"> {measures}</span>}
      </p>
      <Parts score={hit.score} parts={describeParts(hit)} />
      <Verdict app={app} turnId={turnId} recall={recall} at={at} />
    </li>
  );
}

function Parts({ score, parts }: { readonly score: number; readonly parts: readonly Part[] }) {
  const longest = Math.max(...parts.map((part) => Math.abs(part.score)), Number.MIN_VALUE);
  return (
    <ul class="parts" aria-label={`Parts of the score of ${score.toFixed(2)}`}>
      <li class="whole">
        <span>score</span>
        <span class="number">{score.toFixed(2)}</span>
      </li>
      {parts.map((part) => (
        <li key={part.text} class={part.score < 0 ? 'against' : 'for'}>
          <span>{part.text}</span>
          <span class="number">{signed(part.score)}</span>
          <span class="bar" aria-hidden="true">
            <span style={{ inlineSize: `${(Math.abs(part.score) / longest) * 100}%` }} />
          </span>
        </li>
      ))}
    </ul>
  );
}

/** Two buttons, the pressed one being what was last told here. */
function Verdict({ app, turnId, recall, at }: RecalledProps & { readonly at: number }) {
  const hit = recall.hits[at];
  if (hit === undefined) return null;
  const told = recall.verdicts?.[hit.id];
  const beginning = hit.memory.content.slice(0, 60);
  return (
    <div class="verdict">
      {([true, false] as const).map((isUseful) => (
        <button
          key={String(isUseful)}
          type="button"
          aria-pressed={told === isUseful}
          aria-label={`${nameOf(isUseful)}: ${beginning}`}
          onClick={() => void tellUseful(app, turnId, hit.id, isUseful)}
        >
          {nameOf(isUseful)}
        </button>
      ))}
      <span class="meta" data-testid="feedback">
        {describeFeedback(hit.memory.feedback)}
      </span>
    </div>
  );
}

function nameOf(isUseful: boolean): string {
  return isUseful ? 'Useful' : 'Not useful';
}

function signed(score: number): string {
  return `${score < 0 ? '−' : '+'}${Math.abs(score).toFixed(2)}`;
}

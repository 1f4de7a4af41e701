/** One turn of the chat, and under an answer what was recalled for it and why. */

import type { ArmScore, SearchHit } from '../../src/types.ts';
import { formatMs, formatTime } from '../describe.ts';
import { QUOTING_NAME } from '../responders/quoting.ts';
import type { ChatTurn, Recall } from '../state.ts';

export function Turn({ turn }: { readonly turn: ChatTurn }) {
  const isUser = turn.role === 'user';
  return (
    <article
      class={`turn ${turn.role} ${turn.state}`}
      aria-label={isUser ? 'You' : 'Loci'}
      data-testid={isUser ? 'user-turn' : 'answer'}
      data-state={turn.state}
      data-responder={turn.responder}
    >
      {turn.note === undefined ? null : <p class="note">{turn.note}</p>}
      {turn.text === '' && turn.state === 'pending' ? (
        <p class="thinking">
          <span class="visually-hidden">Thinking …</span>
          <i aria-hidden="true" />
          <i aria-hidden="true" />
          <i aria-hidden="true" />
        </p>
      ) : (
        <p class="text">{turn.text}</p>
      )}
      {isUser ? <Stored turn={turn} /> : <AnswerFoot turn={turn} />}
    </article>
  );
}

function Stored({ turn }: { readonly turn: ChatTurn }) {
  if (turn.durability === undefined) return null;
  return (
    <p class="meta">
      {turn.durability === 'accepted' ? 'remembered, not saved yet' : 'remembered and saved'}
    </p>
  );
}

function AnswerFoot({ turn }: { readonly turn: ChatTurn }) {
  return (
    <>
      {turn.state === 'stopped' ? <p class="meta">Stopped.</p> : null}
      {turn.state === 'failed' && turn.text === '' ? <p class="meta">No answer could be given.</p> : null}
      {turn.recall === undefined ? null : <RecallDetails recall={turn.recall} />}
      {turn.responder === undefined || turn.responder === QUOTING_NAME ? null : (
        <p class="meta">answered by {turn.responder}</p>
      )}
    </>
  );
}

function RecallDetails({ recall }: { readonly recall: Recall }) {
  const { hits, ms, embedMs, considered, degraded } = recall;
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
      <ol class="hits">
        {hits.map((hit) => (
          <Hit key={hit.id} hit={hit} />
        ))}
      </ol>
    </details>
  );
}

function Hit({ hit }: { readonly hit: SearchHit }) {
  const { vector, lexical } = hit.why;
  const percent = Math.round(Math.max(0, Math.min(1, hit.score)) * 100);
  return (
    <li class="hit" data-testid="hit">
      <p class="hit-text">{hit.memory.content}</p>
      <p class="meta">
        {hit.memory.speaker ?? 'unknown speaker'} ·{' '}
        <time dateTime={new Date(hit.memory.createdAt).toISOString()}>
          {formatTime(hit.memory.createdAt)}
        </time>
      </p>
      <p class="score">
        <span class="bar" aria-hidden="true">
          <span style={{ inlineSize: `${percent}%` }} />
        </span>
        score {hit.score.toFixed(2)}
      </p>
      <ul class="why">
        {vector === undefined ? null : (
          <li>
            <b>Meaning</b> cosine {vector.raw.toFixed(2)} {weighed(vector)}
          </li>
        )}
        {lexical === undefined ? null : (
          <li>
            <b>Words</b> BM25 {lexical.raw.toFixed(2)} {weighed(lexical)}: {lexical.terms.join(', ')}
          </li>
        )}
        <li>{foundBy(hit)}</li>
      </ul>
    </li>
  );
}

function weighed({ normalized, weight }: ArmScore): string {
  return `→ ${normalized.toFixed(2)} × ${weight.toFixed(2)} = ${(normalized * weight).toFixed(2)}`;
}

function foundBy({ why }: SearchHit): string {
  if (why.vector !== undefined && why.lexical !== undefined) return 'Found by meaning and by words';
  return why.vector === undefined ? 'Found by words' : 'Found by meaning';
}

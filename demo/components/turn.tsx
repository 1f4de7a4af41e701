/** One turn of the chat, and under an answer what was recalled for it and why. */

import { QUOTING_NAME } from '../responders/quoting.ts';
import type { App, ChatTurn } from '../state.ts';
import { Recalled } from './recalled.tsx';

interface TurnProps {
  readonly app: App;
  readonly turn: ChatTurn;
}

export function Turn({ app, turn }: TurnProps) {
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
      {isUser ? <Stored turn={turn} /> : <AnswerFoot app={app} turn={turn} />}
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

function AnswerFoot({ app, turn }: TurnProps) {
  return (
    <>
      {turn.state === 'stopped' ? <p class="meta">Stopped.</p> : null}
      {turn.state === 'failed' && turn.text === '' ? <p class="meta">No answer could be given.</p> : null}
      {turn.recall === undefined ? null : <Recalled app={app} turnId={turn.id} recall={turn.recall} />}
      {turn.responder === undefined || turn.responder === QUOTING_NAME ? null : (
        <p class="meta">answered by {turn.responder}</p>
      )}
    </>
  );
}

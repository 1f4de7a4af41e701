/** The chat: the log of this tab, suggestions, and the line to type in. */

import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { send, stop } from '../actions/chat.ts';
import { openSession } from '../actions/session.ts';
import type { App } from '../state.ts';
import { SendIcon } from './icons.tsx';
import { Turn } from './turn.tsx';

const FIRST_STEPS = [
  'My sister Ana lives in Lisbon.',
  'I am allergic to peanuts.',
  'Where does my sister live?',
  'What should I not eat?',
];

/** A region that scrolls must be reachable by keyboard. */
const FOCUSABLE = { tabIndex: 0 };

export function Chat({ app }: { readonly app: App }) {
  const { turns, isAnswering, modelProgress, suggestions } = app.state;
  const end = useRef<HTMLDivElement>(null);
  const last = turns.value.at(-1);
  useEffect(() => {
    const log = end.current?.parentElement;
    log?.scrollTo({ top: log.scrollHeight });
  }, [turns.value.length, last?.text, last?.recall === undefined, suggestions.value]);
  return (
    <section class="chat" aria-label="Chat">
      <div
        class="log"
        role="log"
        aria-live="polite"
        aria-label="Conversation"
        aria-busy={isAnswering.value}
        {...FOCUSABLE}
      >
        {turns.value.length === 0 ? <Welcome app={app} /> : null}
        {turns.value.map((turn) => (
          <Turn key={turn.id} app={app} turn={turn} />
        ))}
        <div ref={end} />
      </div>
      {modelProgress.value === undefined ? null : (
        <label class="model-progress">
          Loading the language model {Math.floor(modelProgress.value * 100)} %
          <progress value={modelProgress.value} max={1} />
        </label>
      )}
      <Composer app={app} />
    </section>
  );
}

function Welcome({ app }: { readonly app: App }) {
  const { opening } = app.state;
  if (opening.value === 'failed') {
    return (
      <div class="welcome">
        <h2>The memory could not be opened</h2>
        <button type="button" onClick={() => void openSession(app)}>
          Try again
        </button>
      </div>
    );
  }
  return (
    <div class="welcome">
      <h2>Tell me something, then ask me about it.</h2>
      <p>
        What you state is remembered in this browser and found again by words and by meaning. Every answer
        shows which memories it rests on, and why. Drop a conversation file anywhere to import it.
      </p>
    </div>
  );
}

function Composer({ app }: { readonly app: App }) {
  const { opening, isAnswering, suggestions, turns } = app.state;
  const text = useSignal('');
  const input = useRef<HTMLTextAreaElement>(null);
  const isReady = opening.value === 'open';
  const submit = (message: string) => {
    if (message.trim() === '' || isAnswering.value || !isReady) return;
    text.value = '';
    input.current?.focus();
    void send(app, message);
  };
  const offered =
    suggestions.value.length > 0 ? suggestions.value : turns.value.length === 0 ? FIRST_STEPS : [];
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        submit(text.value);
      }}
    >
      {offered.length === 0 ? null : (
        <ul class="suggestions" aria-label="Suggestions">
          {offered.map((suggestion) => (
            <li key={suggestion}>
              <button type="button" class="chip" disabled={!isReady} onClick={() => submit(suggestion)}>
                {suggestion}
              </button>
            </li>
          ))}
        </ul>
      )}
      <div class="composer-line">
        <label class="visually-hidden" for="message">
          Message
        </label>
        <textarea
          id="message"
          ref={input}
          rows={1}
          placeholder={isReady ? 'Tell or ask something …' : 'Opening the memory …'}
          value={text.value}
          onInput={({ currentTarget }) => {
            text.value = currentTarget.value;
          }}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
            event.preventDefault();
            submit(text.value);
          }}
        />
        {isAnswering.value ? (
          <button type="button" class="send" aria-label="Stop the answer" onClick={stop}>
            <span class="stop-square" aria-hidden="true" />
          </button>
        ) : (
          <button
            type="submit"
            class="send"
            aria-label="Send"
            disabled={!isReady || text.value.trim() === ''}
          >
            <SendIcon />
          </button>
        )}
      </div>
    </form>
  );
}

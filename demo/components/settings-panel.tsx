/** Settings: namespace, embedding model, and who answers. */

import { useSignal } from '@preact/signals';
import { useId } from 'preact/hooks';
import { API_KEY } from '../actions/chat.ts';
import { applySettings } from '../actions/session.ts';
import { DEFAULT_SETTINGS, type EmbedderChoice, type ResponderChoice, type Settings } from '../settings.ts';
import type { App } from '../state.ts';
import { report } from '../state.ts';

const EMBEDDERS: Readonly<Record<EmbedderChoice, string>> = {
  auto: 'Automatic: MiniLM where this site serves it',
  builtin: 'Built-in: English, small and fast',
  minilm: 'MiniLM from this site (/models/)',
  hub: 'MiniLM from the Hugging Face hub',
  multilingual: 'Multilingual MiniLM from the hub',
  hashing: 'Word hashing: what shares words',
};
const RESPONDERS: Readonly<Record<ResponderChoice, string>> = {
  builtin: 'Built-in: quotes memories',
  local: 'Language model in this tab',
  openai: 'OpenAI-compatible endpoint',
};

export function SettingsPanel({ app }: { readonly app: App }) {
  const draft = useSignal(app.state.settings.value);
  const key = useSignal(sessionStorage.getItem(API_KEY) ?? '');
  const saved = useSignal('');
  const change = (part: Partial<Settings>) => {
    draft.value = { ...draft.value, ...part };
    saved.value = '';
  };
  const apply = async () => {
    try {
      const namespace = draft.value.namespace.trim() || DEFAULT_SETTINGS.namespace;
      sessionStorage.setItem(API_KEY, key.value);
      await applySettings(app, { ...draft.value, namespace });
      draft.value = app.state.settings.value;
      saved.value = app.state.opening.value === 'open' ? 'Settings applied.' : '';
    } catch (error) {
      report(app, error);
    }
  };
  return (
    <>
      <h2>Settings</h2>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void apply();
        }}
      >
        <Field
          label="Namespace"
          value={draft.value.namespace}
          onChange={(namespace) => change({ namespace })}
        />
        <Choice
          label="Embedding model"
          options={EMBEDDERS}
          value={draft.value.embedder}
          onChange={(embedder) => change({ embedder })}
        />
        <Choice
          label="Responder"
          options={RESPONDERS}
          value={draft.value.responder}
          onChange={(responder) => change({ responder })}
        />
        {draft.value.responder === 'local' ? (
          <Field
            label="Language model"
            value={draft.value.localModel}
            onChange={(localModel) => change({ localModel })}
          />
        ) : null}
        {draft.value.responder === 'openai' ? (
          <>
            <Field
              label="Endpoint URL"
              value={draft.value.endpointUrl}
              onChange={(endpointUrl) => change({ endpointUrl })}
            />
            <Field
              label="Model name"
              value={draft.value.endpointModel}
              onChange={(endpointModel) => change({ endpointModel })}
            />
            <Field
              label="API key (kept in this tab only)"
              isSecret
              value={key.value}
              onChange={(value) => {
                key.value = value;
              }}
            />
            <p class="meta">Your message and the memories recalled for it are sent to this endpoint.</p>
          </>
        ) : null}
        <button type="submit" class="primary">
          Apply
        </button>
        <p role="status" aria-label="Settings result">
          {saved.value}
        </p>
      </form>
    </>
  );
}

function Field(props: {
  readonly label: string;
  readonly value: string;
  readonly isSecret?: boolean;
  readonly onChange: (value: string) => void;
}) {
  const { label, value, isSecret = false, onChange } = props;
  const id = useId();
  const onInput = ({ currentTarget }: { currentTarget: HTMLInputElement }) => onChange(currentTarget.value);
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {isSecret ? (
        <input id={id} type="password" autocomplete="off" value={value} onInput={onInput} />
      ) : (
        <input id={id} type="text" autocomplete="off" value={value} onInput={onInput} />
      )}
    </div>
  );
}

function Choice<T extends string>(props: {
  readonly label: string;
  readonly options: Readonly<Record<T, string>>;
  readonly value: T;
  readonly onChange: (value: T) => void;
}) {
  const { label, options, value, onChange } = props;
  return (
    <label>
      {label}
      <select value={value} onChange={({ currentTarget }) => onChange(currentTarget.value as T)}>
        {(Object.keys(options) as T[]).map((name) => (
          <option key={name} value={name}>
            {options[name]}
          </option>
        ))}
      </select>
    </label>
  );
}

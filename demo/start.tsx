/** Starts the page with the services it is given. */

import { render } from 'preact';
import { localStore, openSession } from './actions/session.ts';
import { Page } from './components/app.tsx';
import { loadSettings } from './settings.ts';
import { type App, createState, type Services } from './state.ts';

const SESSION_KEY = 'loci-demo:session';

/** Shows the page at once and opens the memory behind it. */
export function start(root: Element, services: Services): App {
  const state = createState(loadSettings(location.search, localStore()));
  const app: App = { state, services, sessionId: sessionOfTab() };
  render(<Page app={app} />, root);
  void openSession(app);
  return app;
}

/** The id of this tab's conversation; a reload goes on with it. */
function sessionOfTab(): string {
  const known = sessionStorage.getItem(SESSION_KEY);
  if (known !== null) return known;
  const made = `chat-${crypto.randomUUID()}`;
  sessionStorage.setItem(SESSION_KEY, made);
  return made;
}

/**
 * Tabs that Playwright does not drive: it makes every page of its own count as seen, and Chromium freezes hidden
 * ones only.
 */

import type { Browser, CDPSession } from '@playwright/test';

interface Answer {
  readonly id: number;
  readonly result?: { readonly result?: { readonly value?: unknown }; readonly exceptionDetails?: unknown };
  readonly error?: unknown;
}

export class PlainTab {
  readonly #browser: CDPSession;
  readonly #targetId: string;
  readonly #sessionId: string;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #next = 0;

  private constructor(browser: CDPSession, targetId: string, sessionId: string) {
    this.#browser = browser;
    this.#targetId = targetId;
    this.#sessionId = sessionId;
    browser.on('Target.receivedMessageFromTarget', ({ sessionId: from, message }) => {
      const answer = JSON.parse(message) as Answer;
      if (from === sessionId) this.#waiting.get(answer.id)?.(answer);
    });
  }

  /** Opens an address in the browser's own profile, in front of all others. */
  static async open(browser: Browser, url: string): Promise<PlainTab> {
    const session = await browser.newBrowserCDPSession();
    const { targetId } = await session.send('Target.createTarget', { url });
    const { sessionId } = await session.send('Target.attachToTarget', { targetId, flatten: false });
    return new PlainTab(session, targetId, sessionId);
  }

  async send(method: string, params: object = {}): Promise<Answer> {
    const id = ++this.#next;
    const answered = new Promise<Answer>((resolve) => this.#waiting.set(id, resolve));
    const message = JSON.stringify({ id, method, params });
    await this.#browser.send('Target.sendMessageToTarget', { sessionId: this.#sessionId, message });
    const answer = await answered;
    this.#waiting.delete(id);
    if (answer.error !== undefined || answer.result?.exceptionDetails !== undefined)
      throw new Error(`${method}: ${JSON.stringify(answer.error ?? answer.result?.exceptionDetails)}`);
    return answer;
  }

  /** The value of an expression, or of the promise that it gives. */
  async evaluate(expression: string): Promise<unknown> {
    const params = { expression, returnByValue: true, awaitPromise: true };
    return (await this.send('Runtime.evaluate', params)).result?.result?.value;
  }

  async until(condition: string): Promise<void> {
    for (let turn = 0; turn < 300; turn++) {
      if ((await this.evaluate(condition)) === true) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`it never came to be: ${condition}`);
  }

  async show(): Promise<void> {
    await this.#browser.send('Target.activateTarget', { targetId: this.#targetId });
  }

  setLifecycle(state: 'frozen' | 'active'): Promise<Answer> {
    return this.send('Page.setWebLifecycleState', { state });
  }

  async close(): Promise<void> {
    await this.#browser.send('Target.closeTarget', { targetId: this.#targetId });
  }
}

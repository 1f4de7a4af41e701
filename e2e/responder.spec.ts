/** Answers by an OpenAI-compatible endpoint, on a stub that speaks its protocol. */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test as base, expect, type Page } from '@playwright/test';
import { messageBox, openDemo, openPanel, say } from './support.ts';

interface Prompt {
  readonly model: string;
  readonly stream: boolean;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
}

interface Endpoint {
  readonly url: string;
  /** What the page has asked, with its headers. */
  readonly asked: { readonly prompt: Prompt; readonly authorization: string | undefined }[];
  /** How the next requests are answered. */
  answer: (response: ServerResponse) => void;
}

const CORS = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': 'authorization, content-type',
};

const test = base.extend<{ endpoint: Endpoint }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's needs off its first parameter.
  endpoint: async ({}, use) => {
    const server = createServer((request, response) => void respond(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const endpoint: Endpoint = {
      url: `http://127.0.0.1:${port}/v1`,
      asked: [],
      answer: (response) => response.writeHead(500, CORS).end(),
    };
    async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
      if (request.method === 'OPTIONS') {
        response.writeHead(204, CORS).end();
        return;
      }
      let body = '';
      for await (const part of request.setEncoding('utf8')) body += String(part);
      const { authorization } = request.headers;
      endpoint.asked.push({ prompt: JSON.parse(body) as Prompt, authorization });
      endpoint.answer(response);
    }
    await use(endpoint);
    server.closeAllConnections();
    server.close();
  },
});

async function chooseEndpoint(page: Page, url: string, key: string): Promise<void> {
  await openPanel(page, 'Settings');
  await page.getByRole('combobox', { name: 'Responder' }).selectOption('openai');
  await page.getByLabel('Endpoint URL').fill(url);
  await page.getByLabel('Model name').fill('stub-model');
  await page.getByLabel('API key (kept in this tab only)').fill(key);
  await page.getByRole('button', { name: 'Apply' }).click();
  await expect(page.getByRole('status', { name: 'Settings result' })).toHaveText('Settings applied.');
}

function sendPiece(response: ServerResponse, content: string): void {
  response.write(`data: ${JSON.stringify({ choices: [{ delta: { content }, finish_reason: null }] })}\n\n`);
}

test('the streamed answer is shown piece by piece, and the prompt held the recalled memory', async ({
  page,
  endpoint,
}) => {
  await openDemo(page);
  await say(page, 'My sister Ana lives in Lisbon.');
  await chooseEndpoint(page, endpoint.url, 'a-key');
  let finish: () => void = () => undefined;
  endpoint.answer = (response) => {
    response.writeHead(200, { ...CORS, 'content-type': 'text/event-stream' });
    sendPiece(response, 'She lives ');
    finish = () => {
      sendPiece(response, 'in Lisbon.');
      response.end('data: [DONE]\n\n');
    };
  };
  await messageBox(page).fill('Where does my sister live?');
  await messageBox(page).press('Enter');
  const answer = page.getByTestId('answer').last();
  await expect(answer.locator('.text')).toHaveText(/^She lives\s*$/);
  await expect(answer).toHaveAttribute('data-state', 'pending');
  finish();
  await expect(answer).toHaveAttribute('data-state', 'done');
  await expect(answer.locator('.text')).toHaveText('She lives in Lisbon.');
  await expect(answer).toContainText('answered by stub-model');

  const [asked] = endpoint.asked;
  expect(asked?.authorization).toBe('Bearer a-key');
  expect(asked?.prompt).toMatchObject({ model: 'stub-model', stream: true });
  const last = asked?.prompt.messages.at(-1)?.content ?? '';
  expect(last).toMatch(/<memories>\n<memory [^>]*>My sister Ana lives in Lisbon\.<\/memory>\n<\/memories>/);
  expect(last).toContain('Where does my sister live?');
  // A link or another tab must not learn the key.
  expect(page.url()).not.toContain('a-key');
  expect(await page.evaluate(() => JSON.stringify(localStorage))).not.toContain('a-key');
});

test('a refused key is told in an alert, and the built-in responder answers', async ({ page, endpoint }) => {
  await openDemo(page);
  await say(page, 'My sister Ana lives in Lisbon.');
  await chooseEndpoint(page, endpoint.url, 'wrong');
  endpoint.answer = (response) => {
    response.writeHead(401, { ...CORS, 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: { message: 'Incorrect API key provided' } }));
  };
  const answer = await say(page, 'Where does my sister live?');
  await expect(answer).toContainText('“My sister Ana lives in Lisbon.”');
  await expect(answer).toContainText('The chosen responder failed; the built-in one answers.');
  const alert = page.getByRole('alert');
  await expect(alert).toHaveAttribute('data-code', 'RESPONDER_FAILED');
  await expect(alert).toContainText('401');
  await expect(alert).toContainText('Check the API key');
});

test('an answer is stopped by the user, and the page goes on', async ({ page, endpoint }) => {
  await openDemo(page);
  await chooseEndpoint(page, endpoint.url, '');
  endpoint.answer = (response) => {
    response.writeHead(200, { ...CORS, 'content-type': 'text/event-stream' });
    sendPiece(response, 'Once upon a time');
  };
  await messageBox(page).fill('Tell me a story?');
  await messageBox(page).press('Enter');
  const answer = page.getByTestId('answer').last();
  await expect(answer).toContainText('Once upon a time');
  await page.getByRole('button', { name: 'Stop the answer' }).click();
  await expect(answer).toHaveAttribute('data-state', 'stopped');
  await expect(page.getByRole('alert')).toHaveCount(0);
  endpoint.answer = (response) => {
    response.writeHead(200, { ...CORS, 'content-type': 'application/json' });
    response.end(JSON.stringify({ choices: [{ message: { content: 'The end.' } }] }));
  };
  await expect(await say(page, 'And then?')).toContainText('The end.');
});

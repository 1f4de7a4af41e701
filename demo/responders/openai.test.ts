import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { completionsUrl, createOpenAiResponder } from './openai.ts';

type Handler = (
  body: { stream: boolean; model: string },
  response: ServerResponse,
  request: IncomingMessage,
) => void;

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** A local server that speaks the protocol, or breaks it, as the handler says. */
async function serve(handle: Handler): Promise<string> {
  server = createServer((request, response) => {
    let text = '';
    request.on('data', (part) => {
      text += part;
    });
    request.on('end', () => handle(JSON.parse(text), response, request));
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

async function ask(url: string, options: { silenceMs?: number; signal?: AbortSignal } = {}): Promise<string> {
  const responder = createOpenAiResponder({
    url,
    model: 'm',
    key: 'k',
    silenceMs: options.silenceMs ?? 5_000,
  });
  const signal = options.signal ?? new AbortController().signal;
  const request = { question: 'Who?', intent: 'question' as const, hits: [], history: [], signal };
  let answer = '';
  for await (const piece of responder.respond(request)) answer += piece;
  return answer;
}

function startStream(response: ServerResponse): (content: string, finish?: string) => void {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
  return (content, finish) => {
    const choice = { delta: { content }, finish_reason: finish ?? null };
    response.write(`data: ${JSON.stringify({ choices: [choice] })}\n\n`);
  };
}

describe('the OpenAI-compatible responder', () => {
  test('joins a streamed answer, also where a character is cut between two packets', async () => {
    let seen: unknown;
    const url = await serve((body, response, request) => {
      seen = { ...body, path: request.url, key: request.headers.authorization };
      const send = startStream(response);
      send('In ');
      const bytes = Buffer.from(
        `data: ${JSON.stringify({ choices: [{ delta: { content: 'Águeda' } }] })}\n\n`,
      );
      const cut = bytes.indexOf(0xc3) + 1;
      response.write(bytes.subarray(0, cut));
      setTimeout(() => {
        response.write(bytes.subarray(cut));
        response.end('data: [DONE]\n\n');
      }, 20);
    });
    expect(await ask(url)).toBe('In Águeda');
    expect(seen).toMatchObject({ path: '/v1/chat/completions', key: 'Bearer k', model: 'm', stream: true });
  });

  test('takes a finish reason for the end where [DONE] is missing', async () => {
    const url = await serve((_, response) => {
      startStream(response)('Lisbon', 'stop');
      response.end();
    });
    expect(await ask(url)).toBe('Lisbon');
  });

  test('reads a whole answer where the endpoint does not stream', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ choices: [{ message: { content: 'Lisbon' } }] }));
    });
    expect(await ask(url)).toBe('Lisbon');
  });

  test('asks again without streaming where streaming is refused', async () => {
    const url = await serve((body, response) => {
      response.writeHead(body.stream ? 400 : 200, { 'content-type': 'application/json' });
      const refusal = { error: { message: 'stream is not supported' } };
      response.end(JSON.stringify(body.stream ? refusal : { choices: [{ message: { content: 'Lisbon' } }] }));
    });
    expect(await ask(url)).toBe('Lisbon');
  });

  test.each([
    [401, false, /API key/],
    [404, false, /model’s name/],
    [429, true, /try again/],
    [500, true, /try again/],
  ])('tells what to do about status %i', async (status, retryable, hint) => {
    const url = await serve((_, response) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: { message: 'no luck' } }));
    });
    await expect(ask(url)).rejects.toMatchObject({
      code: 'RESPONDER_FAILED',
      message: `The endpoint answered ${status}: no luck`,
      retryable,
      hint: expect.stringMatching(hint),
    });
  });

  test('fails on a piece that is not JSON', async () => {
    const url = await serve((_, response) => {
      startStream(response)('Lis');
      response.end('data: {"choices": [\n\n');
    });
    await expect(ask(url)).rejects.toMatchObject({
      code: 'RESPONDER_FAILED',
      message: expect.stringMatching(/not JSON/),
    });
  });

  test('fails on an error in the middle of the stream', async () => {
    const url = await serve((_, response) => {
      startStream(response)('Lis');
      response.end('data: {"error": {"message": "out of memory"}}\n\n');
    });
    await expect(ask(url)).rejects.toMatchObject({ message: 'The endpoint failed: out of memory' });
  });

  test.each(['ends', 'is cut'])('fails when the stream %s before the answer is complete', async (how) => {
    const url = await serve((_, response) => {
      startStream(response)('Lis');
      setTimeout(() => (how === 'ends' ? response.end() : response.destroy()), 30);
    });
    await expect(ask(url)).rejects.toMatchObject({
      code: 'RESPONDER_FAILED',
      message: 'The answer broke off before its end.',
      retryable: true,
    });
  });

  test('fails on a page that is no chat completion', async () => {
    const url = await serve((_, response) => response.end('<html>hello</html>'));
    await expect(ask(url)).rejects.toMatchObject({
      code: 'RESPONDER_FAILED',
      hint: expect.stringMatching(/URL/),
    });
  });

  test('fails when the endpoint falls silent, before the answer or within it', async () => {
    const silent = await serve(() => undefined);
    await expect(ask(silent, { silenceMs: 50 })).rejects.toMatchObject({ details: { timedOut: true } });
    const halfway = await serve((_, response) => startStream(response)('Lis'));
    await expect(ask(halfway, { silenceMs: 80 })).rejects.toMatchObject({ details: { timedOut: true } });
  });

  test('stops when the user stops it, and lets go of the connection', async () => {
    const controller = new AbortController();
    let isClosed = false;
    const url = await serve((_, response) => {
      startStream(response)('Lis');
      response.on('close', () => {
        isClosed = true;
      });
      setTimeout(() => controller.abort(), 30);
    });
    await expect(ask(url, { signal: controller.signal })).rejects.toMatchObject({
      code: 'RESPONDER_FAILED',
      details: { aborted: true },
    });
    await expect.poll(() => isClosed).toBe(true);
  });

  test('says so when nobody answers at the URL', async () => {
    const url = await serve(() => undefined);
    server?.close();
    await expect(ask(url)).rejects.toMatchObject({
      code: 'RESPONDER_FAILED',
      retryable: true,
      hint: expect.stringMatching(/running/),
    });
  });
});

test('the endpoint’s URL is completed from what people paste', () => {
  expect(completionsUrl('http://localhost:11434')).toBe('http://localhost:11434/v1/chat/completions');
  expect(completionsUrl('https://host/api/v1/')).toBe('https://host/api/v1/chat/completions');
  expect(completionsUrl('https://host/v1/chat/completions')).toBe('https://host/v1/chat/completions');
});

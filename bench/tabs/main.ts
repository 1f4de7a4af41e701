/**
 * What a call costs a tab that is not the owner: messages between the workers of two tabs over a
 * BroadcastChannel and over ports, and the engine's own calls as owner and as follower. In a real
 * Chromium; prints JSON. `npx tsx bench/tabs/main.ts`
 */

import { createServer } from 'node:http';
import { type BrowserContext, chromium, type Page } from 'playwright';
import { CHROMIUM_ARGS, ensureBrowser } from '../../scripts/browser.ts';
import { serveDemo } from '../../scripts/serve-demo.ts';
import type { MemoryEngine } from '../../src/types.ts';
import { percentile } from '../vector/stats.ts';

const ROUNDS = 1_500;

/** Passes one port each between the windows of two tabs. */
const BROKER = `
let waiting;
onconnect = ({ ports: [window] }) => {
  window.onmessage = ({ ports: [port] }) => {
    if (waiting === undefined) { waiting = { window, port }; return; }
    waiting.window.postMessage('port', [port]);
    window.postMessage('port', [waiting.port]);
    waiting = undefined;
  };
};`;

/** Answers calls, or makes them and measures; over whatever has \`postMessage\`. */
const WORKER = `
const reply = (kind) => kind === 'search'
  ? Array.from({ length: 10 }, (_, i) => ({ id: 'id-' + i, score: .5, memory: { content: 'x'.repeat(400), tags: ['a', 'b'], createdAt: i, metadata: {} } }))
  : { id: '0190163d-8694-739b-aea5-966c26f8ad91', durability: 'journaled', opId: 'one' };
const serve = (channel) => { channel.onmessage = ({ data }) => {
  if (data.call !== undefined) channel.postMessage({ answer: data.call, value: reply(data.kind) });
}; };
const measure = async (channel, kind, rounds) => {
  const times = [];
  for (let call = 0; call < rounds; call++) {
    const from = performance.now();
    await new Promise((resolve) => {
      channel.onmessage = ({ data }) => { if (data.answer === call) resolve(data.value); };
      channel.postMessage({ call, kind, content: 'Ana lives in Lisbon and grows tomatoes.' });
    });
    times.push(performance.now() - from);
  }
  channel.onmessage = null;
  return times;
};
let channel, port;
onmessage = async ({ data, ports }) => {
  if (data.role === 'listen') { new BroadcastChannel('tabs').onmessage = ({ data }) => data; return; }
  if (data.role !== undefined) {
    channel = new BroadcastChannel('tabs'); port = ports[0];
    if (data.role === 'serve') { serve(channel); serve(port); }
    return;
  }
  postMessage(await measure(data.over === 'port' ? port : channel, data.kind, data.rounds));
};`;

interface Bench extends Window {
  worker: Worker;
  memory: MemoryEngine;
}

async function serve(): Promise<{ readonly url: string; close(): void }> {
  const files: Readonly<Record<string, readonly [string, string]>> = {
    '/': ['text/html', '<!doctype html><title>tabs</title>'],
    '/broker.js': ['text/javascript', BROKER],
    '/worker.js': ['text/javascript', WORKER],
  };
  const server = createServer((request, response) => {
    const [type, body] = files[request.url ?? ''] ?? ['text/plain', ''];
    response.setHeader('content-type', type);
    // With these a page's clock is exact to 5 µs; without them to 100.
    response.setHeader('cross-origin-opener-policy', 'same-origin');
    response.setHeader('cross-origin-embedder-policy', 'require-corp');
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return { url: `http://127.0.0.1:${address.port}/`, close: () => server.close() };
}

/** A tab whose worker has a port to the worker of the other tab. */
async function openTab(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(url);
  return page;
}

const join = (page: Page, role: 'serve' | 'call' | 'listen') =>
  page.evaluate(async (name) => {
    const worker = new Worker('/worker.js');
    Object.assign(window, { worker });
    if (name === 'listen') {
      worker.postMessage({ role: name });
      return;
    }
    const broker = new SharedWorker('/broker.js').port;
    const { port1, port2 } = new MessageChannel();
    broker.postMessage('port', [port2]);
    // The broker hands the other tab's end over; here one end of the two would do, and both are tried alike.
    const other = await new Promise<MessagePort>((resolve) => {
      broker.onmessage = ({ ports: [port] }) => port !== undefined && resolve(port);
    });
    worker.postMessage({ role: name }, [name === 'serve' ? port1 : other]);
  }, role);

const summary = (times: readonly number[]) => ({
  p50Ms: Number(percentile(times, 0.5).toFixed(3)),
  p95Ms: Number(percentile(times, 0.95).toFixed(3)),
});

async function measureMessages(context: BrowserContext, otherTabs: number) {
  const server = await serve();
  try {
    const [server1, caller] = [await openTab(context, server.url), await openTab(context, server.url)];
    await Promise.all([join(server1, 'serve'), join(caller, 'call')]);
    for (let i = 0; i < otherTabs; i++) await join(await openTab(context, server.url), 'listen');
    const run = (over: 'port' | 'channel', kind: 'add' | 'search') =>
      caller.evaluate(
        (asked) =>
          new Promise<number[]>((resolve) => {
            const { worker } = window as unknown as Bench;
            worker.onmessage = ({ data }) => resolve(data);
            worker.postMessage(asked);
          }),
        { over, kind, rounds: ROUNDS },
      );
    const rows: object[] = [];
    for (const kind of ['add', 'search'] as const) {
      await run('channel', kind);
      await run('port', kind);
      // In turns, so that neither has the better half of a noisy machine.
      const rounds = [
        await run('channel', kind),
        await run('port', kind),
        await run('channel', kind),
        await run('port', kind),
      ];
      const [a = [], b = [], c = [], d = []] = rounds;
      rows.push({ kind, otherTabs, channel: summary([...a, ...c]), port: summary([...b, ...d]) });
    }
    return rows;
  } finally {
    server.close();
    for (const page of context.pages()) await page.close();
  }
}

/** The engine's own calls, in the tab that owns the namespace and in one that does not. */
async function measureEngine(context: BrowserContext) {
  const demo = await serveDemo({ port: 0 });
  try {
    const measured: Record<string, object> = {};
    for (const role of ['owner', 'follower']) {
      const page = await context.newPage();
      await page.goto(`${demo.url}console.html`);
      await page.waitForFunction(() => 'loci' in window);
      const times = await page.evaluate(
        async ({ rounds, isOwner }) => {
          const memory = await window.loci.openMemory({ namespace: 'bench-tabs' });
          const words = 'Ana Bo Lisbon Porto tomatoes bread ships models garden river music'.split(' ');
          const text = (i: number) =>
            Array.from({ length: 12 }, (_, j) => words[(i * 7 + j * 3) % words.length]).join(' ');
          if (isOwner)
            await memory.addMany(Array.from({ length: 1_000 }, (_, i) => ({ content: `${i} ${text(i)}` })));
          const timed = async (act: (i: number) => Promise<unknown>) => {
            const taken: number[] = [];
            for (let i = 0; i < rounds; i++) {
              const from = performance.now();
              await act(i);
              taken.push(performance.now() - from);
            }
            return taken;
          };
          return {
            add: await timed((i) => memory.add({ content: `${rounds + i} ${text(i)}` })),
            search: await timed((i) => memory.search(text(i))),
          };
        },
        { rounds: 300, isOwner: role === 'owner' },
      );
      measured[role] = { add: summary(times.add), search: summary(times.search) };
    }
    return measured;
  } finally {
    await demo.close();
  }
}

const found = ensureBrowser();
const browser = await chromium.launch({ executablePath: found.path, args: [...CHROMIUM_ARGS] });
const context = await browser.newContext();
// tsx names functions with a helper that a page does not have.
await context.addInitScript('globalThis.__name = (fn) => fn;');
try {
  const messages = [...(await measureMessages(context, 0)), ...(await measureMessages(context, 3))];
  const engine = await measureEngine(context);
  console.log(JSON.stringify({ browser: browser.version(), rounds: ROUNDS, messages, engine }, null, 2));
} finally {
  await browser.close();
}

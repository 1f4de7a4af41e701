/** Runs the edge on this computer, with its R2 in `.wrangler/state`: `npm run edge`. */

import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { SignJWT } from 'jose';

const HOST = '127.0.0.1';
const PORT = 8801;
const READY_TIMEOUT_MS = 60_000;
const POLL_MS = 200;
const STOP_TIMEOUT_MS = 5_000;
const TENANT = 'default';
const TOKEN_LIFE = '12h';

const root = fileURLToPath(new URL('..', import.meta.url));

export interface EdgeOptions {
  /** Default 8801. */
  readonly port?: number | undefined;
  /** Folder for the edge's state and secret. Default: `.wrangler/state`, and `.dev.vars`. */
  readonly folder?: string | undefined;
  /** The one page that may call. Default: those of wrangler.toml. */
  readonly origin?: string | undefined;
  /** Whether wrangler says only what goes wrong. Default false. */
  readonly isQuiet?: boolean | undefined;
  /** Ends the edge, also while it is starting. */
  readonly signal?: AbortSignal | undefined;
}

/** An edge that answers. */
export interface RunningEdge {
  readonly url: string;
  /** A token for the tenant `default`. */
  readonly token: string;
  /** Settles when it has ended, by whatever cause. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/** Puts a fresh secret into a file that wrangler reads; other lines stay. */
function writeSecret(path: string): string {
  const secret = randomBytes(32).toString('hex');
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : [];
  const kept = lines.filter((line) => line.trim() !== '' && !line.startsWith('LOCI_TOKEN_SECRET='));
  writeFileSync(path, `${[...kept, `LOCI_TOKEN_SECRET=${secret}`].join('\n')}\n`, { mode: 0o600 });
  return secret;
}

function makeToken(secret: string): Promise<string> {
  return new SignJWT({ tenant: TENANT })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer('loci')
    .setIssuedAt()
    .setExpirationTime(TOKEN_LIFE)
    .sign(new TextEncoder().encode(secret));
}

/** Ends with an error where another program has the port: wrangler would take another one. */
function requireFreePort(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', () => reject(new Error(`Port ${port} is taken: end the program that has it.`)));
    probe.listen(port, HOST, () => probe.close(() => resolve()));
  });
}

function startWrangler(port: number, { folder, origin, isQuiet }: EdgeOptions): ChildProcess {
  const manifest = createRequire(import.meta.url).resolve('wrangler/package.json');
  const bin = join(dirname(manifest), 'bin', 'wrangler.js');
  const args = ['dev', '--local', '--ip', HOST, '--port', String(port), '--inspector-port', '0'];
  if (folder !== undefined) args.push('--persist-to', folder, '--env-file', join(folder, '.dev.vars'));
  if (isQuiet === true) args.push('--log-level', 'warn');
  if (origin !== undefined) args.push('--var', `LOCI_ALLOWED_ORIGINS:${origin}`);
  return spawn(process.execPath, [bin, ...args], {
    cwd: root,
    // Its own process group, so that workerd below it is ended with it.
    detached: true,
    // Without a terminal it asks nothing.
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...process.env,
      CLOUDFLARE_CF_FETCH_ENABLED: 'false',
      WRANGLER_SEND_METRICS: 'false',
      WRANGLER_HIDE_BANNER: 'true',
    },
  });
}

/** Ready is when it answers this run's token: then it is ours, and it has the secret. */
async function waitUntilReady(url: string, token: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  const headers = { Authorization: `Bearer ${token}` };
  while (Date.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('wrangler ended early.');
    const signal = AbortSignal.timeout(READY_TIMEOUT_MS);
    const response = await fetch(`${url}/v1/snapshots/default?limit=1`, { headers, signal }).catch(
      () => undefined,
    );
    await response?.arrayBuffer();
    if (response?.ok) return;
    await sleep(POLL_MS);
  }
  throw new Error(`The edge was not ready within ${READY_TIMEOUT_MS} ms.`);
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    // ESRCH: it has ended already, which is what was wanted.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** Starts wrangler, and resolves when the edge answers its token. */
export async function startEdge(options: EdgeOptions = {}): Promise<RunningEdge> {
  const { port = PORT, folder = root } = options;
  await requireFreePort(port);
  const token = await makeToken(writeSecret(join(folder, '.dev.vars')));
  const child = startWrangler(port, options);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  // The last resort: `exit` handlers may not wait, and a process group outlives its parent.
  const kill = () => signalGroup(child, 'SIGKILL');
  process.on('exit', kill);
  const stop = async () => {
    signalGroup(child, 'SIGTERM');
    await Promise.race([ended, sleep(STOP_TIMEOUT_MS, undefined, { ref: false })]);
    kill();
    process.off('exit', kill);
  };
  options.signal?.addEventListener('abort', () => void stop());
  const url = `http://${HOST}:${port}`;
  try {
    await waitUntilReady(url, token, child);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, token, ended, stop };
}

async function main(): Promise<void> {
  const stopping = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => stopping.abort());
  const { signal } = stopping;
  try {
    const { values } = parseArgs({ options: { origin: { type: 'string' } } });
    const { url, token, ended } = await startEdge({ signal, origin: values.origin });
    console.log(
      `\nThe edge runs at ${url}\nToken of tenant "${TENANT}", good for ${TOKEN_LIFE}:\n\n${token}\n`,
    );
    await ended;
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  if (!signal.aborted) throw new Error('wrangler ended.');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  });
}

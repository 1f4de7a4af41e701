/** Runs the edge on this computer, with its R2 in `.wrangler/state`: `npm run edge`. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { SignJWT } from 'jose';

const HOST = '127.0.0.1';
const PORT = 8801;
const ADDRESS = `http://${HOST}:${PORT}`;
const READY_TIMEOUT_MS = 60_000;
const POLL_MS = 200;
const STOP_TIMEOUT_MS = 5_000;
const TENANT = 'default';
const TOKEN_LIFE = '12h';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Puts a fresh secret into the gitignored `.dev.vars`, where wrangler reads it; other lines stay. */
function writeSecret(): string {
  const secret = randomBytes(32).toString('hex');
  const path = join(root, '.dev.vars');
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
function requireFreePort(): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', () => reject(new Error(`Port ${PORT} is taken: end the program that has it.`)));
    probe.listen(PORT, HOST, () => probe.close(() => resolve()));
  });
}

function startWrangler(): ChildProcess {
  const manifest = createRequire(import.meta.url).resolve('wrangler/package.json');
  const bin = join(dirname(manifest), 'bin', 'wrangler.js');
  const args = ['dev', '--local', '--ip', HOST, '--port', String(PORT), '--inspector-port', '0'];
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
async function waitUntilReady(token: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  const headers = { Authorization: `Bearer ${token}` };
  while (Date.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('wrangler ended early.');
    const signal = AbortSignal.timeout(READY_TIMEOUT_MS);
    const response = await fetch(`${ADDRESS}/v1/snapshots/default?limit=1`, { headers, signal }).catch(
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

async function stop(child: ChildProcess, ended: Promise<void>): Promise<void> {
  signalGroup(child, 'SIGTERM');
  await Promise.race([ended, sleep(STOP_TIMEOUT_MS, undefined, { ref: false })]);
  signalGroup(child, 'SIGKILL');
}

async function main(): Promise<void> {
  await requireFreePort();
  const token = await makeToken(writeSecret());
  const child = startWrangler();
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  // The last resort: `exit` handlers may not wait, and a process group outlives its parent.
  process.on('exit', () => signalGroup(child, 'SIGKILL'));
  let isStopping = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      isStopping = true;
      void stop(child, ended).then(() => process.exit(0));
    });
  }
  await waitUntilReady(token, child);
  console.log(
    `\nThe edge runs at ${ADDRESS}\nToken of tenant "${TENANT}", good for ${TOKEN_LIFE}:\n\n${token}\n`,
  );
  await ended;
  if (isStopping) return;
  throw new Error('wrangler ended.');
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});

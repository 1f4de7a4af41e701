/**
 * `npm run quickstart -- [conversation.json] ["question" …]`: the main job in the terminal. It drives
 * the built worker in a headless Chromium: import, ask, close the browser, open the same profile, ask again.
 */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium, type Page } from 'playwright';
import type {} from '../demo/console.ts';
import { isLociError } from '../src/errors.ts';
import { type Conversation, parseConversations } from '../src/memory/conversation.ts';
import type { EmbedderConfig, EngineConfig, NewMemory } from '../src/types.ts';
import { CHROMIUM_ARGS, ensureBrowser } from './browser.ts';
import { MODEL_URL } from './model-folder.ts';
import { serveDemo } from './serve-demo.ts';

const USAGE = `npm run quickstart -- [conversation.json] ["question" …]
  --conversation NAME   import and ask this conversation of the file only
  --limit N             memories an answer shows (default 5)
  --embedder KIND       builtin, or minilm (from LOCI_MODEL_DIR, else the hub);
                        default: minilm where LOCI_MODEL_DIR is set
  --json                print one JSON object as the last line`;

const SAMPLE = fileURLToPath(new URL('../demo/sample-conversation.json', import.meta.url));
/** Questions taken from the file where none are given. */
const OWN_QUESTIONS = 3;

interface Answer {
  readonly question: string;
  readonly ms: number;
  readonly hits: readonly {
    readonly id: string;
    readonly score: number;
    readonly content: string;
    readonly externalId: string | undefined;
    readonly speaker: string | undefined;
  }[];
}

interface Plan {
  readonly conversations: readonly Conversation[];
  readonly asked: Conversation;
  readonly questions: readonly string[];
  readonly limit: number;
  readonly embedder: 'builtin' | 'minilm';
  readonly isJson: boolean;
}

function readPlan(): Plan {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      conversation: { type: 'string' },
      limit: { type: 'string', default: '5' },
      embedder: { type: 'string', default: process.env.LOCI_MODEL_DIR ? 'minilm' : 'builtin' },
      json: { type: 'boolean', default: false },
    },
  });
  const [file = SAMPLE, ...questions] = positionals;
  const limit = Number(values.limit);
  if (!Number.isInteger(limit) || limit < 1)
    throw new Error(`--limit must be a whole number from 1\n${USAGE}`);
  const { embedder } = values;
  if (embedder !== 'builtin' && embedder !== 'minilm')
    throw new Error(`--embedder is builtin or minilm\n${USAGE}`);
  const all = parseConversations(readFileSync(file, 'utf8'));
  const conversations =
    values.conversation === undefined ? all : all.filter(({ name }) => name === values.conversation);
  const [asked] = conversations;
  if (asked === undefined)
    throw new Error(
      `${file} has no conversation ${values.conversation}; it has ${all.map(({ name }) => name).join(', ')}`,
    );
  const own = asked.questions.slice(0, OWN_QUESTIONS);
  if (questions.length === 0 && own.length === 0)
    throw new Error(`give a question: the file has none\n${USAGE}`);
  return {
    conversations,
    asked,
    limit,
    embedder,
    questions: questions.length > 0 ? questions : own,
    isJson: values.json,
  };
}

async function main(): Promise<void> {
  const plan = readPlan();
  const say = (line: string) => console.log(line);
  const browser = ensureBrowser(say);
  say('Building the worker …');
  const server = await serveDemo({ port: 0 });
  const profile = mkdtempSync(join(tmpdir(), 'loci-quickstart-'));
  try {
    const inBrowser = async <T>(work: (page: Page) => Promise<T>): Promise<T> => {
      const context = await chromium.launchPersistentContext(profile, {
        executablePath: browser.path,
        headless: true,
        args: [...CHROMIUM_ARGS],
      });
      try {
        const page = context.pages()[0] ?? (await context.newPage());
        await page.goto(`${server.url}console.html`);
        await page.waitForFunction(() => 'loci' in window);
        return await work(page);
      } finally {
        await context.close();
      }
    };
    const first = await inBrowser(async (page) => {
      const done = await importAll(page, plan, server.url, say);
      return { ...done, answers: await ask(page, plan, server.url) };
    });
    print(say, `Answers (${first.embedder}, ${first.durability})`, first.answers);
    say('\nClosing the browser, and opening the same profile again …');
    const reopened = await inBrowser((page) => ask(page, plan, server.url));
    print(say, 'Answers after reopening', reopened);
    const { imported, embedder, durability, answers } = first;
    const conversation = plan.asked.name;
    if (plan.isJson)
      say(
        JSON.stringify({
          imported,
          conversation,
          embedder,
          durability,
          answers: answers.map(withoutSpeakers),
          reopened: reopened.map(withoutSpeakers),
        }),
      );
  } finally {
    await server.close();
    rmSync(profile, { recursive: true, force: true });
  }
}

function configOf({ embedder }: Plan, conversation: Conversation, url: string): EngineConfig {
  const model: EmbedderConfig =
    embedder === 'builtin'
      ? { kind: 'builtin' }
      : process.env.LOCI_MODEL_DIR
        ? { kind: 'transformers', model: 'all-MiniLM-L6-v2', modelBaseUrl: new URL(MODEL_URL, url).href }
        : { kind: 'transformers' };
  return { tenant: 'quickstart', namespace: conversation.name, embedder: model };
}

/** Imports each conversation into a namespace of its own. */
async function importAll(page: Page, plan: Plan, url: string, say: (line: string) => void) {
  let imported = 0;
  let durability = 'none';
  let embedder = '';
  for (const conversation of plan.conversations) {
    const done = await page.evaluate(
      async (json) => {
        const { loci } = window;
        const { config, memories } = JSON.parse(json) as { config: EngineConfig; memories: NewMemory[] };
        const memory = await loci.openMemory(config);
        try {
          // The model first: what is imported is embedded once.
          for (;;) {
            const status = (await memory.status()).embedder;
            if (status.state === 'ready') break;
            if (status.state === 'failed') throw new Error(`the model could not be loaded: ${status.error}`);
            await new Promise((resolve) => setTimeout(resolve, 100));
          }
          const startMs = performance.now();
          const result = await loci.importMemories(memory, memories);
          const ms = performance.now() - startMs;
          return { ...result, ms, embedder: (await memory.status()).embedder.activeId };
        } finally {
          await memory.close();
        }
      },
      // As text: Playwright's types cannot follow a memory's metadata.
      JSON.stringify({ config: configOf(plan, conversation, url), memories: conversation.memories }),
    );
    say(
      `Imported ${done.imported} turns of ${conversation.name} in ${Math.round(done.ms)} ms (${done.durability}).`,
    );
    imported += done.imported;
    durability = done.durability ?? durability;
    embedder = done.embedder;
  }
  return { imported, embedder, durability };
}

async function ask(page: Page, plan: Plan, url: string): Promise<readonly Answer[]> {
  return page.evaluate(
    async ({ config, questions, limit }) => {
      const { loci } = window;
      const memory = await loci.openMemory(config);
      try {
        while ((await memory.status()).embedder.state === 'loading')
          await new Promise((resolve) => setTimeout(resolve, 100));
        const answers = [];
        for (const question of questions) {
          const startMs = performance.now();
          const { hits } = await memory.search(question, { limit });
          answers.push({
            question,
            ms: performance.now() - startMs,
            hits: hits.map(({ id, score, memory: { content, externalId, speaker } }) => ({
              id,
              score,
              content,
              externalId,
              speaker,
            })),
          });
        }
        return answers;
      } finally {
        await memory.close();
      }
    },
    { config: configOf(plan, plan.asked, url), questions: [...plan.questions], limit: plan.limit },
  );
}

/** An answer as the JSON line has it. */
function withoutSpeakers({ hits, ...answer }: Answer) {
  return { ...answer, hits: hits.map(({ speaker: _speaker, ...hit }) => hit) };
}

function print(say: (line: string) => void, title: string, answers: readonly Answer[]): void {
  say(`\n${title}`);
  for (const { question, ms, hits } of answers) {
    say(`\n  ${question}  (${ms.toFixed(1)} ms)`);
    if (hits.length === 0) say('    nothing is remembered of that');
    for (const { score, externalId, speaker, content } of hits)
      say(`    ${score.toFixed(3)}  ${externalId ?? '-'}  ${speaker ?? ''}: ${content}`);
  }
}

try {
  await main();
} catch (error) {
  console.error(
    isLociError(error)
      ? `${error.message}\n${error.hint ?? ''}`
      : error instanceof Error
        ? error.message
        : error,
  );
  process.exitCode = 1;
}

/** `npm run bench:recall`: which turns of long conversations are found for a question, ours and rivals in one run. */

import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { basename } from 'node:path';
import { ensureRivals } from '../vector/rivals.ts';
import { type RecallConversation, readConversations } from './data.ts';
import { readDocuments } from './documents/documents.ts';
import { makeNotes } from './documents/notes.ts';
import { measureLatency } from './latency.ts';
import { NO_DATA, type Options, readOptions } from './options.ts';
import { type DocumentFigures, latencyLine, type Report, tablesOf } from './report.ts';
import { run } from './run.ts';
import type { SystemSpec } from './system.ts';
import { ABLATIONS, SYSTEM_NAMES, SYSTEMS } from './systems/index.ts';
import { loadTokenizer, whyNoTokenizer } from './tokens.ts';

const say = (line: string) => console.error(line);

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2), SYSTEM_NAMES);
  const found = existsSync(options.data) ? await measure(options) : withoutData(options);
  const documents = options.hasDocuments ? await measureDocuments(options) : null;
  const { latencyMemories } = options;
  const latency = latencyMemories === undefined ? null : await measureLatency(latencyMemories, say);
  const report = { ...found, documents, latency };
  if (report.systems.length > 0) console.log(`\n${titleOf(report)}\n\n${tablesOf(report)}\n`);
  if (documents !== null)
    console.log(
      `Documents and notes: ${documents.turns} texts, ${documents.questions} questions\n\n${tablesOf(documents)}\n`,
    );
  if (latency !== null) console.log(`${latencyLine(latency)}\n`);
  for (const { name, reason } of report.skipped) console.log(`Skipped ${name}: ${reason}.`);
  if (options.isJson) console.log(JSON.stringify(report));
}

async function measure(options: Options): Promise<Report> {
  const { data, conversations: wanted } = options;
  const all = readConversations(data);
  const unknown = wanted?.find((name) => !all.some((each) => each.name === name));
  if (unknown !== undefined)
    throw new Error(
      `--conversations: there is no "${unknown}", but ${all.map(({ name }) => name).join(', ')}`,
    );
  const conversations = all.filter(({ name }) => wanted?.includes(name) ?? true);
  ensureRivals(say, ['gpt-tokenizer', 'minisearch']);
  const noTokenizer = whyNoTokenizer();
  const countTokens = noTokenizer === undefined ? await loadTokenizer() : undefined;
  const found = await run(conversations, chosenOf(options), countTokens, say);
  const notKept = noTokenizer === undefined ? [] : [{ name: 'evidence kept', reason: noTokenizer }];
  const skipped = [...notKept, ...found.skipped];
  return { ...frame(basename(data), conversations), systems: found.systems, skipped };
}

function chosenOf({ systems, isAblating }: Options): readonly SystemSpec[] {
  const usual = [...SYSTEMS, ...ABLATIONS].filter(
    (each) => systems?.includes(each.name) ?? !ABLATIONS.includes(each),
  );
  return isAblating ? [...new Set([...usual, ...ABLATIONS])] : usual;
}

/** What a packed context keeps is not measured: agents pack documents otherwise than chats. */
async function measureDocuments(options: Options): Promise<DocumentFigures> {
  const corpora = [readDocuments(), makeNotes()];
  const systems = chosenOf(options).filter(({ conversation }) => conversation === undefined);
  ensureRivals(say, ['minisearch']);
  const found = await run(corpora, systems, undefined, say);
  const { turns, questions } = frame(null, corpora);
  return { turns, questions, ...found };
}

function withoutData({ data }: Options): Report {
  const skipped =
    data === NO_DATA ? [] : [{ name: 'conversations', reason: `there is no ${data}; see --data` }];
  return { ...frame(null, []), skipped };
}

function frame(data: string | null, conversations: readonly RecallConversation[]): Report {
  const sum = (of: (each: RecallConversation) => number) =>
    conversations.reduce((total, each) => total + of(each), 0);
  return {
    data,
    conversations: conversations.length,
    turns: sum(({ turns }) => turns.length),
    questions: sum(({ questions }) => questions.length),
    dropped: sum(({ dropped }) => dropped),
    systems: [],
    skipped: [],
    documents: null,
    latency: null,
    machine: `${cpus()[0]?.model.trim() ?? 'unknown'}, ${cpus().length} cores, ${process.platform} ${process.arch}, Node ${process.version}`,
    date: new Date().toISOString().slice(0, 10),
  };
}

function titleOf({ data, conversations, turns, questions, date, machine }: Report): string {
  return `${data}: ${conversations} conversations, ${turns} turns, ${questions} questions, ${date}, ${machine}`;
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

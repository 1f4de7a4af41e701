/** Memories of real sentences, and questions with and without a mistyped word. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readSentences, whyNoTexts } from '../../scripts/builtin-model/texts.ts';
import { createRandom } from '../../src/testing/environment.ts';
import type { LexicalDocument } from '../../src/text/lexical-index.ts';
import { readConversations } from '../recall/data.ts';
import { dataFolder } from '../recall/options.ts';

/** Characters of a content, from and to: some 420 on the mean, what turns and notes have. */
const LENGTHS = { least: 180, most: 600 };
const SPEAKERS = 40;
const TAGS = 200;
const FIRST_CREATED_AT = Date.UTC(2023, 0, 1);
/** Time between two memories on the mean: a year at 100,000. */
const PAUSE_MS = 315_000;
const QUESTIONS = 400;

export interface TextCorpus {
  readonly memories: readonly LexicalDocument[];
  readonly questions: readonly string[];
  /** Each with its longest word mistyped. */
  readonly mistyped: readonly string[];
}

export function locomoFile(): string {
  return join(dataFolder(), 'locomo/locomo-dev5.json');
}

/** Why there is nothing to measure with, or undefined. */
export function whyNoData(): string | undefined {
  return whyNoTexts() ?? (existsSync(locomoFile()) ? undefined : `there is no ${locomoFile()}`);
}

export function makeCorpus(size: number, seed: number): TextCorpus {
  const sentences = readSentences();
  const random = createRandom(seed);
  const memories = Array.from({ length: size }, (_, i) => makeMemory(sentences, random, i));
  const questions = readConversations(locomoFile())
    .flatMap((conversation) => conversation.questions.map(({ question }) => question))
    .filter((_, i) => i % 2 === 0)
    .slice(0, QUESTIONS);
  return { memories, questions, mistyped: questions.map((question) => mistype(question, random)) };
}

function makeMemory(sentences: readonly string[], random: () => number, i: number): LexicalDocument {
  const below = (limit: number) => Math.floor(random() * limit);
  const length = LENGTHS.least + below(LENGTHS.most - LENGTHS.least);
  let content = '';
  for (let at = below(sentences.length); content.length < length; at = (at + 1) % sentences.length)
    content += `${content === '' ? '' : ' '}${sentences[at]}`;
  return {
    // A string of its own: the parts of joined ones would be freed while the engines' memory is measured.
    content: Buffer.from(content.slice(0, length + 40)).toString(),
    speaker: `Speaker${below(SPEAKERS)}`,
    tags: random() < 0.5 ? [] : [`tag${below(TAGS)}`, `topic${below(TAGS)}`],
    createdAt: FIRST_CREATED_AT + i * PAUSE_MS,
  };
}

/** Swaps two letters in the middle of the longest word. */
function mistype(question: string, random: () => number): string {
  const words = question.split(' ');
  const longest = words.reduce((most, word, i) => (word.length > (words[most] ?? '').length ? i : most), 0);
  const word = words[longest] ?? '';
  const at = 1 + Math.floor(random() * Math.max(1, word.length - 3));
  words[longest] = word.slice(0, at) + word.charAt(at + 1) + word.charAt(at) + word.slice(at + 2);
  return words.join(' ');
}

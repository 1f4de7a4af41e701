/** The project's own documents, cut into paragraphs, with questions about them: a text that is no conversation. */

import { readdirSync, readFileSync } from 'node:fs';
import type { RecallConversation, RecallQuestion, RecallTurn } from '../data.ts';

/** A question, then where it is answered: a file, and words that stand in one of its paragraphs only. */
type Asked = readonly [question: string, ...answers: (readonly [file: string, phrase: string])[]];

const ROOT = new URL('../../../', import.meta.url);
/** It holds the figures of this very benchmark. */
const LEFT_OUT = 'docs/recall.md';

/** All documents as one corpus: a file is a session, a paragraph's place in it its position. */
export function readDocuments(): RecallConversation {
  const turns = documentNames().flatMap((file) => turnsOf(file, readFileSync(new URL(file, ROOT), 'utf8')));
  const questions = readQuestions().map((asked) => questionOf(asked, turns));
  return { name: 'documents', turns, questions, dropped: 0 };
}

/** The questions as they are written. */
export function readQuestions(): readonly Asked[] {
  return JSON.parse(readFileSync(new URL('questions.json', import.meta.url), 'utf8')) as readonly Asked[];
}

function documentNames(): readonly string[] {
  const inFolder = (folder: string) =>
    readdirSync(new URL(folder, ROOT))
      .filter((name) => name.endsWith('.md'))
      .sort()
      .map((name) => `${folder}${name}`);
  const found = ['README.md', 'CONTRIBUTING.md', ...inFolder('docs/'), ...inFolder('docs/decisions/')];
  return found.filter((file) => file !== LEFT_OUT);
}

function turnsOf(file: string, text: string): readonly RecallTurn[] {
  return paragraphsOf(text).map((content, position) => ({
    ...{ id: `${file}:${position}`, text: content, content, sessionId: file, position },
    ...{ speaker: undefined, createdAt: undefined, source: 'document' },
  }));
}

/** Blocks of code as they are; else what blank lines part, and each item of a list and each row of a table. */
export function paragraphsOf(markdown: string): readonly string[] {
  return markdown
    .replace(/^#+ .*$/gm, '$&\n')
    .split(/^(```[\s\S]*?^```$)/m)
    .flatMap((part) => (part.startsWith('```') ? [part] : part.split(/\n\s*\n|\n(?=\s*(?:[-*|]|\d+\.) ?)/)))
    .map(plain)
    .filter((paragraph) => /[\p{L}\p{N}]/u.test(paragraph));
}

/** Without the marks of headings, items and rows, which stand for no word. */
function plain(paragraph: string): string {
  return paragraph
    .replace(/^```\w*\n|\n```$/g, '')
    .trim()
    .replace(/^(?:#+|[-*]|\|)\s+/, '')
    .replace(/\s+\|$/, '');
}

function questionOf([question, ...answers]: Asked, turns: readonly RecallTurn[]): RecallQuestion {
  const gold = answers.map(([file, phrase]) => {
    const places = turns.flatMap(({ sessionId, content }, place) =>
      sessionId === file && content.includes(phrase) ? [place] : [],
    );
    if (places.length !== 1)
      throw new Error(`"${phrase}" stands in ${places.length} paragraphs of ${file}, not in one`);
    return places[0] as number;
  });
  return { question, gold, category: 'documents' };
}

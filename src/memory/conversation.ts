/**
 * Conversation files: the shape of the LoCoMo data set, one object or a list of them, each a
 * conversation in dated sessions of turns, with questions that are optional.
 */

import crc32 from 'crc-32';
import { parse as parseDate } from 'date-fns';
import { findNodeAtLocation, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import * as v from 'valibot';
import { LociError } from '../errors.ts';
import { MAX_NAME_CHARS } from '../limits.ts';
import type { NewMemory } from '../types.ts';
import { parseNewMemory } from './record.ts';

/** One conversation as memories, a turn each. */
export interface Conversation {
  /** `sample_id`, or a name made of the content where there is none. */
  readonly name: string;
  /** In order; `externalId` is the turn's `dia_id`. */
  readonly memories: readonly NewMemory[];
  /** Questions the file asks of it. */
  readonly questions: readonly string[];
}

/** How LoCoMo writes when a session took place; taken as UTC. */
const SESSION_DATE_FORMAT = "h:mm aaa 'on' d MMMM, yyyy XXX";

const turnSchema = v.object({
  speaker: v.string('must be a string'),
  dia_id: v.string('must be a string'),
  text: v.optional(v.string('must be a string'), ''),
  blip_caption: v.nullish(v.string('must be a string')),
});
type Turn = v.InferOutput<typeof turnSchema>;

const sampleSchema = v.object({
  sample_id: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_NAME_CHARS))),
  conversation: v.record(v.string(), v.unknown(), 'must be an object with session_1, session_2, …'),
  qa: v.optional(v.array(v.object({ question: v.string('must be a string') })), []),
});
type Sample = v.InferOutput<typeof sampleSchema>;

type Path = (string | number)[];

/**
 * Reads a conversation file, all of it before anything is answered.
 *
 * @param text the file's text: JSON of one conversation or a list of them.
 * @throws LociError `IMPORT_INVALID` with `details.line` (from 1), for broken JSON as for a turn
 * that is not one.
 *
 * @example
 * const [conversation] = parseConversations(await file.text());
 * await memory.addMany(conversation.memories);
 */
export function parseConversations(file: string): readonly Conversation[] {
  if (typeof file !== 'string')
    throw new LociError('INVALID_INPUT', 'a conversation file is given as its text', {
      hint: 'Give await file.text().',
    });
  const text = file.replace(/^\uFEFF/, '');
  const value = parseJson(text);
  const samples = Array.isArray(value) ? value : [value];
  if (samples.length === 0) throw invalid(text, [], 'holds no conversation');
  const names = new Set<string>();
  return samples.map((each, index) => {
    const path: Path = Array.isArray(value) ? [index] : [];
    const sample = check(sampleSchema, each, text, path);
    const name = sample.sample_id ?? unnamed(text, index);
    if (names.has(name)) throw invalid(text, path, `repeats the sample_id "${name}"`);
    names.add(name);
    const memories = memoriesOf(sample, name, text, path);
    return { name, memories, questions: sample.qa.map(({ question }) => question) };
  });
}

/** A name of the content's own: two files without names are two conversations. */
function unnamed(text: string, index: number): string {
  return `conversation-${(crc32.str(text) >>> 0).toString(16)}-${index + 1}`;
}

function memoriesOf({ conversation }: Sample, name: string, text: string, path: Path): readonly NewMemory[] {
  const sessions = Object.keys(conversation)
    .flatMap((key) => (/^session_(\d+)$/.exec(key) ? [key] : []))
    .sort((a, b) => Number(a.slice(8)) - Number(b.slice(8)));
  if (sessions.length === 0) throw invalid(text, [...path, 'conversation'], 'has no session_1 with turns');
  const ids = new Set<string>();
  const memories = sessions.flatMap((session) => {
    const at: Path = [...path, 'conversation', session];
    const turns = conversation[session];
    if (!Array.isArray(turns)) throw invalid(text, at, 'must be a list of turns');
    const date = sessionDate(conversation, session, text, path);
    return turns.map((each, position) => {
      const turn = check(turnSchema, each, text, [...at, position]);
      if (ids.has(turn.dia_id)) throw invalid(text, [...at, position], `repeats the dia_id "${turn.dia_id}"`);
      ids.add(turn.dia_id);
      return memoryOf(turn, { name, session, position, date }, text, [...at, position]);
    });
  });
  if (memories.length === 0) throw invalid(text, [...path, 'conversation'], 'has no turns');
  return memories;
}

function memoryOf(
  turn: Turn,
  place: { name: string; session: string; position: number; date: number | undefined },
  text: string,
  path: Path,
): NewMemory {
  const caption = turn.blip_caption ? `[picture: ${turn.blip_caption}]` : '';
  const memory: NewMemory = {
    content: [turn.text, caption].filter((part) => part.trim() !== '').join(' '),
    kind: 'episodic',
    tier: 'session',
    source: 'conversation-file',
    speaker: turn.speaker,
    externalId: turn.dia_id,
    sessionId: `${place.name}/${place.session}`,
    position: place.position,
    ...(place.date === undefined ? {} : { createdAt: place.date, validFrom: place.date }),
  };
  try {
    parseNewMemory(memory, 0);
  } catch (error) {
    throw invalid(text, path, error instanceof Error ? error.message : String(error));
  }
  return memory;
}

function sessionDate(
  conversation: Sample['conversation'],
  session: string,
  text: string,
  path: Path,
): number | undefined {
  const key = `${session}_date_time`;
  const written = conversation[key];
  if (written === undefined) return undefined;
  const date =
    typeof written === 'string'
      ? parseDate(`${written.trim()} +00:00`, SESSION_DATE_FORMAT, new Date(0)).getTime()
      : Number.NaN;
  if (Number.isNaN(date))
    throw invalid(text, [...path, 'conversation', key], 'must be a date such as "1:56 pm on 8 May, 2023"');
  return date;
}

function parseJson(text: string): unknown {
  try {
    // The platform's parser is many times faster; where a fault is, is asked of another.
    return JSON.parse(text);
  } catch (cause) {
    const errors: ParseError[] = [];
    if (text.trim() === '') throw importError(text, 0, 'the file is empty', cause);
    locateFaults(text, errors);
    const [first] = errors;
    const offset = first?.offset ?? text.length;
    const isCut = first !== undefined && text.slice(offset + first.length).trim() === '';
    const reason = isCut
      ? 'the file ends in the middle: it was not written to its end'
      : `not valid JSON (${first === undefined ? String(cause) : printParseErrorCode(first.error)})`;
    throw importError(text, offset, reason, cause);
  }
}

function locateFaults(text: string, errors: ParseError[]): void {
  try {
    parseTree(text, errors, { disallowComments: true });
  } catch (error) {
    // It recurses: a file nested thousands deep overflows the stack. Then the place stays unknown.
    if (!(error instanceof RangeError)) throw error;
  }
}

function check<const T extends v.GenericSchema>(
  schema: T,
  value: unknown,
  text: string,
  path: Path,
): v.InferOutput<T> {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const keys = (issue.path ?? []).map(({ key }) => key as string | number);
  const reason = issue.received === 'undefined' ? 'is missing' : issue.message;
  throw invalid(text, [...path, ...keys], reason);
}

function invalid(text: string, path: Path, reason: string): LociError {
  const tree = parseTree(text);
  let known = path;
  // What is missing has no place in the file: its parent has.
  let node = tree && findNodeAtLocation(tree, known);
  while (tree !== undefined && node === undefined && known.length > 0) {
    known = known.slice(0, -1);
    node = findNodeAtLocation(tree, known);
  }
  return importError(text, node?.offset ?? 0, path.length === 0 ? reason : `${path.join('.')} ${reason}`);
}

function importError(text: string, offset: number, reason: string, cause?: unknown): LociError {
  const before = text.slice(0, offset).split('\n');
  const line = before.length;
  // Many such files are one long line.
  const column = (before.at(-1)?.length ?? 0) + 1;
  return new LociError('IMPORT_INVALID', `line ${line}, column ${column}: ${reason}`, {
    hint: 'Mend the file at that line and import it again; nothing of it was kept.',
    details: { line, column, reason },
    cause,
  });
}

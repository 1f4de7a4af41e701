/** Where an import has got to, as a word that its caller keeps. */
import { LociError } from '../errors.ts';
import { checksumText } from './checksum.ts';

/** A place between two lines of a file, with the checksum of what lies before it. */
export interface Position {
  readonly bytes: number;
  readonly lines: number;
  readonly checksum: number;
}

/** The beginning of every file. */
export const START: Position = { bytes: 0, lines: 0, checksum: 0 };

const TOKEN = /^1\.(\d{1,15})\.(\d{1,15})\.([0-9a-f]{8})$/;

export function encodePosition({ bytes, lines, checksum }: Position): string {
  return `1.${bytes}.${lines}.${checksumText(checksum)}`;
}

/** @throws LociError INVALID_INPUT for what no import gave. */
export function decodePosition(token: string): Position {
  const [, bytes, lines, checksum] = TOKEN.exec(token) ?? [];
  if (bytes !== undefined && lines !== undefined && checksum !== undefined)
    return { bytes: Number(bytes), lines: Number(lines), checksum: Number.parseInt(checksum, 16) | 0 };
  throw new LociError('INVALID_INPUT', 'resumeFrom is not the token of an import', {
    hint: 'Give the resumeToken as it came, or leave it out to begin anew.',
  });
}

/**
 * Whether a place is the one looked for.
 *
 * @throws LociError IMPORT_INVALID where it lies at or behind it and is another: the file is not the same.
 */
export function isReached(from: Position, at: Position): boolean {
  if (at.bytes < from.bytes) return false;
  if (at.bytes === from.bytes && at.lines === from.lines && at.checksum === from.checksum) return true;
  throw anotherFile();
}

export function anotherFile(): LociError {
  return new LociError('IMPORT_INVALID', 'The file is not the one whose import was cut off', {
    hint: 'Give that file, or import this one from its beginning, without resumeFrom.',
  });
}

/** The benchmark's options, read and checked. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

export const USAGE = `npm run bench:recall -- [options]
  --data FILE            conversations with questions (default locomo/locomo-dev5.json of the evaluation data),
                         or none
  --systems A,B          these only, or none
  --ablations            Loci without each of its signals too
  --documents            ask the project's own documents and an agent's notes too
  --conversations A,B    these only, by their names in the file
  --latency              time searches in Chromium too
  --memories N           in the store that is searched for that (default 100000)
  --json                 print one JSON object as the last line`;

/** In place of a file: no conversations. */
export const NO_DATA = 'none';

export interface Options {
  /** It may not be there: that is no error of the caller's where he named none. */
  readonly data: string;
  /** Undefined: all. */
  readonly systems: readonly string[] | undefined;
  /** Undefined: all. */
  readonly conversations: readonly string[] | undefined;
  readonly isAblating: boolean;
  readonly hasDocuments: boolean;
  /** Memories of the store in which searches are timed; undefined where that is not wanted. */
  readonly latencyMemories: number | undefined;
  readonly isJson: boolean;
}

/** @throws Error with one line on what is wrong, and the usage. */
export function readOptions(args: readonly string[], known: readonly string[]): Options {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        data: { type: 'string' },
        systems: { type: 'string' },
        conversations: { type: 'string' },
        ablations: { type: 'boolean', default: false },
        documents: { type: 'boolean', default: false },
        latency: { type: 'boolean', default: false },
        memories: { type: 'string', default: '100000' },
        json: { type: 'boolean', default: false },
      },
    });
    const systems = values.systems === 'none' ? [] : listOf(values.systems);
    const memories = Number(values.memories);
    if (!Number.isInteger(memories) || memories < 100 || memories > 2_000_000)
      throw new Error('--memories must be a whole number from 100 to 2000000');
    const unknown = systems?.find((name) => !known.includes(name));
    if (unknown !== undefined)
      throw new Error(`--systems: there is no "${unknown}", but ${known.join(', ')}`);
    if (values.data !== undefined && values.data !== NO_DATA && !existsSync(values.data))
      throw new Error(`--data: there is no ${values.data}`);
    return {
      data: values.data ?? join(dataFolder(), 'locomo', 'locomo-dev5.json'),
      systems,
      conversations: listOf(values.conversations),
      isAblating: values.ablations,
      hasDocuments: values.documents,
      latencyMemories: values.latency ? memories : undefined,
      isJson: values.json,
    };
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n${USAGE}`);
  }
}

/** Of the evaluation data, which lies beside the project or in `LOCI_DATA_DIR`. */
export function dataFolder(): string {
  return process.env.LOCI_DATA_DIR || fileURLToPath(new URL('../../../shared/data', import.meta.url));
}

function listOf(text: string | undefined): readonly string[] | undefined {
  const names = text?.split(',').map((name) => name.trim());
  return names?.filter((name) => name !== '');
}

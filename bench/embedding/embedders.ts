/** The embedders that are measured, as Node has them. */

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadTeacher, TEACHER } from '../../scripts/builtin-model/teacher.ts';
import { createBuiltinEmbedder } from '../../src/embedding/builtin/encoder.ts';
import {
  createBuiltinLoader,
  createReducedLoader,
  createTableSource,
} from '../../src/embedding/builtin/load.ts';
import { readBuiltinTable } from '../../src/embedding/builtin/table.ts';
import type { Embedder } from '../../src/embedding/embedder.ts';
import { createHashingEmbedder } from '../../src/embedding/hashing.ts';
import { transformersIdentity } from '../../src/embedding/transformers.ts';

/** `-256`: with vectors of fewer dimensions. */
export type EmbedderName = 'hashing' | 'builtin' | 'builtin-256' | 'minilm' | 'minilm-256';

export const TABLE = fileURLToPath(new URL('../../src/embedding/builtin/table.bin', import.meta.url));
/** Texts of one call. */
const BATCH = 32;

export function modelFolder(): string {
  return process.env.LOCI_MODEL_DIR || fileURLToPath(new URL('../../../shared/models', import.meta.url));
}

/** What is downloaded of a model, without its runtime. */
export function bytesOf(name: EmbedderName): number {
  if (name === 'hashing') return 0;
  if (isTable(name)) return statSync(TABLE).size;
  const folder = join(modelFolder(), TEACHER);
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((file) => statSync(join(folder, file)))
    .reduce((sum, stat) => sum + (stat.isFile() ? stat.size : 0), 0);
}

/** Why an embedder cannot be measured, or undefined. */
export function whyNot(name: EmbedderName): string | undefined {
  if ((name === 'minilm' || name === 'minilm-256') && !existsSync(join(modelFolder(), TEACHER)))
    return `${TEACHER} is not in ${modelFolder()} (or $LOCI_MODEL_DIR)`;
  if (name !== 'hashing' && name !== 'minilm' && !existsSync(TABLE))
    return 'there is no table; npm run train:builtin makes it';
  return undefined;
}

export async function loadEmbedder(name: EmbedderName): Promise<Embedder> {
  if (name === 'hashing') return createHashingEmbedder();
  if (name === 'builtin') return createBuiltinEmbedder(readBuiltinTable(readFileSync(TABLE)));
  if (name === 'builtin-256') return createBuiltinLoader({ dimensions: 256 }).load(() => undefined);
  const minilm = await loadMinilm();
  if (name === 'minilm') return minilm;
  return createReducedLoader({ ...minilm, load: async () => minilm }, createTableSource()).load(
    () => undefined,
  );
}

function isTable(name: EmbedderName): boolean {
  return name === 'builtin' || name === 'builtin-256';
}

async function loadMinilm(): Promise<Embedder> {
  const teach = await loadTeacher(modelFolder());
  const identity = transformersIdentity({ model: TEACHER });
  return {
    ...identity,
    embed: async (texts) => {
      const rows = await teach(texts);
      return texts.map((_, i) => rows.slice(i * identity.dimensions, (i + 1) * identity.dimensions));
    },
    close: async () => undefined,
  };
}

/** The vectors of all texts, those of like length in one call. */
export async function embedAll(
  { embed }: Embedder,
  texts: readonly string[],
): Promise<(text: string) => Float32Array> {
  const vectors = new Map<string, Float32Array>();
  const ordered = [...new Set(texts)].sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  for (let at = 0; at < ordered.length; at += BATCH) {
    const batch = ordered.slice(at, at + BATCH);
    for (const [i, vector] of (await embed(batch)).entries()) vectors.set(batch[i] ?? '', vector);
  }
  return (text) => {
    const vector = vectors.get(text);
    if (vector === undefined) throw new Error(`"${text}" was not embedded`);
    return vector;
  };
}

/** The models of a run: what they embed is kept, and what they take is told apart from what a search takes. */

import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, truncateSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TEACHER } from '../../scripts/builtin-model/teacher.ts';
import type { Embedder, EmbedderIdentity } from '../../src/embedding/embedder.ts';
import { transformersIdentity } from '../../src/embedding/transformers.ts';
import { loadEmbedder, whyNot } from '../embedding/embedders.ts';

export type ModelName = 'builtin' | 'minilm';

/** An embedder with a clock. */
export interface TimedEmbedder extends Embedder {
  /** ms that were spent in `embed` so far. */
  readonly spentMs: number;
}

const CACHE = fileURLToPath(new URL('../.cache/recall-minilm.bin', import.meta.url));
const HASH_BYTES = 32;

/** Why a model cannot be had, or undefined. */
export function whyNoModel(name: ModelName): string | undefined {
  return whyNot(name);
}

/** The model; MiniLM's vectors are kept in a file from run to run, and it is loaded when one is missing only. */
export async function openModel(name: ModelName): Promise<TimedEmbedder> {
  const embedder =
    name === 'builtin'
      ? await loadEmbedder('builtin')
      : keepVectors(transformersIdentity({ model: TEACHER }), () => loadEmbedder('minilm'), CACHE);
  return timed(embedder);
}

/** Whoever uses it may close it: it stays open for the next. */
export function timed(embedder: Embedder): TimedEmbedder {
  let spentMs = 0;
  const { id, space, dimensions } = embedder;
  return {
    ...{ id, space, dimensions },
    get spentMs() {
      return spentMs;
    },
    embed: async (texts, purpose) => {
      const from = performance.now();
      try {
        return await embedder.embed(texts, purpose);
      } finally {
        spentMs += performance.now() - from;
      }
    },
    close: async () => undefined,
  };
}

/** Rows of a text's hash and its vector, appended as texts come. */
export function keepVectors(
  identity: EmbedderIdentity,
  load: () => Promise<Embedder>,
  file: string,
): Embedder {
  const { id, space, dimensions } = identity;
  const known = readRows(file, dimensions);
  let loading: Promise<Embedder> | undefined;
  const learn = async (texts: readonly string[]) => {
    if (texts.length === 0) return;
    loading ??= load();
    const vectors = await (await loading).embed(texts);
    mkdirSync(dirname(file), { recursive: true });
    for (const [i, text] of texts.entries()) {
      const vector = Float32Array.from(vectors[i] ?? []);
      known.set(hashOf(text), vector);
      appendFileSync(file, Buffer.concat([Buffer.from(hashOf(text), 'hex'), Buffer.from(vector.buffer)]));
    }
  };
  return {
    ...{ id, space, dimensions },
    embed: async (texts) => {
      await learn([...new Set(texts)].filter((text) => !known.has(hashOf(text))));
      return texts.map((text) => Float32Array.from(known.get(hashOf(text)) ?? []));
    },
    close: async () => (await loading)?.close(),
  };
}

function readRows(file: string, dimensions: number): Map<string, Float32Array> {
  const rows = new Map<string, Float32Array>();
  if (!existsSync(file)) return rows;
  const bytes = readFileSync(file);
  const rowBytes = HASH_BYTES + 4 * dimensions;
  const whole = bytes.length - (bytes.length % rowBytes);
  // A stopped run leaves half a row.
  if (whole < bytes.length) truncateSync(file, whole);
  for (let at = 0; at < whole; at += rowBytes) {
    const vector = new Float32Array(
      bytes.buffer.slice(bytes.byteOffset + at + HASH_BYTES, bytes.byteOffset + at + rowBytes),
    );
    rows.set(bytes.toString('hex', at, at + HASH_BYTES), vector);
  }
  return rows;
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

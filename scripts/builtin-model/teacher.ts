/** The teacher: MiniLM's vectors of texts, kept in files so that they are computed once; a stopped run goes on. */

import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';

export const TEACHER = 'all-MiniLM-L6-v2';
/** Texts of one call: of like length, so that little is padding. */
const BATCH = 32;
/** Texts between two writes; what a stopped run loses at most. */
const CHUNK = 4_096;

/** Brings texts to unit vectors, one after the other in one array. */
export type Teacher = (texts: readonly string[]) => Promise<Float32Array>;

/** MiniLM from a folder laid out as the hub's. */
export async function loadTeacher(modelFolder: string): Promise<Teacher> {
  const { env, pipeline } = await import('@huggingface/transformers');
  env.allowRemoteModels = false;
  env.localModelPath = modelFolder;
  const extract = await pipeline('feature-extraction', TEACHER, { dtype: 'q8' });
  return async (texts) => {
    const output = await extract([...texts], { pooling: 'mean', normalize: true });
    return output.data as Float32Array;
  };
}

/** The vectors of all texts, from the cache as far as it goes. Named by what the texts are. */
export async function teach(
  name: string,
  texts: readonly string[],
  dimensions: number,
  cacheFolder: string,
  teacher: () => Promise<Teacher>,
  say: (line: string) => void,
): Promise<Float32Array> {
  mkdirSync(cacheFolder, { recursive: true });
  const key = createHash('sha256').update(texts.join('\n')).digest('hex').slice(0, 16);
  const file = join(cacheFolder, `${name}-${key}.f32`);
  const rowBytes = 4 * dimensions;
  let done = existsSync(file) ? Math.floor(statSync(file).size / rowBytes) : 0;
  // Whole chunks only: a batch is made within its chunk, so that a run that goes on gives what one run gives.
  if (done < texts.length) done -= done % CHUNK;
  // Longer than the texts: two runs have written to it, and which vector is whose is not known.
  if (done > texts.length) done = 0;
  if (existsSync(file)) truncateSync(file, done * rowBytes);
  const embed = done < texts.length ? await teacher() : undefined;
  for (; embed !== undefined && done < texts.length; done = Math.min(done + CHUNK, texts.length)) {
    const chunk = texts.slice(done, done + CHUNK);
    appendFileSync(file, new Uint8Array((await embedChunk(chunk, dimensions, embed)).buffer));
    say(`teacher: ${name}, ${done + chunk.length} of ${texts.length}`);
  }
  const bytes = readFileSync(file);
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
}

/** Batches of like length; the vectors in the order of the texts. */
async function embedChunk(
  texts: readonly string[],
  dimensions: number,
  embed: Teacher,
): Promise<Float32Array<ArrayBuffer>> {
  const order = [...texts.keys()].sort((a, b) => (texts[a] ?? '').length - (texts[b] ?? '').length || a - b);
  const vectors = new Float32Array(texts.length * dimensions);
  for (let from = 0; from < order.length; from += BATCH) {
    const rows = order.slice(from, from + BATCH);
    const batch = await embed(rows.map((row) => texts[row] ?? ''));
    for (const [i, row] of rows.entries()) {
      const vector = batch.subarray(i * dimensions, (i + 1) * dimensions);
      vectors.set(vector, row * dimensions);
    }
  }
  return vectors;
}

/** `npm run train:builtin`: teaches the built-in model from sentences and the teacher's vectors, and writes its table. */

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build, type Recipe } from './build.ts';
import { RECIPE } from './recipe.ts';
import { TEACHER } from './teacher.ts';
import { readSentences, readVocabulary, whyNoTexts } from './texts.ts';
import type { Checkpoint } from './train.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CACHE = join(ROOT, '.cache/builtin-model');
const TABLE = join(ROOT, 'src/embedding/builtin/table.bin');
const REPORT = join(ROOT, 'scripts/builtin-model/report.json');

const USAGE = `npm run train:builtin -- [options]
  --out FILE     where the table goes (default src/embedding/builtin/table.bin)
  --seed N       (default ${RECIPE.seed})`;

const say = (line: string) => console.error(`${new Date().toISOString().slice(11, 19)} ${line}`);

function modelFolder(): string {
  return process.env.LOCI_MODEL_DIR || fileURLToPath(new URL('../../../shared/models', import.meta.url));
}

/** A pass's state in files beside the teacher's vectors, named by the recipe and the code that learns by it. */
function checkpoints(recipe: Recipe) {
  const key = createHash('sha256').update(JSON.stringify(recipe)).digest('hex').slice(0, 12);
  const file = join(CACHE, `checkpoint-${key}.bin`);
  return {
    read: (numbers: number): Checkpoint | undefined => {
      if (!existsSync(file)) return undefined;
      const bytes = readFileSync(file);
      if (bytes.length !== 4 + 3 * 4 * numbers) return undefined;
      const all = new Float32Array(bytes.buffer.slice(bytes.byteOffset + 4, bytes.byteOffset + bytes.length));
      const state = [0, 1, 2].map((part) => all.subarray(part * numbers, (part + 1) * numbers));
      return { pass: bytes.readUInt32LE(0), state };
    },
    write: ({ pass, state }: Checkpoint) => {
      const head = Buffer.alloc(4);
      head.writeUInt32LE(pass);
      const parts = state.map(({ buffer, byteOffset, byteLength }) =>
        Buffer.from(buffer, byteOffset, byteLength),
      );
      // Renamed when whole: a run that is stopped here leaves the one before.
      writeFileSync(`${file}.part`, Buffer.concat([head, ...parts]));
      renameSync(`${file}.part`, file);
    },
    remove: () => rmSync(file, { force: true }),
  };
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { out: { type: 'string' }, seed: { type: 'string' } } });
  const seed = values.seed === undefined ? RECIPE.seed : Number(values.seed);
  if (!Number.isInteger(seed) || seed < 0) throw new Error(`--seed must be a whole number\n${USAGE}`);
  const missing = whyNoTexts();
  if (missing !== undefined) throw new Error(missing);
  const recipe = { ...RECIPE, seed };
  mkdirSync(CACHE, { recursive: true });
  const kept = checkpoints(recipe);
  const from = performance.now();
  const { table, report } = await build({
    recipe,
    sentences: readSentences(),
    vocabulary: readVocabulary(join(modelFolder(), TEACHER, 'tokenizer.json')),
    cacheFolder: CACHE,
    teacher: async () => (await import('./teacher.ts')).loadTeacher(modelFolder()),
    checkpoints: kept,
    say,
  });
  const out = values.out ?? TABLE;
  writeFileSync(out, table);
  kept.remove();
  const sha256 = createHash('sha256').update(table).digest('hex');
  const seconds = Math.round((performance.now() - from) / 1000);
  if (values.out === undefined)
    writeFileSync(REPORT, `${JSON.stringify({ ...report, bytes: table.length, sha256, recipe }, null, 2)}\n`);
  say(`${out}: ${table.length} bytes, sha256 ${sha256.slice(0, 16)}…, ${seconds} s`);
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

/** One run: every embedder, the pairs of the built-in model and MiniLM, and the mixture of both. */

import { readFileSync } from 'node:fs';
import { readBuiltinTable } from '../../src/embedding/builtin/table.ts';
import type { PairScores } from '../../src/embedding/calibration.ts';
import type { Embedder } from '../../src/embedding/embedder.ts';
import type { TimingBrowser } from './browser.ts';
import { calibrationTexts, measurePairs, reducedModels } from './calibration.ts';
import { bytesOf, type EmbedderName, embedAll, loadEmbedder, TABLE, whyNot } from './embedders.ts';
import { type LocomoConversation, readLocomo, scoreLocomo } from './locomo.ts';
import { type MixedModel, mixtureFigures } from './mixture-figures.ts';
import type { Options } from './options.ts';
import { QUESTIONS, SENTENCES, scoreParaphrases } from './paraphrase/score.ts';
import type { EmbedderFigures, PairFigures, Report } from './report.ts';
import { bytesPerVector } from './storage.ts';
import { readSts, type StsPair, scoreSts, textsOfSts } from './sts.ts';
import { longSentences, sentencesPerSecond } from './timing.ts';

const NAMES: readonly EmbedderName[] = ['hashing', 'builtin', 'builtin-256', 'minilm', 'minilm-256'];
type Outcome = Pick<Report, 'embedders' | 'pairs' | 'mixture' | 'mixture256' | 'skipped'>;

interface Material {
  readonly sts: readonly StsPair[] | undefined;
  readonly locomo: readonly LocomoConversation[] | undefined;
  readonly texts: readonly string[];
  readonly timed: readonly string[];
}

interface Measured extends MixedModel {
  readonly figures: EmbedderFigures;
}

export async function run(
  options: Options,
  browser: TimingBrowser | undefined,
  say: (line: string) => void,
): Promise<Outcome> {
  const material = readMaterial(options);
  const measured = new Map<EmbedderName, Measured>();
  const skipped: { name: string; reason: string }[] = [];
  for (const name of NAMES) {
    const reason = whyNot(name);
    if (reason !== undefined) skipped.push({ name, reason });
    else measured.set(name, await measure(name, material, browser, say));
  }
  if (material.sts === undefined) skipped.push({ name: 'STS', reason: 'there is no file; see --sts' });
  if (material.locomo === undefined)
    skipped.push({ name: 'LoCoMo', reason: 'there is no file; see --locomo' });
  const [builtin, minilm] = [measured.get('builtin'), measured.get('minilm')];
  const areBoth = builtin !== undefined && minilm !== undefined;
  const mixed = (old: EmbedderName, other: EmbedderName) =>
    mixtureFigures(measured.get(old), measured.get(other), material.locomo, options.seed);
  return {
    embedders: [...measured.values()].map(({ figures }) => figures),
    pairs: areBoth ? pairsOf([builtin, minilm], material) : [],
    mixture: mixed('builtin', 'minilm'),
    mixture256: mixed('builtin-256', 'minilm-256'),
    skipped,
  };
}

function readMaterial(options: Options): Material {
  const sts = options.sts === undefined ? undefined : readSts(options.sts);
  const locomo = options.locomo === undefined ? undefined : readLocomo(options.locomo);
  const asked = (locomo ?? []).flatMap(({ turns, questions }) => [
    ...turns,
    ...questions.map(({ question }) => question),
  ]);
  const texts = [...QUESTIONS, ...SENTENCES, ...textsOfSts(sts ?? []), ...asked];
  return { sts, locomo, texts, timed: longSentences(SENTENCES) };
}

async function measure(
  name: EmbedderName,
  { sts, locomo, texts, timed }: Material,
  browser: TimingBrowser | undefined,
  say: (line: string) => void,
): Promise<Measured> {
  const from = performance.now();
  const embedder: Embedder = await loadEmbedder(name);
  const loadMs = performance.now() - from;
  say(`${embedder.id}: speed`);
  const node = await sentencesPerSecond(embedder, timed);
  const chromium = browser === undefined ? null : await browser.time(name, timed);
  say(`${embedder.id}: ${texts.length} texts`);
  const vectorOf = await embedAll(embedder, texts);
  await embedder.close();
  const figures = {
    id: embedder.id,
    bytes: bytesOf(name),
    dimensions: embedder.dimensions,
    bytesPerVector: await bytesPerVector(embedder.dimensions),
    loadMs,
    sentencesPerSecond: { node, chromium },
    sts: sts === undefined ? null : scoreSts(sts, vectorOf),
    locomoR10: locomo === undefined ? null : scoreLocomo(locomo, vectorOf, vectorOf),
    paraphrase: scoreParaphrases(vectorOf, vectorOf),
  };
  return { id: embedder.id, space: embedder.space, figures, vectorOf };
}

function pairsOf(models: readonly Measured[], { locomo }: Material): readonly PairFigures[] {
  return models.flatMap((query) =>
    models.map((document) => ({
      query: query.figures.id,
      document: document.figures.id,
      locomoR10: locomo === undefined ? null : scoreLocomo(locomo, query.vectorOf, document.vectorOf),
      paraphraseTop10: scoreParaphrases(query.vectorOf, document.vectorOf).top10,
    })),
  );
}

/** How the scores of the built-in model and MiniLM lie, by sentences that nothing is measured on. */
export async function calibrate(folder: string, say: (line: string) => void): Promise<readonly PairScores[]> {
  const texts = calibrationTexts(folder);
  const models = [];
  for (const name of ['builtin', 'minilm'] as const) {
    const reason = whyNot(name);
    if (reason !== undefined) throw new Error(reason);
    const embedder = await loadEmbedder(name);
    say(`${embedder.id}: ${texts.length} sentences`);
    models.push({ id: embedder.id, space: embedder.space, vectorOf: await embedAll(embedder, texts) });
    await embedder.close();
  }
  const table = readBuiltinTable(readFileSync(TABLE));
  return [models, reducedModels(models, table)].flatMap((each) => measurePairs(each, texts));
}

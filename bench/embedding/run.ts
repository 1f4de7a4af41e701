/** One run: every embedder, the pairs of the built-in model and MiniLM, and the mixture of both. */

import { readFileSync } from 'node:fs';
import { readBuiltinTable } from '../../src/embedding/builtin/table.ts';
import {
  type Calibration,
  calibrationBetween,
  calibrationName,
  MEASURED_PAIRS,
  type PairScores,
} from '../../src/embedding/calibration.ts';
import type { Embedder } from '../../src/embedding/embedder.ts';
import { MINILM_SPACE } from '../../src/embedding/spaces.ts';
import type { TimingBrowser } from './browser.ts';
import { calibrationTexts, measurePairs, reducedModels } from './calibration.ts';
import { bytesOf, type EmbedderName, embedAll, loadEmbedder, TABLE, whyNot } from './embedders.ts';
import { type LocomoConversation, readLocomo, scoreLocomo } from './locomo.ts';
import { type MixtureInput, scoreMixedParaphrases, scoreMixture, type VectorOf } from './mixture.ts';
import type { Options } from './options.ts';
import { QUESTIONS, SENTENCES, scoreParaphrases } from './paraphrase/score.ts';
import type { EmbedderFigures, MixtureFigures, PairFigures, Report } from './report.ts';
import { bytesPerVector } from './storage.ts';
import { readSts, type StsPair, scoreSts, textsOfSts } from './sts.ts';
import { longSentences, sentencesPerSecond } from './timing.ts';

const NAMES: readonly EmbedderName[] = ['hashing', 'builtin', 'builtin-256', 'minilm', 'minilm-256'];
const NOT_CALIBRATED: Calibration = { factor: 1, offset: 0 };
/** Draws of which half of the documents has the new model's vectors. */
const DRAWS = 5;
const NO_MIXTURE: MixtureFigures = {
  locomoR10: null,
  ownQueryR10: null,
  minilmQueryR10: null,
  uncalibratedR10: null,
  shares: [],
};
/** Shares of the documents that have the new model's vectors. */
const SHARES = [0.25, 0.5, 0.75];

type Outcome = Pick<Report, 'embedders' | 'pairs' | 'mixture' | 'skipped'>;

interface Material {
  readonly sts: readonly StsPair[] | undefined;
  readonly locomo: readonly LocomoConversation[] | undefined;
  readonly texts: readonly string[];
  readonly timed: readonly string[];
}

interface Measured {
  readonly figures: EmbedderFigures;
  readonly vectorOf: VectorOf;
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
  return {
    embedders: [...measured.values()].map(({ figures }) => figures),
    pairs: areBoth ? pairsOf([builtin, minilm], material) : [],
    mixture: areBoth ? mixtureOf(builtin, minilm, material, options.seed) : NO_MIXTURE,
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
  return { figures, vectorOf };
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

function mixtureOf(builtin: Measured, minilm: Measured, { locomo }: Material, seed: number): MixtureFigures {
  if (locomo === undefined) return NO_MIXTURE;
  const documents = { oldDocumentOf: builtin.vectorOf, newDocumentOf: minilm.vectorOf };
  const asked = (old: Measured, other: Measured, isCalibrated = true, share = 0.5): MixtureInput[] => {
    // To the scale of the query's own documents, as the engine does; where each asks its own, to the new model's.
    const to = pairOf(other, other === old ? other : minilm);
    const calibrationOf = (query: Measured, document: Measured): Calibration => {
      const from = pairOf(query, document);
      return isCalibrated && from !== undefined && to !== undefined
        ? calibrationBetween(from, to)
        : NOT_CALIBRATED;
    };
    return Array.from({ length: DRAWS }, (_, i) => ({
      ...documents,
      oldQueryOf: old.vectorOf,
      newQueryOf: other.vectorOf,
      oldCalibration: calibrationOf(old, builtin),
      newCalibration: calibrationOf(other, minilm),
      share,
      seed: seed + i,
    }));
  };
  const locomoOf = (inputs: readonly MixtureInput[]) =>
    meanOf(inputs.map((input) => scoreMixture(locomo, input)));
  const figuresOf = (model: Measured, share: number, isCalibrated: boolean) => {
    const inputs = asked(model, model, isCalibrated, share);
    const top10 = meanOf(inputs.map((input) => scoreMixedParaphrases(input).top10));
    return {
      query: model.figures.id,
      share,
      isCalibrated,
      locomoR10: locomoOf(inputs),
      paraphraseTop10: top10,
    };
  };
  return {
    locomoR10: locomoOf(asked(builtin, builtin)),
    ownQueryR10: locomoOf(asked(builtin, minilm)),
    minilmQueryR10: locomoOf(asked(minilm, minilm)),
    uncalibratedR10: locomoOf(asked(builtin, builtin, false)),
    shares: SHARES.flatMap((share) =>
      [builtin, minilm].flatMap((model) => [true, false].map((is) => figuresOf(model, share, is))),
    ),
  };
}

/** Undefined of a table that was not measured: the engine calibrates nothing then. */
function pairOf(query: Measured, document: Measured): PairScores | undefined {
  const [queryName, documentName] = [query, document].map(({ figures }) => calibrationName(figures.id));
  return MEASURED_PAIRS.find(
    (each) => each.space === MINILM_SPACE && each.query === queryName && each.document === documentName,
  );
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
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

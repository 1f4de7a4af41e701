/** One run: every system, conversation by conversation, each conversation a corpus of its own. */

import type { RecallConversation, RecallQuestion } from './data.ts';
import { type ModelName, openModel, type TimedEmbedder, whyNoModel } from './embedders.ts';
import { type QuestionScore, recallAt, reciprocalRank, shareKept } from './metrics.ts';
import { type CountTokens, pack } from './pack.ts';
import { reportOf, type Skipped, type SystemFigures } from './report.ts';
import type { Corpus, ModelOf, SystemSpec } from './system.ts';

/** Tokens of the contexts that are packed. */
export const BUDGETS = [500, 1_000, 2_000] as const;
/** Hits asked for: as many short turns as the largest context holds. */
export const SEARCH_LIMIT = 100;

/** What was measured of one system. */
export interface Measured {
  readonly scores: readonly QuestionScore[];
  /** Of each search, without what embedding took. */
  readonly searchMs: readonly number[];
  readonly added: number;
  /** Of all adds, without what embedding took. */
  readonly addMs: number;
}

export interface Outcome {
  readonly systems: readonly SystemFigures[];
  readonly skipped: readonly Skipped[];
}

/**
 * A system that fails takes no further part, and its reason is told; the others go on.
 *
 * @param countTokens undefined where there is no tokenizer: what a context keeps is not measured then.
 */
export async function run(
  conversations: readonly RecallConversation[],
  systems: readonly SystemSpec[],
  countTokens: CountTokens | undefined,
  say: (line: string) => void,
): Promise<Outcome> {
  const figures: SystemFigures[] = [];
  const skipped: Skipped[] = [];
  const modelOf = modelsOf();
  for (const system of systems) {
    const own = conversations.filter(({ name }) => (system.conversation ?? name) === name);
    const reason = whyNotMeasured(system, own);
    if (reason !== undefined) {
      skipped.push({ name: system.name, reason });
      continue;
    }
    try {
      say(`${system.name}: ${system.about}`);
      figures.push(reportOf(system, await measure(system, own, modelOf, countTokens)));
    } catch (error) {
      skipped.push({ name: system.name, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  return { systems: figures, skipped };
}

function whyNotMeasured(system: SystemSpec, own: readonly RecallConversation[]): string | undefined {
  if (own.length === 0) return `${system.conversation} is not among the conversations`;
  const { embedder } = system;
  const noModel = embedder === 'builtin' || embedder === 'minilm' ? whyNoModel(embedder) : undefined;
  return noModel ?? system.whyNot?.();
}

/** Each model once, for all systems. */
function modelsOf(): ModelOf {
  const open = new Map<ModelName, Promise<TimedEmbedder>>();
  return (name) => {
    const model = open.get(name) ?? openModel(name);
    open.set(name, model);
    return model;
  };
}

/** Adds and asks all conversations, one after the other. */
export async function measure(
  system: SystemSpec,
  conversations: readonly RecallConversation[],
  modelOf: ModelOf,
  countTokens: CountTokens | undefined,
): Promise<Measured> {
  const model =
    system.embedder === 'builtin' || system.embedder === 'minilm'
      ? await modelOf(system.embedder)
      : undefined;
  const clock = () => performance.now() - (model?.spentMs ?? 0);
  const scores: QuestionScore[] = [];
  const searchMs: number[] = [];
  let [added, addMs] = [0, 0];
  for (const conversation of conversations) {
    const corpus = await system.open(conversation, modelOf);
    try {
      const from = clock();
      await corpus.add(conversation.turns);
      addMs += clock() - from;
      added += conversation.turns.length;
      for (const question of conversation.questions) {
        const asked = await ask(corpus, question, clock);
        searchMs.push(asked.ms);
        scores.push(scoreOf(conversation, question, asked.returned, countTokens));
      }
    } finally {
      await corpus.close();
    }
  }
  return { scores, searchMs, added, addMs };
}

async function ask(corpus: Corpus, { question }: RecallQuestion, clock: () => number) {
  const from = clock();
  const returned = await corpus.search(question, SEARCH_LIMIT);
  return { returned, ms: clock() - from };
}

function scoreOf(
  { name, turns }: RecallConversation,
  { gold, category }: RecallQuestion,
  returned: readonly number[],
  countTokens: CountTokens | undefined,
): QuestionScore {
  const found = returned.flatMap((place) => turns[place] ?? []);
  const wanted = gold.flatMap((place) => turns[place]?.text ?? []);
  const keptIn = (count: CountTokens) =>
    BUDGETS.map((budget) => [budget, shareKept(pack(found, budget, count), wanted)] as const);
  return {
    ...{ conversation: name, category },
    r5: recallAt(returned, gold, 5),
    r10: recallAt(returned, gold, 10),
    reciprocalRank: reciprocalRank(returned, gold),
    kept: Object.fromEntries(countTokens === undefined ? [] : keptIn(countTokens)),
  };
}

/** What is measured: a place that keeps a conversation's turns and finds them again, ours or a rival's. */

import type { RecallConversation, RecallTurn } from './data.ts';
import type { ModelName, TimedEmbedder } from './embedders.ts';

/** A conversation's turns in a system; what it embeds is embedded by the run's models. */
export interface Corpus {
  /** All turns of the conversation, in order. */
  add(turns: readonly RecallTurn[]): Promise<void>;
  /** Places of the turns, best first, without repeats; `limit` hits are asked for. */
  search(question: string, limit: number): Promise<readonly number[]>;
  close(): Promise<void>;
}

/** The models that a run has. */
export type ModelOf = (name: ModelName) => Promise<TimedEmbedder>;

export interface SystemSpec {
  readonly name: string;
  /** One line on what it is. */
  readonly about: string;
  /** What embeds for it; null where it has no vectors. */
  readonly embedder: ModelName | 'use-512' | null;
  /** The only conversation it can be measured on. */
  readonly conversation?: string;
  /** Why it cannot be measured, or undefined. */
  whyNot?(): string | undefined;
  open(conversation: RecallConversation, modelOf: ModelOf): Promise<Corpus>;
}

/** The places of a system's own ids, in order and without repeats. */
export function placesOf<Id>(ids: readonly Id[], places: ReadonlyMap<Id, number>): readonly number[] {
  return [...new Set(ids.flatMap((id) => places.get(id) ?? []))];
}

/** With who said it: for rivals that embed one text and have no field for that. It finds them far more. */
export function spokenText({ content, speaker }: RecallTurn): string {
  return speaker === undefined ? content : `${speaker}: ${content}`;
}

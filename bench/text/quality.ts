/** Which of LoCoMo's evidence each engine finds by words alone. */

import { readConversations } from '../recall/data.ts';
import { recallAt } from '../recall/metrics.ts';
import type { TextEngineSpec } from './engines.ts';

export interface Quality {
  readonly engine: string;
  readonly about: string;
  readonly questions: number;
  readonly r5: number;
  readonly r10: number;
}

export async function measureQuality(spec: TextEngineSpec, file: string): Promise<Quality> {
  const r5: number[] = [];
  const r10: number[] = [];
  for (const { turns, questions } of readConversations(file)) {
    const engine = await spec.open();
    engine.add(
      turns.map(({ content, speaker, createdAt }) => ({
        content,
        tags: [],
        ...(speaker === undefined ? {} : { speaker }),
        ...(createdAt === undefined ? {} : { createdAt }),
      })),
    );
    for (const { question, gold } of questions) {
      const found = engine.search(question, 10);
      r5.push(recallAt(found, gold, 5));
      r10.push(recallAt(found, gold, 10));
    }
  }
  return { engine: spec.name, about: spec.about, questions: r5.length, r5: mean(r5), r10: mean(r10) };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Tells the engine whether a recalled memory helped, and shows what came of it. */

import { repeatUnknown } from '../repeat.ts';
import { type App, type ChatTurn, report } from '../state.ts';
import { keepTranscript, withFeedback } from './transcript.ts';
import { tracked } from './writes.ts';

const underWay = new Set<string>();

/**
 * Tells whether a memory helped with one answer. The same verdict counts once for an answer; the other one can be told
 * after it, and counts too.
 */
export async function tellUseful(app: App, turnId: number, id: string, isUseful: boolean): Promise<void> {
  const { state } = app;
  const engine = state.engine.value;
  const told = state.turns.value.find((turn) => turn.id === turnId)?.recall?.verdicts?.[id];
  const key = `${turnId} ${id}`;
  if (engine === undefined || told === isUseful || underWay.has(key)) return;
  underWay.add(key);
  try {
    const { feedback } = await tracked(app, () =>
      repeatUnknown((options) => engine.reinforce(id, isUseful, options)),
    );
    const known = new Map([[id, feedback]]);
    state.turns.value = state.turns.value.map((turn) =>
      withFeedback(turn.id === turnId ? withVerdict(turn, id, isUseful) : turn, known),
    );
    keepTranscript(app);
  } catch (error) {
    report(app, error);
  } finally {
    underWay.delete(key);
  }
}

function withVerdict(turn: ChatTurn, id: string, isUseful: boolean): ChatTurn {
  const { recall } = turn;
  if (recall === undefined) return turn;
  return { ...turn, recall: { ...recall, verdicts: { ...recall.verdicts, [id]: isUseful } } };
}

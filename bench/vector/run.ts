/** One run: builds all engines, takes their queries in turns, and measures the rest. */

import type { Bench, BuildFigures } from './bench.ts';
import { type EngineFigures, fastestAt, RECALL, round, type SearchFigures } from './report.ts';
import { median } from './stats.ts';

/** An engine, and where it runs. */
export interface Entrant {
  readonly name: string;
  readonly runtime: string;
  readonly bench: Bench;
}

export interface Outcome {
  readonly engines: readonly EngineFigures[];
  readonly skipped: readonly { readonly engine: string; readonly reason: string }[];
}

/** An engine that fails is skipped with its reason; the others go on. */
export async function run(
  entrants: readonly Entrant[],
  rounds: number,
  say: (line: string) => void,
): Promise<Outcome> {
  const skipped: { engine: string; reason: string }[] = [];
  const skip = (engine: string, doing: string, error: unknown) => {
    const reason = `${doing}: ${error instanceof Error ? error.message.split('\n')[0] : error}`;
    say(`skipped ${engine}: ${reason}`);
    skipped.push({ engine, reason });
  };
  const inTheRace: { entrant: Entrant; built: BuildFigures; rounds: (readonly SearchFigures[])[] }[] = [];
  for (const entrant of entrants)
    try {
      inTheRace.push({ entrant, built: await entrant.bench.build(entrant.name), rounds: [] });
    } catch (error) {
      skip(entrant.name, 'it could not be built here', error);
    }
  for (let i = 0; i < rounds; i++) {
    say(`queries, round ${i + 1} of ${rounds} …`);
    for (const each of inTheRace) each.rounds.push(await each.entrant.bench.round(each.entrant.name));
  }
  const engines: EngineFigures[] = [];
  for (const { entrant, built, rounds: all } of inTheRace) {
    const { name, runtime, bench } = entrant;
    say(`${name}: filters, file, changes …`);
    const search = mediansOf(all);
    const best = fastestAt({ search }, RECALL) ?? search.at(-1);
    try {
      const rest = await bench.rest(name, best?.ef ?? null);
      engines.push(rounded({ engine: name, runtime, ...built, search, ...rest }));
    } catch (error) {
      skip(name, 'filters, file or changes failed', error);
    }
  }
  return { engines, skipped };
}

/** Of each width the medians over the rounds. */
export function mediansOf(rounds: readonly (readonly SearchFigures[])[]): readonly SearchFigures[] {
  return (rounds[0] ?? []).map((first, i) => {
    const same = rounds.flatMap((each) => each[i] ?? []);
    return {
      ...first,
      p50Ms: median(same.map(({ p50Ms }) => p50Ms)),
      p99Ms: median(same.map(({ p99Ms }) => p99Ms)),
      recall: median(same.map(({ recall }) => recall)),
    };
  });
}

/** Times to four digits; recall stays as it is, for it decides. */
function rounded(figures: EngineFigures): EngineFigures {
  const or = (value: number | null) => (value === null ? null : round(value));
  return {
    ...figures,
    buildPerSecond: round(figures.buildPerSecond),
    loadMs: or(figures.loadMs),
    deleteUs: or(figures.deleteUs),
    updateUs: or(figures.updateUs),
    search: figures.search.map((each) => ({ ...each, p50Ms: round(each.p50Ms), p99Ms: round(each.p99Ms) })),
    filtered: figures.filtered?.map((each) => ({ ...each, p50Ms: round(each.p50Ms) })) ?? null,
  };
}

/** The work log of an agent: its notes and what its tools answered, made of a seed, with questions about them. */

import { createRandom } from '../../../src/testing/environment.ts';
import type { RecallConversation, RecallQuestion, RecallTurn } from '../data.ts';
import { SERVICES, type Service, TROUBLES, type Trouble } from './notes-bank.ts';

const SEED = 7;
/** Of 30 tasks with ten notes each. */
const QUESTIONS = 40;
const FIRST_DAY = Date.UTC(2024, 2, 1, 8);
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** Places in a task's notes. */
const CAUSE = 5;
const FIX = 6;
const TESTS = 7;

type Note = readonly [source: 'agent' | 'tool', content: string];

/** 30 tasks, a session each; every trouble befalls three services, so that only what stands around tells them apart. */
export function makeNotes(): RecallConversation {
  const random = createRandom(SEED);
  const tasks = SERVICES.map((service, i) => ({
    service,
    trouble: TROUBLES[i % TROUBLES.length] as Trouble,
  }));
  const turns = tasks.flatMap(({ service, trouble }, task) =>
    notesOf(service, trouble, random).map(([source, content], position): RecallTurn => {
      const createdAt = FIRST_DAY + task * DAY_MS + position * 7 * MINUTE_MS;
      const id = `task-${task}:${position}`;
      return {
        ...{ id, text: content, content, speaker: undefined },
        ...{ sessionId: `task-${task}`, position, createdAt, source },
      };
    }),
  );
  const perTask = turns.length / tasks.length;
  const asked = tasks.flatMap(({ service, trouble }, task): readonly RecallQuestion[] =>
    questionsOf(service, trouble).map(([question, position]) => ({
      ...{ question, gold: [task * perTask + position], category: 'notes' },
    })),
  );
  const questions = drawn(asked, QUESTIONS, random);
  return { name: 'notes', turns, questions, dropped: 0 };
}

function notesOf({ name, path }: Service, trouble: Trouble, random: () => number): readonly Note[] {
  const whole = (from: number, to: number) => from + Math.floor(random() * (to - from));
  const hash = () => whole(0x1000000, 0xfffffff).toString(16);
  return [
    ['agent', `Task: ${name} ${trouble.symptom}. Find the cause and mend it.`],
    ['tool', `$ git log --oneline -2 -- ${path}\n${hash()} Update dependencies\n${hash()} Tidy up logging`],
    ['tool', `$ ls ${path}\nREADME.md  package.json  src  test`],
    ['agent', trouble.guess],
    ['tool', trouble.output],
    ['agent', trouble.cause],
    ['agent', trouble.fix],
    [
      'tool',
      `$ npm test -w ${path}\nTests  ${whole(40, 900)} passed\nDuration  ${whole(3, 80)}.${whole(0, 10)} s`,
    ],
    ['tool', `$ git commit -a\n[main ${hash()}] Mend ${name}\n ${whole(1, 9)} files changed`],
    ['agent', 'Done. Watch the dashboard until tomorrow.'],
  ];
}

function questionsOf({ asked }: Service, trouble: Trouble): readonly (readonly [string, number])[] {
  return [
    [`What made ${asked} ${trouble.asked}?`, CAUSE],
    [`How did we stop ${asked} from going wrong, when it began to ${trouble.asked}?`, FIX],
    [`How many checks ran green for ${asked}?`, TESTS],
  ];
}

function drawn<T>(all: readonly T[], count: number, random: () => number): readonly T[] {
  const keyed = all.map((value) => ({ value, key: random() }));
  return keyed
    .sort((a, b) => a.key - b.key)
    .slice(0, count)
    .map(({ value }) => value);
}

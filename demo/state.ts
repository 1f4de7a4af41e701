/** The page's state as signals, and the services it is given; what changes it is in `actions/`. */

import { type Signal, signal } from '@preact/signals';
import { toLociError } from '../src/errors.ts';
import type {
  Durability,
  EngineConfig,
  Memory,
  MemoryEngine,
  MemoryKind,
  NewMemory,
  PlanTime,
  SearchHit,
  Stats,
  Status,
} from '../src/types.ts';
import { messageWithLine } from './describe.ts';
import type { Settings, Surroundings } from './settings.ts';

/** A conversation read from a file. */
export interface ImportedConversation {
  readonly name: string;
  readonly memories: readonly NewMemory[];
  readonly questions: readonly string[];
}

/** Tells how far something has got. */
export type OnProgress = (done: number, total: number) => void;

/** The edge as the page uses it. */
export interface Edge {
  backUp(engine: MemoryEngine, namespace: string, onProgress: OnProgress): Promise<string>;
  restore(engine: MemoryEngine, namespace: string, onProgress: OnProgress): Promise<string>;
}

/** What the page is wired with. */
export interface Services extends Surroundings {
  openMemory(config: EngineConfig): Promise<MemoryEngine>;
  parseConversations(text: string): readonly ImportedConversation[];
  importMemories(
    engine: MemoryEngine,
    memories: readonly NewMemory[],
    onProgress: OnProgress,
  ): Promise<{ readonly imported: number; readonly skipped: number }>;
  /** All memories as a file; told how many of how many, and how many could not be read. */
  exportMemories(
    engine: MemoryEngine,
    onProgress: (done: number, total: number, unreadable: number) => void,
  ): ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Such a file back; told how many bytes of how many. */
  importExported(
    engine: MemoryEngine,
    file: Blob,
    options: { readonly isDryRun: boolean; readonly onProgress: OnProgress },
  ): Promise<ImportCounts>;
  connectEdge(url: string, token: string): Edge;
}

/** What became of an exported file's memories, or would. */
export interface ImportCounts {
  readonly added: number;
  readonly skipped: number;
  readonly refused: number;
  /** The first of these. */
  readonly refusals: readonly { readonly line: number; readonly message: string }[];
}

/** What was recalled for one answer. */
export interface Recall {
  readonly hits: readonly SearchHit[];
  readonly ms: number;
  readonly embedMs: number;
  readonly considered: number;
  readonly degraded?: string | undefined;
  /** Times read from the question. */
  readonly times?: readonly PlanTime[] | undefined;
  /** What the user told of the hits here, by id: whether each was useful. */
  readonly verdicts?: Readonly<Record<string, boolean>> | undefined;
}

/** One turn in the chat log. */
export interface ChatTurn {
  readonly id: number;
  readonly role: 'user' | 'assistant';
  readonly text: string;
  readonly state: 'pending' | 'done' | 'stopped' | 'failed';
  /** Of a user's turn: the memory it became, and how safe that is. */
  readonly memoryId?: string | undefined;
  readonly durability?: Durability | undefined;
  /** Of an answer. */
  readonly recall?: Recall | undefined;
  readonly responder?: string | undefined;
  /** Something to say beside the text, as that another responder had to answer. */
  readonly note?: string | undefined;
}

/** An error on display. */
export interface Notice {
  readonly id: number;
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** Work with a progress bar. */
export interface Work {
  readonly phase: 'idle' | 'running' | 'done' | 'failed';
  readonly label: string;
  readonly done: number;
  readonly total: number;
}

export const IDLE: Work = { phase: 'idle', label: '', done: 0, total: 0 };

/** One row of the list; `score` where it was searched for. */
export interface Listed {
  readonly memory: Memory;
  readonly score?: number | undefined;
}

/** A page of the list of memories. */
export interface ListView {
  readonly rows: readonly Listed[];
  readonly total: number;
  /** Place of the first row, from 0. */
  readonly offset: number;
  readonly nextCursor?: string | undefined;
}

export type PanelName = 'memories' | 'import' | 'backup' | 'settings';

/** All signals of the page. */
export function createState(settings: Settings) {
  return {
    settings: signal(settings),
    engine: signal<MemoryEngine | undefined>(undefined),
    opening: signal<'opening' | 'open' | 'failed'>('opening'),
    status: signal<Status | undefined>(undefined),
    stats: signal<Stats | undefined>(undefined),
    /** How the last write ended; `writing` while one is under way. */
    lastWrite: signal<Durability | 'writing' | 'none' | 'failed'>('none'),
    turns: signal<readonly ChatTurn[]>([]),
    isAnswering: signal(false),
    suggestions: signal<readonly string[]>([]),
    modelProgress: signal<number | undefined>(undefined),
    notices: signal<readonly Notice[]>([]),
    panel: signal<PanelName>('memories'),
    /** On a narrow screen the panel lies over the chat. */
    isPanelOpen: signal(false),
    listText: signal(''),
    listKind: signal<MemoryKind | 'all'>('all'),
    /** Cursors of the pages up to the one shown; empty on the first. */
    listCursors: signal<readonly string[]>([]),
    list: signal<ListView>({ rows: [], total: 0, offset: 0 }),
    conversations: signal<readonly ImportedConversation[]>([]),
    importing: signal<Work>(IDLE),
    /** An exported file that was examined and may be imported. */
    incoming: signal<{ readonly file: File; readonly added: number } | undefined>(undefined),
    exporting: signal<Work>(IDLE),
    backup: signal<Work>(IDLE),
  };
}

export type AppState = ReturnType<typeof createState>;

/** The page: what it knows and what it is wired with. */
export interface App {
  readonly state: AppState;
  readonly services: Services;
  readonly sessionId: string;
}

let lastId = 0;

/** An id for something on display. */
export function nextId(): number {
  lastId += 1;
  return lastId;
}

/** Puts an error on display; the same one only once. */
export function report({ state }: App, caught: unknown): void {
  const error = toLociError(caught);
  const { code, hint } = error;
  const message = messageWithLine(error);
  const others = state.notices.value.filter((notice) => notice.code !== code || notice.message !== message);
  state.notices.value = [...others, { id: nextId(), code, message, hint }];
}

/** Changes a part of a signal's object. */
export function patch<T extends object>(target: Signal<T>, part: Partial<T>): void {
  target.value = { ...target.value, ...part };
}

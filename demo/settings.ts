/** The demo's settings: from the address, else from this browser's storage, else defaults. */

import type { EmbedderConfig, EngineConfig } from '../src/types.ts';

/** `auto`: MiniLM where this site serves its files, else built-in; the hub is asked only when chosen. */
export type EmbedderChoice = 'auto' | 'builtin' | 'minilm' | 'hub' | 'multilingual' | 'hashing';
export type ResponderChoice = 'builtin' | 'local' | 'openai';

export interface Settings {
  readonly namespace: string;
  readonly embedder: EmbedderChoice;
  /** URL of the folder with the models' folders. */
  readonly models: string;
  readonly storage: 'auto' | 'memory';
  readonly index: 'kernel' | 'exact' | 'hnswlib';
  readonly responder: ResponderChoice;
  readonly localModel: string;
  readonly endpointUrl: string;
  readonly endpointModel: string;
  readonly edgeUrl: string;
}

export const DEFAULT_SETTINGS: Settings = {
  namespace: 'default',
  embedder: 'auto',
  models: '/models/',
  storage: 'auto',
  index: 'kernel',
  responder: 'builtin',
  localModel: 'HuggingFaceTB/SmolLM2-135M-Instruct',
  endpointUrl: 'http://localhost:11434/v1',
  endpointModel: 'llama3.2',
  edgeUrl: 'http://127.0.0.1:8801',
};

const ALLOWED: { readonly [K in keyof Settings]?: readonly string[] } = {
  embedder: ['auto', 'builtin', 'minilm', 'hub', 'multilingual', 'hashing'],
  storage: ['auto', 'memory'],
  index: ['kernel', 'exact', 'hnswlib'],
  responder: ['builtin', 'local', 'openai'],
};
/** What the address may set; an endpoint or an edge in a link could send memories to a stranger. */
const IN_ADDRESS = ['namespace', 'embedder', 'models', 'storage', 'index', 'responder'] as const;
/** Only wanted for one visit, hence never kept. */
const NOT_KEPT = ['storage', 'index', 'models'] as const;

const STORAGE_KEY = 'loci-demo:settings';
/** The model whose folder is looked for below `models`. */
export const LOCAL_EMBEDDER = 'all-MiniLM-L6-v2';
const HUB_EMBEDDER = 'Xenova/all-MiniLM-L6-v2';
const HUB_MULTILINGUAL = 'Xenova/paraphrase-multilingual-MiniLM-L12-v2';

type Store = Pick<Storage, 'getItem' | 'setItem'>;

/** The settings of this visit. */
export function loadSettings(search: string, store: Store | undefined): Settings {
  const query = new URLSearchParams(search);
  const asked = Object.fromEntries(IN_ADDRESS.map((name) => [name, query.get(name)]));
  return { ...DEFAULT_SETTINGS, ...valid(readKept(store)), ...valid(asked) };
}

/** Keeps the settings for later visits. */
export function keepSettings(settings: Settings, store: Store | undefined): void {
  const kept = Object.entries(settings).filter(([name]) => !NOT_KEPT.some((other) => other === name));
  try {
    store?.setItem(STORAGE_KEY, JSON.stringify(Object.fromEntries(kept)));
  } catch {
    // a full or forbidden storage only costs convenience
  }
}

/** The address without the settings that a form has just changed, which it would undo on reload. */
export function withoutChanged(search: string, settings: Settings): string {
  const query = new URLSearchParams(search);
  for (const name of IN_ADDRESS)
    if (query.has(name) && query.get(name) !== settings[name]) query.delete(name);
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

function readKept(store: Store | undefined): Record<string, unknown> {
  try {
    const kept: unknown = JSON.parse(store?.getItem(STORAGE_KEY) ?? '{}');
    return typeof kept === 'object' && kept !== null ? { ...kept } : {};
  } catch {
    return {}; // written by another version, or forbidden: defaults serve
  }
}

function valid(values: Readonly<Record<string, unknown>>): Partial<Settings> {
  const names = Object.keys(DEFAULT_SETTINGS) as (keyof Settings)[];
  const good = names.filter((name) => {
    const value = values[name];
    return typeof value === 'string' && value !== '' && (ALLOWED[name]?.includes(value) ?? true);
  });
  return Object.fromEntries(good.map((name) => [name, values[name]])) as Partial<Settings>;
}

/** What depends on where the page runs. */
export interface Surroundings {
  /** The page's URL. */
  readonly pageUrl: string;
  /** URL of ONNX Runtime's WebAssembly. */
  readonly wasmUrl: string;
  /** Whether a JSON file is served at the URL. */
  readonly isServed: (url: string) => Promise<boolean>;
}

/** How to open the engine for the settings. */
export async function engineConfig(settings: Settings, around: Surroundings): Promise<EngineConfig> {
  const { namespace, storage, index } = settings;
  return { namespace, storage, index, embedder: await embedderConfig(settings, around) };
}

/** URL of the models' folder, if it holds this model. */
export async function findModel(
  settings: Settings,
  model: string,
  around: Surroundings,
): Promise<string | undefined> {
  const baseUrl = modelsUrl(settings, around);
  return (await around.isServed(new URL(`${model}/config.json`, baseUrl).href)) ? baseUrl : undefined;
}

async function embedderConfig(settings: Settings, around: Surroundings): Promise<EmbedderConfig> {
  const wasmUrl = new URL(around.wasmUrl, around.pageUrl).href;
  // The page may lose the network before anything is said.
  const preload = true;
  const local = {
    kind: 'transformers',
    model: LOCAL_EMBEDDER,
    modelBaseUrl: modelsUrl(settings, around),
    wasmUrl,
    preload,
  } as const;
  const builtin = { kind: 'builtin', preload } as const;
  if (settings.embedder === 'hashing') return { kind: 'hashing' };
  if (settings.embedder === 'builtin') return builtin;
  if (settings.embedder === 'hub') return { kind: 'transformers', model: HUB_EMBEDDER, wasmUrl, preload };
  if (settings.embedder === 'multilingual')
    return { kind: 'transformers', model: HUB_MULTILINGUAL, wasmUrl, preload };
  if (settings.embedder === 'minilm') return local;
  return (await findModel(settings, LOCAL_EMBEDDER, around)) === undefined ? builtin : local;
}

function modelsUrl({ models }: Settings, { pageUrl }: Surroundings): string {
  return new URL(models.endsWith('/') ? models : `${models}/`, pageUrl).href;
}

/** The worker behind the local responder: loads one text-generation model and streams what it writes. */

import type { ProgressInfo, TextGenerationPipeline } from '@huggingface/transformers';
import { toLociError } from '../../src/errors.ts';
import {
  type FromLocalWorker,
  type LocalModelConfig,
  modelUnavailable,
  type ToLocalWorker,
} from './local.ts';

/** Longest answer, tokens: three sentences and some room. */
const MAX_NEW_TOKENS = 160;

let loaded: { readonly key: string; readonly pipe: Promise<TextGenerationPipeline> } | undefined;

self.onmessage = async ({ data }: MessageEvent<ToLocalWorker>) => {
  try {
    await generate(data);
    tell({ type: 'done' });
  } catch (error) {
    tell({ type: 'error', error: toLociError(error, 'RESPONDER_FAILED').toJSON() });
  }
};

async function generate({ config, messages }: ToLocalWorker): Promise<void> {
  const pipe = await load(config);
  const { TextStreamer } = await import('@huggingface/transformers');
  const streamer = new TextStreamer(pipe.tokenizer, {
    skip_prompt: true,
    skip_special_tokens: true,
    callback_function: (text: string) => tell({ type: 'piece', text }),
  });
  await pipe([...messages], { max_new_tokens: MAX_NEW_TOKENS, do_sample: false, streamer });
}

async function load(config: LocalModelConfig): Promise<TextGenerationPipeline> {
  const key = JSON.stringify(config);
  if (loaded?.key !== key) loaded = { key, pipe: create(config) };
  try {
    return await loaded.pipe;
  } catch (cause) {
    loaded = undefined; // the next message may find the network back
    throw modelUnavailable(config.model, cause);
  }
}

async function create(config: LocalModelConfig): Promise<TextGenerationPipeline> {
  const { env, pipeline } = await import('@huggingface/transformers');
  env.allowLocalModels = config.baseUrl !== undefined;
  env.allowRemoteModels = config.baseUrl === undefined;
  if (config.baseUrl !== undefined) env.localModelPath = config.baseUrl;
  const onnx = env.backends.onnx as { wasm?: { wasmPaths?: { wasm: string } } };
  onnx.wasm = Object.assign(onnx.wasm ?? {}, { wasmPaths: { wasm: config.wasmUrl } });
  const options = { dtype: config.dtype, device: 'wasm', progress_callback: createReporter() };
  return (await pipeline('text-generation', config.model, options as never)) as TextGenerationPipeline;
}

/** Sums the bytes of all files, and never falls, although files are announced one after the other. */
function createReporter(): (info: ProgressInfo) => void {
  const files = new Map<string, { loaded: number; total: number }>();
  let best = 0;
  return (info) => {
    if (info.status !== 'progress') return;
    files.set(info.file, { loaded: info.loaded, total: info.total });
    const all = [...files.values()];
    const total = all.reduce((sum, file) => sum + file.total, 0);
    const progress = total === 0 ? 0 : all.reduce((sum, file) => sum + file.loaded, 0) / total;
    if (progress <= best) return;
    best = progress;
    tell({ type: 'progress', progress });
  };
}

function tell(message: FromLocalWorker): void {
  self.postMessage(message);
}

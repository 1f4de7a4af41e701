/** Cross-encoders by transformers.js, which read question and text together: what runs inside the model's worker. */

import type { PreTrainedModel, PreTrainedTokenizer, ProgressInfo, Tensor } from '@huggingface/transformers';
import { LociError, toLociError } from '../errors.ts';
import type { RerankerConfig } from '../types.ts';
import { nameOfModel } from './known-models.ts';
import type { Reranker } from './reranker.ts';
import { createProgress, setUpRuntime, toLoadError } from './transformers-runtime.ts';

export type CrossEncoderConfig = Omit<RerankerConfig, 'kind'>;

/** 23 million parameters, trained on the questions of MS MARCO: 23 MB at 8 bits. */
const DEFAULT_MODEL = 'Xenova/ms-marco-MiniLM-L-6-v2';
const DEFAULT_DTYPE = 'q8';

/** What the model is called; known before it is loaded. */
export function crossEncoderId({ model = DEFAULT_MODEL, dtype = DEFAULT_DTYPE }: CrossEncoderConfig): string {
  return `${nameOfModel(model)}@${dtype}`;
}

/**
 * Loads a model from the hub, or from a folder laid out as the hub's.
 *
 * @param onProgress called with 0–1, never falling; 1 once the model is ready.
 * @throws LociError `MODEL_UNAVAILABLE`; retryable unless the folder has no such model or it is none that reranks.
 */
export async function loadCrossEncoder(
  config: CrossEncoderConfig,
  onProgress: (fraction: number) => void,
): Promise<Reranker> {
  const progress = createProgress(onProgress);
  const { model: name = DEFAULT_MODEL } = config;
  try {
    const reranker = toReranker(
      crossEncoderId(config),
      await loadParts(config, (info) => progress.take(info)),
    );
    // What answers one pair with one number answers others so: a model for anything else is refused before it is used.
    await reranker.rerank('question', ['text']);
    progress.finish();
    return reranker;
  } catch (error) {
    throw await toLoadError(error, nameOfModel(name));
  }
}

interface Parts {
  readonly tokenizer: PreTrainedTokenizer;
  readonly model: PreTrainedModel;
}

async function loadParts(
  { model: name = DEFAULT_MODEL, modelBaseUrl, dtype = DEFAULT_DTYPE, wasmUrl }: CrossEncoderConfig,
  onInfo: (info: ProgressInfo) => void,
): Promise<Parts> {
  const { env, AutoTokenizer, AutoModelForSequenceClassification } = await import(
    '@huggingface/transformers'
  );
  setUpRuntime(env, { modelBaseUrl, wasmUrl });
  // One after the other: of a model that is not there 4.3.1's tokenizer says nothing but a TypeError.
  const model = await AutoModelForSequenceClassification.from_pretrained(name, {
    dtype: dtype as 'q8',
    progress_callback: onInfo,
  });
  const tokenizer = await AutoTokenizer.from_pretrained(name, { progress_callback: onInfo });
  return { tokenizer, model };
}

function toReranker(id: string, { tokenizer, model }: Parts): Reranker {
  return {
    id,
    rerank: async (query, texts) => {
      if (texts.length === 0) return new Float32Array(0);
      const logits = await judge({ tokenizer, model }, query, texts);
      const [count, labels] = logits?.dims ?? [];
      if (logits !== undefined && count === texts.length && labels === 1)
        return Float32Array.from(logits.data as Float32Array);
      throw new LociError('MODEL_UNAVAILABLE', `${id} gives ${labels ?? 'no'} numbers for a pair, not one`, {
        hint: 'Choose a cross-encoder with one label, such as ms-marco-MiniLM-L-6-v2.',
      });
    },
    close: async () => {
      await model.dispose();
    },
  };
}

async function judge(
  { tokenizer, model }: Parts,
  query: string,
  texts: readonly string[],
): Promise<Tensor | undefined> {
  try {
    const questions = texts.map(() => query);
    const inputs = tokenizer(questions, { text_pair: [...texts], padding: true, truncation: true });
    const { logits } = (await model(inputs)) as { readonly logits?: Tensor };
    return logits;
  } catch (error) {
    throw toLociError(error, 'MODEL_UNAVAILABLE', {
      retryable: true,
      hint: 'The order is that of the search itself.',
    });
  }
}

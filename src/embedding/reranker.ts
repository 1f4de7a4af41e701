/** The Reranker port: a model that reads a question and a text together and says how well the one answers the other. */

export interface Reranker {
  /** Name and precision of the model. */
  readonly id: string;
  /**
   * A score for each text, in order; the higher the better. The scale is the model's own, and is compared within one
   * call only.
   *
   * @throws LociError `MODEL_UNAVAILABLE` where the model fails; of bad texts it tells by a low score.
   */
  rerank(query: string, texts: readonly string[]): Promise<Float32Array>;
  /** Lets go of the model. */
  close(): Promise<void>;
}

/** A reranker that is yet to be loaded. */
export interface RerankerLoader {
  readonly id: string;
  /** @param onProgress called with 0–1, never falling. */
  load(onProgress: (fraction: number) => void): Promise<Reranker>;
}

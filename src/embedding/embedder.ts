/** The Embedder port: text in, vectors of unit length out. */

/** What a model is called, and with whose vectors its own may be compared. */
export interface EmbedderIdentity {
  /** Names model and version; it is stored with every vector. */
  readonly id: string;
  /** Vectors are compared within one space only. */
  readonly space: string;
  readonly dimensions: number;
}

/** What a text is to a model: some are told whether it asks or is asked. */
export type TextPurpose = 'document' | 'query';

/**
 * A model that turns texts into vectors.
 *
 * What an implementation promises:
 * - `embed` answers one vector a text, in order, each of `dimensions` numbers and unit length
 *   (a text without any word gets a fixed unit vector of its own, never zeros or NaN).
 * - The caller owns the vectors: they may be transferred.
 * - A failure rejects with a `LociError` (`MODEL_UNAVAILABLE`, `DEADLINE_EXCEEDED`); no call hangs.
 */
export interface Embedder extends EmbedderIdentity {
  /** @param purpose what the texts are; default `document`. Most models make no difference. */
  embed(texts: readonly string[], purpose?: TextPurpose): Promise<readonly Float32Array[]>;
  /** Ends workers and frees memory. */
  close(): Promise<void>;
}

/** Loads a model; `onProgress` is called with 0–1, never falling. */
export interface EmbedderLoader extends EmbedderIdentity {
  load(onProgress: (fraction: number) => void): Promise<Embedder>;
}

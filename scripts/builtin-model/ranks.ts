/** The loss over orders: how each text of a batch orders the others, by own similarities and by the teacher's. */

/**
 * Brings two square matrices of similarities, found and wanted, to the gradient of the loss by the found ones. The
 * loss is the cross-entropy of the softmaxes over the others, along rows and along columns, times the temperature.
 * The answer is overwritten by the next call.
 */
export type RankGradient = (found: Float32Array, wanted: Float32Array) => Float64Array;

export function createRankGradient(batch: number, temperature: number): RankGradient {
  const [gradient, others] = [new Float64Array(batch * batch), new Float64Array(batch * batch)];
  return (found, wanted) => {
    softmaxes(found, batch, temperature, gradient);
    softmaxes(wanted, batch, temperature, others);
    for (let at = 0; at < gradient.length; at++)
      gradient[at] = (gradient[at] as number) - (others[at] as number);
    return gradient;
  };
}

/** The softmax along the row plus that along the column; what stands on the diagonal is left out. */
function softmaxes(matrix: Float32Array, batch: number, temperature: number, out: Float64Array): void {
  const [rows, columns] = [new Float64Array(batch), new Float64Array(batch)];
  for (let i = 0, at = 0; i < batch; i++)
    for (let j = 0; j < batch; j++, at++) {
      const value = i === j ? 0 : Math.exp((matrix[at] as number) / temperature);
      out[at] = value;
      rows[i] = (rows[i] as number) + value;
      columns[j] = (columns[j] as number) + value;
    }
  for (let i = 0, at = 0; i < batch; i++)
    for (let j = 0; j < batch; j++, at++)
      out[at] = (out[at] as number) * (1 / (rows[i] as number) + 1 / (columns[j] as number));
}

import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/testing/environment.ts';
import { createRankGradient } from './ranks.ts';

const BATCH = 5;
const TEMPERATURE = 0.2;
const STEP = 1e-3;

function draw(seed: number): Float32Array {
  const random = createRandom(seed);
  return Float32Array.from({ length: BATCH * BATCH }, () => random() - 0.5);
}

/** The loss as it is defined, place by place. */
function lossOf(found: Float32Array, wanted: Float32Array): number {
  let loss = 0;
  for (const place of [(i: number, j: number) => i * BATCH + j, (i: number, j: number) => j * BATCH + i])
    for (let i = 0; i < BATCH; i++) {
      const others = [...Array(BATCH).keys()].filter((j) => j !== i);
      const total = (of: Float32Array) =>
        others.reduce((sum, j) => sum + Math.exp((of[place(i, j)] ?? 0) / TEMPERATURE), 0);
      const [found1, wanted1] = [total(found), total(wanted)];
      for (const j of others) {
        const share = Math.exp((wanted[place(i, j)] ?? 0) / TEMPERATURE) / wanted1;
        loss -= TEMPERATURE * share * ((found[place(i, j)] ?? 0) / TEMPERATURE - Math.log(found1));
      }
    }
  return loss;
}

describe('the loss over orders', () => {
  it('has the gradient that differences of the loss give', () => {
    const [found, wanted] = [draw(1), draw(2)];
    const gradient = createRankGradient(BATCH, TEMPERATURE)(found, wanted);
    for (let at = 0; at < found.length; at++) {
      const [more, less] = [found.slice(), found.slice()];
      more[at] = (found[at] ?? 0) + STEP;
      less[at] = (found[at] ?? 0) - STEP;
      const width = (more[at] ?? 0) - (less[at] ?? 0);
      expect(gradient[at]).toBeCloseTo((lossOf(more, wanted) - lossOf(less, wanted)) / width, 4);
    }
  });

  it('is at rest where the similarities are the wanted ones, whatever stands on the diagonal', () => {
    const wanted = draw(3);
    const found = wanted.map((value, at) => (at % (BATCH + 1) === 0 ? 1 : value));
    const gradient = createRankGradient(BATCH, TEMPERATURE)(found, wanted);
    expect([...gradient]).toEqual(Array(BATCH * BATCH).fill(0));
  });
});

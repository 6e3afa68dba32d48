import { type SeededRandom, seededRandom } from '@backlot/core';

/** How a parameter's numbers are drawn before training: data. */
export type Start =
  | { readonly kind: 'zeros' }
  | { readonly kind: 'ones' }
  | { readonly kind: 'normal'; readonly deviation: number }
  /** Uniform to sqrt(6 / (inputs + outputs)) (Glorot and Bengio 2010). */
  | { readonly kind: 'glorot' }
  /** Normal with deviation sqrt(2 / inputs) (He et al. 2015). */
  | { readonly kind: 'he' };

/**
 * The first numbers of a parameter. Of the shape, the last axis counts as outputs and all before as inputs.
 * The stream keeps parameters apart that share a seed.
 */
export function startValues(
  start: Start,
  shape: readonly number[],
  seed: number,
  stream: number,
): Float32Array {
  const length = shape.reduce((product, size) => product * size, 1);
  const outputs = shape.at(-1) ?? 1;
  const draw = drawer(start, length / outputs, outputs, seededRandom(seed, stream));
  return Float32Array.from({ length }, draw);
}

function drawer(start: Start, inputs: number, outputs: number, random: SeededRandom): () => number {
  switch (start.kind) {
    case 'zeros':
      return () => 0;
    case 'ones':
      return () => 1;
    case 'normal':
      return () => start.deviation * random.normal();
    case 'he':
      return () => Math.sqrt(2 / inputs) * random.normal();
    case 'glorot': {
      const most = Math.sqrt(6 / (inputs + outputs));
      return () => most * (2 * random.uniform() - 1);
    }
  }
}

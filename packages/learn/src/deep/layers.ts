import {
  add,
  convolve,
  dense,
  dropout,
  type Expression,
  embedding,
  gelu,
  layerNormalise,
  relu,
  reshape,
  rmsNormalise,
  type Start,
  silu,
  tanh,
} from '@backlot/compute';
import { defineModule, type Module } from './module.ts';

export interface LinearOptions {
  readonly bias?: boolean;
  readonly start?: Start;
}

/** x weights + bias over the last axis. */
export function linear(inputs: number, outputs: number, options: LinearOptions = {}): Module {
  const { bias = true, start = { kind: 'glorot' } } = options;
  return defineModule({
    parameters: {
      weights: { shape: [inputs, outputs], start },
      ...(bias && { bias: { shape: [outputs], start: { kind: 'zeros' } as const } }),
    },
    call: ({ own }, x) => dense(x!, own.weights!, own.bias),
  });
}

/** A vector for each whole number below `rows`. */
export function embeddingTable(rows: number, width: number, deviation = 0.02): Module {
  return defineModule({
    parameters: { table: { shape: [rows, width], start: { kind: 'normal', deviation } } },
    call: ({ own }, indices) => embedding(own.table!, indices!),
  });
}

/** Layer normalisation (Ba et al. 2016) over the last axis. */
export function layerNorm(width: number): Module {
  return defineModule({
    parameters: {
      gain: { shape: [width], start: { kind: 'ones' } },
      shift: { shape: [width], start: { kind: 'zeros' } },
    },
    call: ({ own }, x) => layerNormalise(x!, own.gain!, own.shift!),
  });
}

/** Root mean square normalisation (Zhang and Sennrich 2019) over the last axis. */
export function rmsNorm(width: number): Module {
  return defineModule({
    parameters: { gain: { shape: [width], start: { kind: 'ones' } } },
    call: ({ own }, x) => rmsNormalise(x!, own.gain!),
  });
}

/** Leaves each number out with a probability while training. */
export function dropoutLayer(rate: number): Module {
  return defineModule({ call: ({ unique }, x) => dropout(x!, unique(), rate) });
}

/** The activations there are, by name. */
const activations = { relu, tanh, gelu, silu, none: (x: Expression): Expression => x } as const;

export type Activation = 'relu' | 'tanh' | 'gelu' | 'silu' | 'none';

/** An activation as a module. */
export function activation(name: Activation): Module {
  return defineModule({ call: (_, x) => activations[name](x!) });
}

/** One module after the other; the parts are called `0`, `1`, ... */
export function sequential(modules: readonly Module[]): Module {
  return defineModule({
    parts: Object.fromEntries(modules.map((one, at) => [String(at), one] as const)),
    call: ({ part }, x) => modules.reduce((value, _, at) => part(String(at), value), x!),
  });
}

/** Convolution along the last axis of [rows, channels, length], with zeros around. */
export function convolution(
  channels: number,
  outputs: number,
  width: number,
  padding: number = Math.floor(width / 2),
): Module {
  const deviation = Math.sqrt(2 / (channels * width));
  return defineModule({
    parameters: {
      weights: { shape: [outputs, channels, width], start: { kind: 'normal', deviation } },
      bias: { shape: [outputs], start: { kind: 'zeros' } },
    },
    call: ({ own }, x) => {
      // The bias lies along the channels, so that it stretches over the length.
      const found = convolve(x!, own.weights!, padding);
      return add(found, reshape(own.bias!, [outputs, 1]));
    },
  });
}

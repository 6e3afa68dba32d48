import { adamW, type Optimiser, type Schedule } from '@backlot/compute';
import { type Activation, activation, dropoutLayer, linear, sequential } from './layers.ts';
import type { Module } from './module.ts';
import type { EarlyStopping } from './train-module.ts';

/** A network of full layers and how it is trained. */
export const deepConstraints = {
  hidden: {
    type: 'integers',
    min: 1,
    max: 4096,
    maxLength: 8,
    default: [64, 64],
    summary: 'The widths of the hidden layers.',
  },
  activation: {
    type: 'choice',
    options: ['relu', 'tanh', 'gelu', 'silu', 'none'],
    default: 'relu',
    summary: 'What follows each hidden layer; none leaves a linear model.',
  },
  dropout: {
    type: 'number',
    min: 0,
    max: 0.95,
    default: 0,
    summary: 'The share of hidden numbers that a step leaves out.',
  },
  epochs: {
    type: 'integer',
    min: 1,
    max: 10_000,
    default: 50,
    summary: 'How often all rows are gone through.',
  },
  batch: {
    type: 'integer',
    min: 1,
    max: 65_536,
    default: 64,
    scale: 'log',
    summary: 'Rows of a step.',
  },
  learningRate: {
    type: 'number',
    min: 0,
    above: true,
    max: 1,
    default: 0.003,
    scale: 'log',
    summary: 'The highest rate; it falls along half a cosine to 0.',
  },
  decay: {
    type: 'number',
    min: 0,
    max: 10,
    default: 0.0001,
    summary: 'The pull of all parameters to 0, times the learning rate, apart from the gradient.',
  },
  validationShare: {
    type: 'number',
    min: 0,
    max: 0.5,
    default: 0,
    summary: 'Of the rows, held out to keep the best epoch; 0 keeps the last one.',
  },
  patience: {
    type: 'integer',
    min: 1,
    max: 10_000,
    default: 10,
    summary: 'Epochs without a lower loss of the held-out rows before the fit ends.',
  },
} as const;

/** Full layers of these widths, activated and thinned between. */
export function layersOf(
  sizes: readonly number[],
  given: { readonly activation: Activation; readonly dropout: number },
): Module {
  const he = given.activation !== 'tanh' && given.activation !== 'none';
  const layers = sizes.slice(1).flatMap((size, at): readonly Module[] => {
    const last = at === sizes.length - 2;
    const kind = he && !last ? 'he' : 'glorot';
    const one = linear(sizes[at]!, size, { start: { kind } });
    return last ? [one] : [one, activation(given.activation), dropoutLayer(given.dropout)];
  });
  return sequential(layers);
}

/** What `trainModule` needs of such parameters. */
export function trainingOf(
  given: {
    readonly epochs: number;
    readonly batch: number;
    readonly learningRate: number;
    readonly decay: number;
    readonly validationShare?: number;
    readonly patience?: number;
  },
  rows: number,
): {
  readonly epochs: number;
  readonly optimiser: Optimiser;
  readonly schedule: Schedule;
  readonly clipNorm: number;
  readonly earlyStopping: EarlyStopping | undefined;
} {
  const { epochs, batch, learningRate: rate, decay, validationShare = 0, patience = 10 } = given;
  const steps = epochs * Math.ceil(rows / batch);
  const warmUp = Math.min(100, Math.ceil(steps / 20));
  return {
    epochs,
    optimiser: adamW({ decay }),
    schedule: { kind: 'cosine', rate, warmUp, steps },
    clipNorm: 5,
    earlyStopping: validationShare > 0 ? { share: validationShare, patience } : undefined,
  };
}

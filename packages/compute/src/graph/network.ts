import { InvalidExpression } from '../error.ts';
import {
  add,
  divide,
  multiplyElements,
  sigmoid,
  sqrt,
  square,
  subtract,
  tanh,
} from './elementwise.ts';
import { checkNumbers, type Expression, expression } from './expression.ts';
import { pick, slice } from './layout.ts';
import { dense, matmul } from './linear.ts';
import { mean } from './reduce.ts';
import type { Shape } from './shape.ts';

/** exp(x) over its sum along the last axis. */
export function softmax(x: Expression): Expression {
  checkNumbers('softmax', x);
  return expression('softmax', [x], x.shape);
}

/** The logarithm of `softmax`, without its loss of digits. */
export function logSoftmax(x: Expression): Expression {
  checkNumbers('logSoftmax', x);
  return expression('logSoftmax', [x], x.shape);
}

/** Minus the log probability of each row's class: logits [..., classes], classes (int64) [...]. */
export function crossEntropy(logits: Expression, classes: Expression): Expression {
  return multiplyElements(pick(logSoftmax(logits), classes), -1);
}

/** The last axis with mean 0 and variance 1: (x - mean) / sqrt(variance + epsilon). */
export function standardise(x: Expression, epsilon = 1e-5): Expression {
  checkNumbers('standardise', x);
  return expression('standardise', [x], x.shape, { epsilon: { float: epsilon } });
}

/** Layer normalisation (Ba et al. 2016) over the last axis, gain and shift of its length. */
export function layerNormalise(
  x: Expression,
  gain: Expression,
  shift: Expression,
  epsilon = 1e-5,
): Expression {
  return add(multiplyElements(standardise(x, epsilon), gain), shift);
}

/** x over the root of its mean square along the last axis, times a gain (Zhang and Sennrich 2019, equation 4). */
export function rmsNormalise(x: Expression, gain: Expression, epsilon = 1e-6): Expression {
  const level = sqrt(add(mean(square(x), [-1], true), epsilon));
  return multiplyElements(divide(x, level), gain);
}

/**
 * Scaled dot-product attention (Vaswani et al. 2017, equation 1): queries, keys and values
 * [..., length, width]; `bias` is added to the scores before the softmax (large negative numbers mask);
 * `mask` is multiplied with the weights after it (dropout).
 */
export function attention(
  queries: Expression,
  keys: Expression,
  values: Expression,
  options: { readonly bias?: Expression | undefined; readonly mask?: Expression | undefined } = {},
): Expression {
  const width = queries.shape.at(-1);
  if (typeof width !== 'number') throw new InvalidExpression('attention', 'needs a known width');
  const scale = 1 / Math.sqrt(width);
  const scores = matmul(queries, keys, { transposeB: true, scale });
  const weights = softmax(options.bias ? add(scores, options.bias) : scores);
  const { bias, mask } = options;
  const result = matmul(mask ? multiplyElements(weights, mask) : weights, values);
  // The result under another name: its gradient takes the row sums from the result, which is smaller by
  // far than the weights, and so saves two passes over those (Dao et al. 2022, appendix B.2).
  const inputs = [
    result,
    weights,
    queries,
    keys,
    values,
    ...(bias ? [bias] : []),
    ...(mask ? [mask] : []),
  ];
  return expression('attention', inputs, result.shape, {
    scale: { float: scale },
    bias: { int: bias ? 1 : 0 },
    mask: { int: mask ? 1 : 0 },
  });
}

/**
 * Numbers that are drawn anew for each training step: 0 with probability `rate`, else 1 / (1 - rate);
 * in inference 1. The seed is the training's, so that a step that is run again draws the same.
 */
export function dropoutMask(name: string, rate: number, shape: Shape): Expression {
  if (!(rate > 0 && rate < 1)) throw new InvalidExpression('dropoutMask', `the rate is ${rate}`);
  const attributes = { rate: { float: rate } };
  return Object.freeze({ op: 'mask', inputs: [], attributes, type: 'float', shape, name });
}

/** x with each number left out with probability `rate`; nothing is done at a rate of 0. */
export function dropout(x: Expression, name: string, rate: number): Expression {
  return rate === 0 ? x : multiplyElements(x, dropoutMask(name, rate, x.shape));
}

/** The weights of a gated recurrent unit. */
export interface GruWeights {
  /** [inputs, 3 width]: reset, update, candidate. */
  readonly input: Expression;
  /** [width, 3 width]. */
  readonly state: Expression;
  /** [3 width], for the input and the state. */
  readonly inputBias: Expression;
  readonly stateBias: Expression;
}

/** One step of a gated recurrent unit (Cho et al. 2014): x [rows, inputs], state [rows, width]. */
export function gruStep(x: Expression, state: Expression, weights: GruWeights): Expression {
  const width = state.shape.at(-1);
  if (typeof width !== 'number') throw new InvalidExpression('gruStep', 'needs a known width');
  const given = dense(x, weights.input, weights.inputBias);
  const kept = dense(state, weights.state, weights.stateBias);
  const part = (all: Expression, at: number): Expression =>
    slice(all, -1, at * width, (at + 1) * width);
  const reset = sigmoid(add(part(given, 0), part(kept, 0)));
  const update = sigmoid(add(part(given, 1), part(kept, 1)));
  const candidate = tanh(add(part(given, 2), multiplyElements(reset, part(kept, 2))));
  return add(candidate, multiplyElements(update, subtract(state, candidate)));
}

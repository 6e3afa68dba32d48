import { floatOf, intOf, intsOf } from './attribute.ts';
import {
  divide,
  exp,
  multiplyElements,
  negate,
  sigmoid,
  sign,
  square,
  subtract,
  where,
} from './elementwise.ts';
import { type Expression, expression, scalar } from './expression.ts';
import { pad, reshape, slice, stretch, transposeAxes } from './layout.ts';
import { matmul } from './linear.ts';
import { sum, sumTo } from './reduce.ts';
import { productOf, type Shape } from './shape.ts';

/**
 * The gradients of what comes after with respect to each input, from that with respect to the result;
 * undefined where none flows. An input that need not be known is not worked out.
 */
type GradientRule = (
  node: Expression,
  gradient: Expression,
  needed: (input: Expression) => boolean,
) => readonly (Expression | undefined)[];

const twoOverRootPi = 2 / Math.sqrt(Math.PI);

/** An operation of one whose gradient is the outer one times a factor. */
function scaled(factor: (node: Expression, x: Expression) => Expression): GradientRule {
  return (node, gradient) => [multiplyElements(gradient, factor(node, node.inputs[0]!))];
}

const matmulRule: GradientRule = (node, gradient, needed) => {
  const [a, b] = node.inputs as [Expression, Expression];
  const [tA, tB] = [intOf(node, 'transposeA') === 1, intOf(node, 'transposeB') === 1];
  const scale = floatOf(node, 'scale');
  const left = (): Expression =>
    tA
      ? matmul(b, gradient, { transposeA: tB, transposeB: true, scale })
      : matmul(gradient, b, { transposeB: !tB, scale });
  if (b.shape.length === 2 && a.shape.length > 2) {
    // One matrix for all: every row before the last axes is a row of one tall product.
    const sharedRight = (): Expression => {
      const [x, g] = tA ? [swapLast(a), gradient] : [a, gradient];
      const [tall, tallGradient] = [flattenRows(x), flattenRows(g)];
      return tB
        ? matmul(tallGradient, tall, { transposeA: true, scale })
        : matmul(tall, tallGradient, { transposeA: true, scale });
    };
    const sharedLeft = (): Expression =>
      tA ? swapLast(matmul(gradient, b, { transposeB: !tB, scale })) : left();
    return [needed(a) ? sharedLeft() : undefined, needed(b) ? sharedRight() : undefined];
  }
  const right = (): Expression =>
    tB
      ? matmul(gradient, a, { transposeA: true, transposeB: tA, scale })
      : matmul(a, gradient, { transposeA: !tA, scale });
  return [needed(a) ? left() : undefined, needed(b) ? right() : undefined];
};

function swapLast(x: Expression): Expression {
  const last = x.shape.length - 1;
  const order = [...x.shape.keys()];
  [order[last - 1], order[last]] = [last, last - 1];
  return transposeAxes(x, order);
}

function flattenRows(x: Expression): Expression {
  return reshape(x, [productOf(x.shape.slice(0, -1)), x.shape.at(-1)!]);
}

/** The gradient of a reduction with its axes back, stretched to the shape before. */
function restore(node: Expression, gradient: Expression): Expression {
  const [x] = node.inputs as [Expression];
  const axes = intsOf(node, 'axes');
  const kept: Shape = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  return reshape(gradient, kept, x);
}

const attentionRule: GradientRule = (node, gradient, needed) => {
  const [result, weights, queries, keys, values, ...rest] = node.inputs as Expression[];
  const scale = floatOf(node, 'scale');
  const bias = intOf(node, 'bias') ? rest.shift() : undefined;
  const mask = intOf(node, 'mask') ? rest.shift() : undefined;
  const used = mask ? multiplyElements(weights!, mask) : weights!;
  const raw = matmul(gradient, values!, { transposeB: true });
  const ofWeights = mask ? multiplyElements(raw, mask) : raw;
  const rowSums = sum(multiplyElements(gradient, result!), [-1], true);
  const scores = multiplyElements(weights!, subtract(ofWeights, rowSums));
  return [
    undefined,
    undefined,
    needed(queries!) ? matmul(scores, keys!, { scale }) : undefined,
    needed(keys!) ? matmul(scores, queries!, { transposeA: true, scale }) : undefined,
    needed(values!) ? matmul(used, gradient, { transposeA: true }) : undefined,
    ...(bias ? [needed(bias) ? sumTo(scores, bias.shape) : undefined] : []),
    ...(mask ? [undefined] : []),
  ];
};

const convolveRule: GradientRule = (node, gradient, needed) => {
  const [x, weights] = node.inputs as [Expression, Expression];
  const padding = intOf(node, 'padding');
  const attributes = { padding: { int: padding } };
  return [
    needed(x) ? expression('convolveBack', [gradient, weights], x.shape, attributes) : undefined,
    needed(weights)
      ? expression('convolveWeights', [x, gradient], weights.shape, attributes)
      : undefined,
  ];
};

/** Of one entry a row, as cross entropy asks, the sum is known and nothing else of the row need be read. */
const logSoftmaxRule: GradientRule = (node, gradient) => {
  if (gradient.op !== 'scatterLast') {
    return [subtract(gradient, multiplyElements(exp(node), sum(gradient, [-1], true)))];
  }
  const [, places, values] = gradient.inputs as [Expression, Expression, Expression];
  const total = reshape(negate(values), [...values.shape, 1], values);
  const level = multiplyElements(exp(node), total);
  return [expression('addLast', [level, places, values], node.shape)];
};

/** The derivative of each operation. Those that are absent let no gradient through. */
export const gradientRules: Readonly<Record<string, GradientRule>> = {
  add: (node, gradient, needed) =>
    node.inputs.map((x) => (needed(x) ? sumTo(gradient, x.shape) : undefined)),
  subtract: (node, gradient, needed) => {
    const [a, b] = node.inputs as [Expression, Expression];
    return [
      needed(a) ? sumTo(gradient, a.shape) : undefined,
      needed(b) ? negate(sumTo(gradient, b.shape)) : undefined,
    ];
  },
  multiply: (node, gradient, needed) => {
    const [a, b] = node.inputs as [Expression, Expression];
    return [
      needed(a) ? sumTo(multiplyElements(gradient, b), a.shape) : undefined,
      needed(b) ? sumTo(multiplyElements(gradient, a), b.shape) : undefined,
    ];
  },
  divide: (node, gradient, needed) => {
    const [a, b] = node.inputs as [Expression, Expression];
    return [
      needed(a) ? sumTo(divide(gradient, b), a.shape) : undefined,
      needed(b) ? sumTo(negate(divide(multiplyElements(gradient, node), b)), b.shape) : undefined,
    ];
  },
  negate: (_, gradient) => [negate(gradient)],
  exp: scaled((node) => node),
  log: (node, gradient) => [divide(gradient, node.inputs[0]!)],
  sqrt: (node, gradient) => [divide(multiplyElements(gradient, 0.5), node)],
  absolute: scaled((_, x) => sign(x)),
  tanh: scaled((node) => subtract(1, square(node))),
  sigmoid: scaled((node) => multiplyElements(node, subtract(1, node))),
  // A comparison runs on all threads, where ONNX Runtime's Sign runs on one.
  relu: scaled((node) => expression('step', [node], node.shape)),
  softplus: scaled((_, x) => sigmoid(x)),
  erf: scaled((_, x) => multiplyElements(exp(negate(square(x))), twoOverRootPi)),
  where: (node, gradient, needed) => {
    const [condition, a, b] = node.inputs as [Expression, Expression, Expression];
    const zero = scalar(0, gradient);
    return [
      undefined,
      needed(a) ? sumTo(where(condition, gradient, zero), a.shape) : undefined,
      needed(b) ? sumTo(where(condition, zero, gradient), b.shape) : undefined,
    ];
  },
  sum: (node, gradient) => [stretch(restore(node, gradient), node.inputs[0]!)],
  mean: (node, gradient) => {
    const [x] = node.inputs as [Expression];
    const count = expression('count', [x], [], { axes: { ints: intsOf(node, 'axes') } });
    return [stretch(restore(node, divide(gradient, count)), x)];
  },
  maximum: (node, gradient) => {
    const [x] = node.inputs as [Expression];
    const axes = intsOf(node, 'axes');
    const hits = expression('equal', [x, restore(node, node)], x.shape);
    const share = divide(hits, sum(hits, axes, true));
    return [multiplyElements(share, restore(node, gradient))];
  },
  reshape: (node, gradient) => {
    const [x] = node.inputs as [Expression];
    return [reshape(gradient, x.shape, x), undefined];
  },
  stretch: (node, gradient) => [sumTo(gradient, node.inputs[0]!.shape), undefined],
  transpose: (node, gradient) => {
    const order = intsOf(node, 'perm');
    return [
      transposeAxes(
        gradient,
        order.map((_, axis) => order.indexOf(axis)),
      ),
    ];
  },
  concat: (node, gradient) => {
    const axis = intOf(node, 'axis');
    let begin = 0;
    return node.inputs.map((part) => {
      const end = begin + (part.shape[axis] as number);
      const found = slice(gradient, axis, begin, end);
      begin = end;
      return found;
    });
  },
  slice: (node, gradient) => {
    const axis = intOf(node, 'axis');
    const length = node.inputs[0]!.shape[axis] as number;
    return [pad(gradient, axis, intOf(node, 'begin'), length - intOf(node, 'end'))];
  },
  pad: (node, gradient) => {
    const axis = intOf(node, 'axis');
    const before = intOf(node, 'before');
    return [slice(gradient, axis, before, before + (node.inputs[0]!.shape[axis] as number))];
  },
  embedding: (node, gradient) => [
    expression('scatterRows', [...node.inputs, gradient], node.inputs[0]!.shape),
    undefined,
  ],
  pick: (node, gradient) => [
    expression('scatterLast', [...node.inputs, gradient], node.inputs[0]!.shape),
    undefined,
  ],
  addLast: (node, gradient, needed) => {
    const [, places, values] = node.inputs as [Expression, Expression, Expression];
    const picked = (): Expression => expression('pick', [gradient, places], values.shape);
    return [gradient, undefined, needed(values) ? picked() : undefined];
  },
  matmul: matmulRule,
  convolve: convolveRule,
  softmax: (node, gradient) => {
    const product = multiplyElements(gradient, node);
    return [subtract(product, multiplyElements(node, sum(product, [-1], true)))];
  },
  logSoftmax: logSoftmaxRule,
  clamp: (node, gradient) => {
    const [x] = node.inputs as [Expression];
    return [multiplyElements(gradient, expression('equal', [x, node], x.shape))];
  },
  standardise: (node, gradient) => {
    const [x] = node.inputs as [Expression];
    const width = x.shape.at(-1) as number;
    const inverse = expression('inverseDeviation', [node], [...x.shape.slice(0, -1), 1]);
    const along = multiplyElements(sum(multiplyElements(gradient, node), [-1], true), 1 / width);
    const level = multiplyElements(sum(gradient, [-1], true), 1 / width);
    const inner = subtract(subtract(gradient, level), multiplyElements(node, along));
    return [multiplyElements(inner, inverse)];
  },
  attention: attentionRule,
};

import { assert } from '@backlot/core';
import type { OnnxNode, OnnxTensor } from '../onnx/onnx-graph.ts';
import { floatOf, intOf, intsOf } from './attribute.ts';
import type { Expression } from './expression.ts';
import type { Size } from './shape.ts';

/** What a printing rule writes with: names are of this graph. */
export interface Printing {
  /** Adds a node and gives the name of its (first) result. */
  node(
    op: string,
    inputs: readonly string[],
    attributes?: OnnxNode['attributes'],
    more?: Partial<OnnxNode>,
  ): string;
  /** The name of a tensor that is written in the graph, once for equal ones. */
  constant(tensor: OnnxTensor): string;
  /** The name of whole numbers. */
  integers(values: readonly number[]): string;
}

/** Prints a node whose inputs have the given names; the name of its result. */
type PrintRule = (node: Expression, inputs: readonly string[], to: Printing) => string;

const plain =
  (op: string): PrintRule =>
  (_, inputs, to) =>
    to.node(op, inputs);

const reduced =
  (op: string): PrintRule =>
  (node, [x], to) =>
    to.node(op, [x!, to.integers(intsOf(node, 'axes'))], {
      keepdims: { int: intOf(node, 'keep') },
    });

/**
 * A sum over two or more first axes is taken over the last of them first: in one operation ONNX Runtime
 * adds rows to one another on few threads, which took five times as long for gradients of biases.
 */
const sumPrint: PrintRule = (node, [x], to) => {
  const axes = intsOf(node, 'axes');
  const keepdims = { keepdims: { int: intOf(node, 'keep') } };
  const rank = node.inputs[0]!.shape.length;
  const first = axes.every((axis, at) => axis === at) && axes.length < rank;
  if (!first || axes.length < 2) return to.node('ReduceSum', [x!, to.integers(axes)], keepdims);
  const inner = to.node('ReduceSum', [x!, to.integers(axes.slice(-1))], keepdims);
  return to.node('ReduceSum', [inner, to.integers(axes.slice(0, -1))], keepdims);
};

/** The attributes of a product of two matrices. */
export function gemmAttributes(product: Expression): OnnxNode['attributes'] {
  return {
    transA: { int: intOf(product, 'transposeA') },
    transB: { int: intOf(product, 'transposeB') },
    alpha: { float: floatOf(product, 'scale') },
  };
}

const matmulPrint: PrintRule = (node, [a, b], to) => {
  const [left, right] = node.inputs as [Expression, Expression];
  const [transA, transB] = [intOf(node, 'transposeA'), intOf(node, 'transposeB')];
  const scale = floatOf(node, 'scale');
  if (left.shape.length === 2 && right.shape.length === 2) {
    return to.node('Gemm', [a!, b!], gemmAttributes(node));
  }
  if (transA === 0 && transB === 0 && scale === 1) return to.node('MatMul', [a!, b!]);
  if (node.type === 'float') {
    // ONNX Runtime's own operator packs transposed operands while it multiplies.
    return to.node(
      'FusedMatMul',
      [a!, b!],
      { transA: { int: transA }, transB: { int: transB }, alpha: { float: scale } },
      { domain: 'com.microsoft' },
    );
  }
  const turned = (name: string, { shape }: Expression, flag: number): string => {
    if (flag === 0) return name;
    const order = [...shape.keys()];
    order.push(...order.splice(-2).reverse());
    return to.node('Transpose', [name], { perm: { ints: order } });
  };
  const product = to.node('MatMul', [turned(a!, left, transA), turned(b!, right, transB)]);
  const factor = to.constant({ type: 'double', shape: [], data: Float64Array.of(scale) });
  return scale === 1 ? product : to.node('Mul', [product, factor]);
};

/**
 * The target of a reshape: lengths that are known, 0 for those that stay in their place, -1 for one that
 * is left, and others from the expression beside it.
 */
const reshapePrint: PrintRule = (node, [x, like], to) => {
  const [source, other] = node.inputs as [Expression, Expression | undefined];
  const open = node.shape.filter((size) => typeof size === 'string').length;
  const target = node.shape.map((size, axis) => {
    if (typeof size === 'number') return size;
    return size === source.shape[axis] ? 0 : -1;
  });
  const unknown = target.filter((size) => size === -1).length;
  // A length of 0 would be taken for "stays", so that an empty axis needs the long way; ours are never empty.
  if (unknown <= 1 || open === 1) {
    return to.node('Reshape', [x!, to.integers(unknown > 1 ? [-1] : target)]);
  }
  assert(other, `a reshape to ${node.shape} knows where its lengths come from`);
  const parts = node.shape.map((size, axis) => lengthOf(size, axis, target, [other, like!], to));
  return to.node('Reshape', [x!, to.node('Concat', parts, { axis: { int: 0 } })]);
};

function lengthOf(
  size: Size,
  axis: number,
  target: readonly number[],
  [other, name]: readonly [Expression, string],
  to: Printing,
): string {
  if (target[axis] !== -1) return to.integers([target[axis]!]);
  const place = other.shape.indexOf(size);
  assert(place >= 0, `the length ${size} is one of ${other.shape}`);
  return to.node('Shape', [name], { start: { int: place }, end: { int: place + 1 } });
}

/** The rows' gradients added up in a table of zeros: for small tables; large ones stay apart by row. */
const scatterRowsPrint: PrintRule = (node, [table, indices, gradient], to) => {
  const [, places] = node.inputs as [Expression, Expression];
  const width = node.shape[1] as number;
  const zeros = to.node('Mul', [table!, zeroOf(node, to)]);
  const rows = to.node('Reshape', [indices!, to.integers([-1, 1])]);
  const flat = to.node('Reshape', [gradient!, to.integers([-1, width])]);
  assert(places.type === 'int64', 'rows are whole numbers');
  return to.node('ScatterND', [zeros, rows, flat], { reduction: { text: 'add' } });
};

function zeroOf({ type }: Expression, to: Printing): string {
  return to.constant(
    type === 'double'
      ? { type, shape: [], data: Float64Array.of(0) }
      : { type: 'float', shape: [], data: Float32Array.of(0) },
  );
}

const scatterLastPrint: PrintRule = (node, [x, indices, gradient], to) => {
  const zeros = to.node('Mul', [x!, zeroOf(node, to)]);
  const last = to.integers([-1]);
  return to.node(
    'ScatterElements',
    [zeros, to.node('Unsqueeze', [indices!, last]), to.node('Unsqueeze', [gradient!, last])],
    { axis: { int: -1 } },
  );
};

const addLastPrint: PrintRule = (_, [x, indices, values], to) => {
  const last = to.integers([-1]);
  return to.node(
    'ScatterElements',
    [x!, to.node('Unsqueeze', [indices!, last]), to.node('Unsqueeze', [values!, last])],
    { axis: { int: -1 }, reduction: { text: 'add' } },
  );
};

/** 1 above 0. In floats one pass, where a comparison is two: a steep line, cut at 0 and 1. */
const stepPrint: PrintRule = (node, [x], to) => {
  if (node.type === 'float') {
    return to.node('HardSigmoid', [x!], { alpha: { float: 3e38 }, beta: { float: 0 } });
  }
  return to.node('Cast', [to.node('Greater', [x!, zeroOf(node, to)])], { to: { int: 11 } });
};

const clampPrint: PrintRule = (node, [x], to) => {
  const bound = (name: string): string => {
    const value = floatOf(node, name);
    return to.constant(
      node.type === 'double'
        ? { type: 'double', shape: [], data: Float64Array.of(value) }
        : { type: 'float', shape: [], data: Float32Array.of(value) },
    );
  };
  return to.node('Clip', [x!, bound('least'), bound('most')]);
};

const convolveWeightsPrint: PrintRule = (node, [x, gradient], to) => {
  const padding = intOf(node, 'padding');
  const turned = [x!, gradient!].map((name) =>
    to.node('Transpose', [name], { perm: { ints: [1, 0, 2] } }),
  );
  const found = to.node('Conv', turned, { pads: { ints: [padding, padding] } });
  return to.node('Transpose', [found], { perm: { ints: [1, 0, 2] } });
};

const countPrint: PrintRule = (node, [x], to) => {
  const { shape } = node.inputs[0]!;
  const axes = intsOf(node, 'axes');
  const lengths = axes.map((axis) => shape[axis]!);
  const to64 = node.type === 'double' ? 11 : 1;
  if (lengths.every((size) => typeof size === 'number')) {
    const count = lengths.reduce<number>((product, size) => product * (size as number), 1);
    return to.constant(
      node.type === 'double'
        ? { type: 'double', shape: [], data: Float64Array.of(count) }
        : { type: 'float', shape: [], data: Float32Array.of(count) },
    );
  }
  const parts = axes.map((axis) =>
    to.node('Shape', [x!], { start: { int: axis }, end: { int: axis + 1 } }),
  );
  const all = parts.length === 1 ? parts[0]! : to.node('Concat', parts, { axis: { int: 0 } });
  const product = to.node('ReduceProd', [all], { keepdims: { int: 0 } });
  return to.node('Cast', [product], { to: { int: to64 } });
};

/** max(x, 0) + log(1 + exp(-|x|)): ONNX Runtime has the operator itself for older opsets and floats only. */
const softplusPrint: PrintRule = (node, [x], to) => {
  const one = to.constant(
    node.type === 'double'
      ? { type: 'double', shape: [], data: Float64Array.of(1) }
      : { type: 'float', shape: [], data: Float32Array.of(1) },
  );
  const small = to.node('Exp', [to.node('Neg', [to.node('Abs', [x!])])]);
  return to.node('Add', [to.node('Relu', [x!]), to.node('Log', [to.node('Add', [small, one])])]);
};

/**
 * In doubles by exponentials: ONNX Runtime fuses x sigmoid(x) to an operator that it has for floats alone,
 * and then refuses the graph.
 */
const sigmoidPrint: PrintRule = (node, [x], to) => {
  if (node.type === 'float') return to.node('Sigmoid', [x!]);
  const one = to.constant({ type: 'double', shape: [], data: Float64Array.of(1) });
  return to.node('Div', [one, to.node('Add', [one, to.node('Exp', [to.node('Neg', [x!])])])]);
};

/** How each operation is written in ONNX. */
export const printRules: Readonly<Record<string, PrintRule>> = {
  add: plain('Add'),
  subtract: plain('Sub'),
  multiply: plain('Mul'),
  divide: plain('Div'),
  negate: plain('Neg'),
  exp: plain('Exp'),
  log: plain('Log'),
  sqrt: plain('Sqrt'),
  absolute: plain('Abs'),
  tanh: plain('Tanh'),
  sigmoid: sigmoidPrint,
  relu: plain('Relu'),
  softplus: softplusPrint,
  erf: plain('Erf'),
  sign: plain('Sign'),
  greater: plain('Greater'),
  where: plain('Where'),
  stopGradient: (_, [x]) => x!,
  attention: (_, [result]) => result!,
  equal: (node, inputs, to) =>
    to.node('Cast', [to.node('Equal', inputs)], { to: { int: node.type === 'double' ? 11 : 1 } }),
  step: stepPrint,
  clamp: clampPrint,
  count: countPrint,
  sum: sumPrint,
  mean: reduced('ReduceMean'),
  maximum: reduced('ReduceMax'),
  reshape: reshapePrint,
  stretch: (_, [x, like], to) => to.node('Expand', [x!, to.node('Shape', [like!])]),
  transpose: (node, inputs, to) =>
    to.node('Transpose', inputs, { perm: { ints: intsOf(node, 'perm') } }),
  concat: (node, inputs, to) => to.node('Concat', inputs, { axis: { int: intOf(node, 'axis') } }),
  slice: (node, [x], to) => {
    const part = (name: string): string => to.integers([intOf(node, name)]);
    return to.node('Slice', [x!, part('begin'), part('end'), part('axis')]);
  },
  pad: (node, [x], to) => {
    const sizes = to.integers([intOf(node, 'before'), intOf(node, 'after')]);
    return to.node('Pad', [x!, sizes, '', to.integers([intOf(node, 'axis')])]);
  },
  embedding: plain('Gather'),
  pick: (_, [x, indices], to) => {
    const last = to.integers([-1]);
    const places = to.node('Unsqueeze', [indices!, last]);
    const found = to.node('GatherElements', [x!, places], { axis: { int: -1 } });
    return to.node('Squeeze', [found, last]);
  },
  scatterRows: scatterRowsPrint,
  scatterLast: scatterLastPrint,
  addLast: addLastPrint,
  matmul: matmulPrint,
  convolve: (node, inputs, to) => {
    const padding = intOf(node, 'padding');
    return to.node('Conv', inputs, { pads: { ints: [padding, padding] } });
  },
  convolveBack: (node, inputs, to) => {
    const padding = intOf(node, 'padding');
    return to.node('ConvTranspose', inputs, { pads: { ints: [padding, padding] } });
  },
  convolveWeights: convolveWeightsPrint,
  softmax: (_, inputs, to) => to.node('Softmax', inputs, { axis: { int: -1 } }),
  logSoftmax: (_, inputs, to) => to.node('LogSoftmax', inputs, { axis: { int: -1 } }),
};

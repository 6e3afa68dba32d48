import type { Expression, Feeds, OnnxTensor } from '@backlot/compute';
import { assert } from '@backlot/core';

/** An array of numbers and its lengths. */
interface Plain {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/**
 * What an expression is for these inputs and parameters, worked out at once on this thread: for one person's
 * scores, where waiting for ONNX Runtime is not possible. Sums are in doubles, so that the answers are those
 * of ONNX Runtime to rounding. Masks are 1.
 */
export function evaluatePlain(
  result: Expression,
  feeds: Feeds,
  values: ReadonlyMap<string, OnnxTensor>,
): Float32Array {
  const known = new Map<Expression, Plain>();
  const of = (node: Expression): Plain => {
    let found = known.get(node);
    if (!found) {
      found = evaluateNode(node, feeds, values, of);
      known.set(node, found);
    }
    return found;
  };
  return Float32Array.from(of(result).data);
}

type Known = (node: Expression) => Plain;

function evaluateNode(
  node: Expression,
  feeds: Feeds,
  values: ReadonlyMap<string, OnnxTensor>,
  of: Known,
): Plain {
  switch (node.op) {
    case 'input':
      return plainOf(feeds[node.name!]!);
    case 'parameter':
      return plainOf(values.get(node.name!)!);
    case 'constant':
      return plainOf(node.tensor!);
    case 'mask':
      return { shape: [], data: [1] };
    case 'reshape': {
      const { data } = of(node.inputs[0]!);
      return { shape: filled(node.shape, data.length), data };
    }
    case 'attention':
    case 'stopGradient':
      return of(node.inputs[0]!);
    default: {
      const rule = rules[node.op];
      assert(rule, `${node.op} has a plain rule`);
      return rule(node, node.inputs.map(of));
    }
  }
}

function plainOf({ type, shape, data }: OnnxTensor): Plain {
  return {
    shape,
    data: type === 'int64' ? Array.from(data as BigInt64Array, Number) : (data as Float32Array),
  };
}

/** The shape with its one open length worked out from how many numbers there are. */
function filled(shape: Expression['shape'], count: number): readonly number[] {
  const rest = shape.reduce<number>(
    (all, size) => (typeof size === 'number' ? all * size : all),
    1,
  );
  return shape.map((size) => (typeof size === 'number' ? size : count / rest));
}

type Rule = (node: Expression, inputs: readonly Plain[]) => Plain;

const sizeOf = (shape: readonly number[]): number => shape.reduce((all, size) => all * size, 1);

/** An operation of two, each axis of length 1 stretched. */
const pairwise =
  (f: (a: number, b: number) => number): Rule =>
  (_, [a, b]) => {
    const rank = Math.max(a!.shape.length, b!.shape.length);
    const size = ({ shape }: Plain, axis: number): number => shape[axis - rank + shape.length] ?? 1;
    const shape = Array.from({ length: rank }, (_, axis) => {
      return size(a!, axis) === 1 ? size(b!, axis) : size(a!, axis);
    });
    const [left, right] = [a!, b!].map((one) => places(one.shape, shape));
    const data = Float64Array.from({ length: sizeOf(shape) }, (_, at) =>
      f(a!.data[left!(at)]!, b!.data[right!(at)]!),
    );
    return { shape, data };
  };

/** Where in the smaller array the number at a place of the larger one comes from. */
function places(from: readonly number[], to: readonly number[]): (at: number) => number {
  const length = sizeOf(from);
  if (length === sizeOf(to)) return (at) => at;
  if (length === 1) return () => 0;
  const tail = to.slice(to.length - from.length);
  if (from.every((size, axis) => size === tail[axis])) return (at) => at % length;
  return (at) => {
    let [rest, place, step] = [at, 0, 1];
    for (let axis = to.length - 1; axis >= 0; axis--) {
      const own = from[axis - to.length + from.length] ?? 1;
      const index = rest % to[axis]!;
      rest = Math.floor(rest / to[axis]!);
      if (own !== 1) place += step * index;
      step *= own;
    }
    return place;
  };
}

const single =
  (f: (x: number) => number): Rule =>
  (_, [x]) => ({ shape: x!.shape, data: Float64Array.from(x!.data, f) });

/** An operation on each row of the last axis. */
const rowwise =
  (change: (row: Float64Array, node: Expression) => void): Rule =>
  (node, [x]) => {
    const data = Float64Array.from(x!.data);
    const width = x!.shape.at(-1)!;
    for (let at = 0; at < data.length; at += width) change(data.subarray(at, at + width), node);
    return { shape: x!.shape, data };
  };

const numberOf = (node: Expression, name: string): number => {
  const found = node.attributes[name] as { readonly int?: number; readonly float?: number };
  return Number(found.int ?? found.float);
};
const numbersOf = (node: Expression, name: string): readonly number[] =>
  (node.attributes[name] as { readonly ints: readonly number[] }).ints.map(Number);

const product: Rule = (node, [a, b]) => {
  const [tA, tB] = [numberOf(node, 'transposeA') === 1, numberOf(node, 'transposeB') === 1];
  const scale = numberOf(node, 'scale');
  const [rows, inner] = lastTwo(a!.shape, tA);
  const [, columns] = lastTwo(b!.shape, tB);
  const before = a!.shape.slice(0, -2);
  const data = new Float64Array(sizeOf(before) * rows * columns);
  for (let batch = 0; batch < sizeOf(before); batch++) {
    const [left, right] = [batch * rows * inner, b!.shape.length > 2 ? batch * inner * columns : 0];
    for (let i = 0; i < rows; i++) {
      for (let k = 0; k < inner; k++) {
        const value = scale * a!.data[left + (tA ? k * rows + i : i * inner + k)]!;
        if (value === 0) continue;
        const at = (batch * rows + i) * columns;
        for (let j = 0; j < columns; j++) {
          data[at + j]! += value * b!.data[right + (tB ? j * inner + k : k * columns + j)]!;
        }
      }
    }
  }
  return { shape: [...before, rows, columns], data };
};

function lastTwo(shape: readonly number[], turned: boolean): readonly [number, number] {
  const [rows, columns] = shape.slice(-2) as [number, number];
  return turned ? [columns, rows] : [rows, columns];
}

const total: Rule = (node, [x]) => {
  const axes = numbersOf(node, 'axes');
  const kept = x!.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const place = places(kept, x!.shape);
  const data = new Float64Array(sizeOf(kept));
  for (let at = 0; at < x!.data.length; at++) data[place(at)]! += x!.data[at]!;
  const shape = numberOf(node, 'keep') ? kept : kept.filter((_, axis) => !axes.includes(axis));
  return { shape, data };
};

const turned: Rule = (node, [x]) => {
  const order = numbersOf(node, 'perm');
  const shape = order.map((axis) => x!.shape[axis]!);
  const steps = x!.shape.map((_, axis) => sizeOf(x!.shape.slice(axis + 1)));
  const data = Float64Array.from({ length: x!.data.length }, (_, at) => {
    let [rest, place] = [at, 0];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      place += (rest % shape[axis]!) * steps[order[axis]!]!;
      rest = Math.floor(rest / shape[axis]!);
    }
    return x!.data[place]!;
  });
  return { shape, data };
};

/** Copies of what lies along an axis: `outer` blocks of `length` pieces of `inner` numbers. */
function blocksOf(shape: readonly number[], axis: number): readonly [number, number, number] {
  return [sizeOf(shape.slice(0, axis)), shape[axis]!, sizeOf(shape.slice(axis + 1))];
}

const joined: Rule = (node, parts) => {
  const axis = numberOf(node, 'axis');
  const sizes = parts.map(({ shape }) => blocksOf(shape, axis));
  const shape = parts[0]!.shape.slice();
  shape[axis] = sizes.reduce((sum, [, length]) => sum + length, 0);
  const data: number[] = [];
  for (let outer = 0; outer < sizes[0]![0]; outer++) {
    parts.forEach((part, at) => {
      const own = sizes[at]![1] * sizes[at]![2];
      for (let k = 0; k < own; k++) data.push(part.data[outer * own + k]!);
    });
  }
  return { shape, data };
};

const sliced: Rule = (node, [x]) => {
  const axis = numberOf(node, 'axis');
  const [begin, end] = [numberOf(node, 'begin'), numberOf(node, 'end')];
  const [outer, length, inner] = blocksOf(x!.shape, axis);
  const shape = x!.shape.map((size, at) => (at === axis ? end - begin : size));
  const run = (end - begin) * inner;
  const data = Float64Array.from({ length: outer * run }, (_, at) => {
    return x!.data[(Math.floor(at / run) * length + begin) * inner + (at % run)]!;
  });
  return { shape, data };
};

const rowsOfTable: Rule = (_, [table, indices]) => {
  const width = table!.shape[1]!;
  const data = new Float64Array(indices!.data.length * width);
  for (let at = 0; at < indices!.data.length; at++) {
    const from = indices!.data[at]! * width;
    for (let k = 0; k < width; k++) data[at * width + k] = table!.data[from + k]!;
  }
  return { shape: [...indices!.shape, width], data };
};

const rules: Readonly<Record<string, Rule>> = {
  add: pairwise((a, b) => a + b),
  subtract: pairwise((a, b) => a - b),
  multiply: pairwise((a, b) => a * b),
  divide: pairwise((a, b) => a / b),
  negate: single((x) => -x),
  exp: single(Math.exp),
  sqrt: single(Math.sqrt),
  tanh: single(Math.tanh),
  sigmoid: single((x) => 1 / (1 + Math.exp(-x))),
  relu: single((x) => Math.max(0, x)),
  matmul: product,
  sum: total,
  transpose: turned,
  concat: joined,
  slice: sliced,
  embedding: rowsOfTable,
  softmax: rowwise((row) => {
    const most = row.reduce((a, b) => Math.max(a, b), -Infinity);
    row.forEach((value, at) => {
      row[at] = Math.exp(value - most);
    });
    const sum = row.reduce((a, b) => a + b, 0);
    row.forEach((value, at) => {
      row[at] = value / sum;
    });
  }),
  standardise: rowwise((row, node) => {
    const mean = row.reduce((a, b) => a + b, 0) / row.length;
    const variance = row.reduce((a, b) => a + (b - mean) ** 2, 0) / row.length;
    const inverse = 1 / Math.sqrt(variance + numberOf(node, 'epsilon'));
    row.forEach((value, at) => {
      row[at] = (value - mean) * inverse;
    });
  }),
};

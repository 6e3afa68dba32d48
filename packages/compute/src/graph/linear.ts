import { InvalidExpression } from '../error.ts';
import { add } from './elementwise.ts';
import { checkNumbers, type Expression, expression } from './expression.ts';
import { describeShape, type Shape } from './shape.ts';

export interface MatmulOptions {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  /** What the product is multiplied by; 1 when absent. */
  readonly scale?: number;
}

/**
 * The matrix product over the last two axes: [..., m, k] by [..., k, n], with equal axes before them, or by
 * one matrix [k, n] for all. Transposed operands are given by options, since they cost nothing there.
 */
export function matmul(a: Expression, b: Expression, options: MatmulOptions = {}): Expression {
  const { transposeA = false, transposeB = false, scale = 1 } = options;
  checkNumbers('matmul', a, b);
  const left = lastTwo(a.shape, transposeA);
  const right = lastTwo(b.shape, transposeB);
  const [before, others] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  const shared = others.length === 0 || others.every((size, axis) => size === before[axis]);
  if (!left || !right || left[1] !== right[0] || !shared) {
    const flags = `${transposeA ? ' transposed' : ''} by ${describeShape(b.shape)}`;
    const given = `${describeShape(a.shape)}${flags}${transposeB ? ' transposed' : ''}`;
    throw new InvalidExpression('matmul', `${given} is no product`);
  }
  return expression('matmul', [a, b], [...before, left[0], right[1]], {
    transposeA: { int: transposeA ? 1 : 0 },
    transposeB: { int: transposeB ? 1 : 0 },
    scale: { float: scale },
  });
}

function lastTwo(
  shape: Shape,
  transposed: boolean,
): readonly [Shape[number], Shape[number]] | undefined {
  const [rows, columns] = shape.slice(-2);
  if (rows === undefined || columns === undefined) return undefined;
  return transposed ? [columns, rows] : [rows, columns];
}

/** x weights + bias, with weights [inputs, outputs] and bias [outputs]. */
export function dense(x: Expression, weights: Expression, bias?: Expression): Expression {
  const product = matmul(x, weights);
  return bias ? add(product, bias) : product;
}

/**
 * Convolution along the last axis (cross-correlation, as networks have it): x [rows, channels, length],
 * weights [outputs, channels, width]; zeros around, so that the length is length + 2 padding - width + 1.
 */
export function convolve(x: Expression, weights: Expression, padding = 0): Expression {
  checkNumbers('convolve', x, weights);
  const [rows, channels, length] = x.shape;
  const [outputs, inside, width] = weights.shape;
  const fits = x.shape.length === 3 && weights.shape.length === 3 && channels === inside;
  if (!fits || typeof length !== 'number' || typeof width !== 'number') {
    const given = `${describeShape(x.shape)} with ${describeShape(weights.shape)}`;
    throw new InvalidExpression('convolve', `${given}; the last axes must have known lengths`);
  }
  const found = length + 2 * padding - width + 1;
  if (found < 1) throw new InvalidExpression('convolve', `a width of ${width} over ${length}`);
  return expression('convolve', [x, weights], [rows!, outputs!, found], {
    padding: { int: padding },
  });
}

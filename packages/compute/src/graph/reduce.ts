import { checkNumbers, type Expression, expression } from './expression.ts';
import { reshape } from './layout.ts';
import { checkAxis, type Shape, stretchedAxes } from './shape.ts';

function reduce(
  op: string,
  x: Expression,
  axes: readonly number[] | undefined,
  keep: boolean,
): Expression {
  checkNumbers(op, x);
  const all = axes ?? [...x.shape.keys()];
  const places = all.map((axis) => checkAxis(op, x.shape, axis)).sort((a, b) => a - b);
  const shape: Shape = keep
    ? x.shape.map((size, axis) => (places.includes(axis) ? 1 : size))
    : x.shape.filter((_, axis) => !places.includes(axis));
  return expression(op, [x], shape, { axes: { ints: places }, keep: { int: keep ? 1 : 0 } });
}

/** The sum over axes (all when absent); kept axes have length 1. */
export function sum(x: Expression, axes?: readonly number[], keep = false): Expression {
  return reduce('sum', x, axes, keep);
}

/** The mean over axes (all when absent). */
export function mean(x: Expression, axes?: readonly number[], keep = false): Expression {
  return reduce('mean', x, axes, keep);
}

/** The greatest over axes; equal ones share the gradient. */
export function maximum(x: Expression, axes?: readonly number[], keep = false): Expression {
  return reduce('maximum', x, axes, keep);
}

/** Summed over the axes along which `shape` was stretched to x's. */
export function sumTo(x: Expression, shape: Shape): Expression {
  const axes = stretchedAxes(x.shape, shape);
  return axes.length === 0 ? x : reshape(sum(x, axes, true), shape);
}

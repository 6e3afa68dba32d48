import { InvalidExpression } from '../error.ts';
import { type Expression, expression } from './expression.ts';
import { checkAxis, describeShape, productOf, type Shape, sameShape } from './shape.ts';

/**
 * The same numbers in another shape. At most one name may be new to its place; with more, `like` is an
 * expression that has the lengths of those names.
 */
export function reshape(x: Expression, shape: Shape, like?: Expression): Expression {
  if (sameShape(x.shape, shape)) return x;
  const known = (sizes: Shape): boolean => sizes.every((size) => typeof size === 'number');
  if (known(x.shape) && known(shape) && productOf(x.shape) !== productOf(shape)) {
    const shapes = `${describeShape(x.shape)} and ${describeShape(shape)}`;
    throw new InvalidExpression('reshape', `${shapes} hold different counts`);
  }
  return expression('reshape', like ? [x, like] : [x], shape, {}, x.type);
}

/** Axes in another order: axis i of the result is axis order[i] of x. */
export function transposeAxes(x: Expression, order: readonly number[]): Expression {
  const sorted = [...order].sort((a, b) => a - b);
  if (sorted.length !== x.shape.length || sorted.some((axis, at) => axis !== at)) {
    throw new InvalidExpression('transpose', `[${order}] is no order of ${describeShape(x.shape)}`);
  }
  const shape = order.map((axis) => x.shape[axis]!);
  return expression('transpose', [x], shape, { perm: { ints: order } });
}

/** Side by side along an axis of known lengths. */
export function concat(parts: readonly Expression[], axis: number): Expression {
  const [first] = parts;
  if (!first) throw new InvalidExpression('concat', 'is given nothing');
  const place = checkAxis('concat', first.shape, axis);
  const lengths = parts.map(({ shape, type }) => {
    const rest = shape.every((size, at) => at === place || size === first.shape[at]);
    const length = shape[place];
    if (rest && typeof length === 'number' && type === first.type) return length;
    throw new InvalidExpression(
      'concat',
      `${describeShape(shape)} beside ${describeShape(first.shape)}`,
    );
  });
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const shape = first.shape.map((size, at) => (at === place ? total : size));
  return expression('concat', parts, shape, { axis: { int: place } });
}

/** The part of an axis of known length from begin up to, not including, end. */
export function slice(x: Expression, axis: number, begin: number, end: number): Expression {
  const place = checkAxis('slice', x.shape, axis);
  const length = x.shape[place]!;
  if (typeof length !== 'number' || !(begin >= 0 && begin < end && end <= length)) {
    throw new InvalidExpression(
      'slice',
      `${begin} to ${end} of axis ${place} of ${describeShape(x.shape)}`,
    );
  }
  const shape = x.shape.map((size, at) => (at === place ? end - begin : size));
  const attributes = { axis: { int: place }, begin: { int: begin }, end: { int: end } };
  return expression('slice', [x], shape, attributes);
}

/** Zeros around an axis, as the gradient of a slice needs them. */
export function pad(x: Expression, axis: number, before: number, after: number): Expression {
  const place = checkAxis('pad', x.shape, axis);
  const length = x.shape[place];
  if (typeof length !== 'number')
    throw new InvalidExpression('pad', 'needs an axis of known length');
  const shape = x.shape.map((size, at) => (at === place ? length + before + after : size));
  const attributes = { axis: { int: place }, before: { int: before }, after: { int: after } };
  return expression('pad', [x], shape, attributes);
}

/** Stretched to a shape, as operations of two do by themselves; `like` has the lengths of its names. */
export function stretch(x: Expression, like: Expression): Expression {
  return sameShape(x.shape, like.shape) ? x : expression('stretch', [x, like], like.shape);
}

/**
 * Rows of a table by whole-number indices (int64) of any shape: the shape of the indices with the table's
 * width behind. The gradient of a parameter that is only read so is kept by rows.
 */
export function embedding(table: Expression, indices: Expression): Expression {
  if (table.shape.length !== 2 || indices.type !== 'int64') {
    const given = `${indices.type}${describeShape(indices.shape)} of ${describeShape(table.shape)}`;
    throw new InvalidExpression(
      'embedding',
      `${given}; int64 rows of a table of two axes are allowed`,
    );
  }
  return expression(
    'embedding',
    [table, indices],
    [...indices.shape, table.shape[1]!],
    {},
    table.type,
  );
}

/** By row, the entry at an index: x is [..., n], indices (int64) [...]. */
export function pick(x: Expression, indices: Expression): Expression {
  if (indices.type !== 'int64' || !sameShape(x.shape.slice(0, -1), indices.shape)) {
    const given = `${describeShape(indices.shape)} of ${describeShape(x.shape)}`;
    throw new InvalidExpression('pick', `${indices.type}${given}`);
  }
  return expression('pick', [x, indices], indices.shape, {}, x.type);
}

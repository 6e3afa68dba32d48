import { InvalidExpression } from '../error.ts';

/** The length of an axis: a number, or a name for any length, equal wherever the name is equal. */
export type Size = number | string;

/** The lengths of all axes, outermost first; none for a single number. */
export type Shape = readonly Size[];

/** `[rows, 3]`, for people. */
export function describeShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/** The shape that both stretch to: axes are aligned at the last one, a length of 1 goes with any. */
export function broadcastShape(op: string, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const [left, right] = [a[axis - rank + a.length] ?? 1, b[axis - rank + b.length] ?? 1];
    if (left === right || right === 1) return left;
    if (left === 1) return right;
    throw new InvalidExpression(
      op,
      `shapes ${describeShape(a)} and ${describeShape(b)} do not meet`,
    );
  });
}

/** The axes over which a gradient of `from` is summed to be one of `to`, which was stretched to it. */
export function stretchedAxes(from: Shape, to: Shape): readonly number[] {
  const added = from.length - to.length;
  return Array.from(from.keys()).filter((axis) => {
    return axis < added || (to[axis - added] === 1 && from[axis] !== 1);
  });
}

/** An axis counted from the end when negative. */
export function checkAxis(op: string, shape: Shape, axis: number): number {
  const place = axis < 0 ? axis + shape.length : axis;
  if (Number.isInteger(place) && place >= 0 && place < shape.length) return place;
  throw new InvalidExpression(op, `axis ${axis} is none of ${describeShape(shape)}`);
}

/** The product of lengths: a number, or a name made of theirs. */
export function productOf(sizes: Shape): Size {
  const names = sizes.filter((size) => typeof size === 'string');
  const number = sizes.reduce<number>(
    (all, size) => (typeof size === 'number' ? all * size : all),
    1,
  );
  if (names.length === 0) return number;
  return [...(number === 1 ? [] : [number]), ...names].join('*');
}

/** The lengths in numbers, once every name has one. */
export function resolveShape(shape: Shape, sizes: ReadonlyMap<string, number>): readonly number[] {
  return shape.map((size) => {
    if (typeof size === 'number') return size;
    return size.split('*').reduce((product, name) => {
      const known = sizes.get(name) ?? Number(name);
      if (Number.isInteger(known)) return product * known;
      throw new InvalidExpression('feed', `nothing that was fed says how long ${name} is`);
    }, 1);
  });
}

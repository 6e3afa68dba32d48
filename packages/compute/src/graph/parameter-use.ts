import { floatOf, intOf } from './attribute.ts';
import { multiplyElements, negate } from './elementwise.ts';
import { constant, type Expression, expression } from './expression.ts';
import { reshape } from './layout.ts';
import { matmul } from './linear.ts';
import { sum } from './reduce.ts';
import { productOf, type Shape, type Size } from './shape.ts';

/**
 * What one place where a parameter is read adds to each example's gradient, without the gradient itself:
 * of a product it is left' right, [examples, (steps,) rows] by [examples, (steps,) columns]; of rows of a
 * table the same with `left` the rows' indicators; of sums and gains it is small and given as it is.
 */
export type ParameterUse =
  | { readonly kind: 'product'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'rows'; readonly indices: Expression; readonly right: Expression }
  | { readonly kind: 'direct'; readonly gradient: Expression };

/** The use of input `at` of a node whose gradient is known; undefined where there is no such form. */
export function parameterUse(
  node: Expression,
  at: number,
  gradient: Expression,
): ParameterUse | undefined {
  const parameter = node.inputs[at]!;
  const other = node.inputs[1 - at];
  if (node.op === 'matmul') return at === 1 ? productUse(node, gradient) : undefined;
  if (node.op === 'embedding' && at === 0) {
    const indices = other!.shape.length > 2 ? merged(other!, 0) : other!;
    return { kind: 'rows', indices, right: sequences(gradient) };
  }
  if (node.op === 'add') return direct(gradient, parameter.shape);
  if (node.op === 'subtract') {
    return direct(at === 0 ? gradient : negate(gradient), parameter.shape);
  }
  if (node.op !== 'multiply') return undefined;
  return direct(multiplyElements(gradient, other!), parameter.shape);
}

function productUse(node: Expression, gradient: Expression): ParameterUse | undefined {
  const [x] = node.inputs as [Expression];
  if (intOf(node, 'transposeA') === 1) return undefined;
  // The file keeps the scale as a float, so that the product itself is scaled by that.
  const scale = Math.fround(floatOf(node, 'scale'));
  const outer = scale === 1 ? gradient : multiplyElements(gradient, scale);
  const [left, right] = [sequences(x), sequences(outer)];
  const turned = intOf(node, 'transposeB') === 1;
  return turned ? { kind: 'product', left: right, right: left } : { kind: 'product', left, right };
}

/** All axes between the first and the last as one. */
function sequences(x: Expression): Expression {
  return x.shape.length > 3 ? merged(x, 1) : x;
}

function merged(x: Expression, kept: number): Expression {
  const end = x.shape.length - kept;
  const shape = [x.shape[0]!, productOf(x.shape.slice(1, end)), ...x.shape.slice(end)];
  return reshape(x, shape, x);
}

function direct(gradient: Expression, shape: Shape): ParameterUse {
  const before = gradient.shape.length - shape.length;
  const axes = Array.from(gradient.shape.keys()).filter((axis) => {
    return axis > 0 && (axis < before || shape[axis - before] === 1);
  });
  const summed = axes.length > 0 ? sum(gradient, axes) : gradient;
  return { kind: 'direct', gradient: reshape(summed, [gradient.shape[0]!, ...shape], gradient) };
}

/** Each example's gradient, [examples, ...shape of the parameter]. */
export function materialise(use: ParameterUse, parameter: Expression): Expression {
  if (use.kind === 'direct') return use.gradient;
  const [left, right] = [leftOf(use, parameter), use.right];
  if (left.shape.length === 3) return matmul(left, right, { transposeA: true });
  const [examples, rows] = left.shape as [Size, Size];
  const columns = right.shape[1]!;
  return multiplyElements(
    reshape(left, [examples, rows, 1]),
    reshape(right, [examples, 1, columns]),
  );
}

/** The left factor; of rows, 1 where an index meets the table's row. */
function leftOf(use: Exclude<ParameterUse, { kind: 'direct' }>, table: Expression): Expression {
  if (use.kind === 'product') return use.left;
  const { indices } = use;
  const rows = table.shape[0] as number;
  const numbers = BigInt64Array.from({ length: rows }, (_, row) => BigInt(row));
  const all = constant({ type: 'int64', shape: [rows], data: numbers });
  return equals(reshape(indices, [...indices.shape, 1], indices), all, table.type, [
    ...indices.shape,
    rows,
  ]);
}

function equals(a: Expression, b: Expression, type: Expression['type'], shape: Shape): Expression {
  return expression('equal', [a, b], shape, {}, type);
}

/**
 * The inner product of two uses' gradients for each example, [examples], without making them: the
 * sum over pairs of steps of (left left')(right right') (Goodfellow 2015; Li et al. 2022, section 4).
 */
export function innerProduct(a: ParameterUse, b: ParameterUse, parameter: Expression): Expression {
  if (a.kind === 'direct' || b.kind === 'direct') {
    return dotRows(materialise(a, parameter), materialise(b, parameter));
  }
  const [left, right] = [pairsOfLeft(a, b, parameter), pairs(a.right, b.right)];
  return left.shape.length === 1 ? multiplyElements(left, right) : dotRows(left, right);
}

type Factored = Exclude<ParameterUse, { kind: 'direct' }>;

function pairsOfLeft(a: Factored, b: Factored, parameter: Expression): Expression {
  if (a.kind === 'product' || b.kind === 'product') {
    return pairs(leftOf(a, parameter), leftOf(b, parameter));
  }
  const [examples, steps] = a.indices.shape;
  const others = b.indices.shape[1];
  if (steps === undefined && others === undefined) {
    return equals(a.indices, b.indices, parameter.type, [examples!]);
  }
  const down = reshape(a.indices, [examples!, steps ?? 1, 1], a.indices);
  const across = reshape(b.indices, [examples!, 1, others ?? 1], b.indices);
  return equals(down, across, parameter.type, [examples!, steps ?? 1, others ?? 1]);
}

/** Products of every step of a with every step of b; of single steps, a number an example. */
function pairs(a: Expression, b: Expression): Expression {
  if (a.shape.length === 2 && b.shape.length === 2) return sum(multiplyElements(a, b), [1]);
  return matmul(stepped(a), stepped(b), { transposeB: true });
}

function stepped(x: Expression): Expression {
  return x.shape.length === 2 ? reshape(x, [x.shape[0]!, 1, x.shape[1]!]) : x;
}

function dotRows(a: Expression, b: Expression): Expression {
  const axes = Array.from(a.shape.keys()).slice(1);
  return sum(multiplyElements(a, b), axes);
}

/** The sum over examples of weight times gradient, in the shape of the parameter. */
export function weightedSum(
  use: ParameterUse,
  weights: Expression,
  parameter: Expression,
): Expression {
  const by = (x: Expression): Expression =>
    multiplyElements(x, reshape(weights, [x.shape[0]!, ...x.shape.slice(1).map(() => 1)]));
  if (use.kind === 'direct') return sum(by(use.gradient), [0]);
  const right = by(use.right);
  if (use.kind === 'rows') {
    return expression('scatterRows', [parameter, use.indices, right], parameter.shape);
  }
  return matmul(tall(use.left), tall(right), { transposeA: true });
}

function tall(x: Expression): Expression {
  return reshape(x, [productOf(x.shape.slice(0, -1)), x.shape.at(-1)!]);
}

/** Whether a parameter's squared norm costs less by pairs of steps than by making the gradients. */
export function pairsAreCheaper(uses: readonly ParameterUse[], parameter: Expression): boolean {
  if (uses.some((use) => use.kind === 'direct')) return false;
  const steps = (uses as readonly Factored[]).map(({ right }) =>
    right.shape.length === 2 ? 1 : right.shape[1]!,
  );
  // A length that is not known beforehand is taken for a short one.
  if (steps.some((size) => typeof size === 'string')) return true;
  const total = steps.reduce<number>((all, size) => all + (size as number), 0);
  const [rows, columns] = parameter.shape as [number, number];
  return total * (rows + columns) <= rows * columns;
}

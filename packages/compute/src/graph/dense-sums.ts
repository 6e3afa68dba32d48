import { intOf } from './attribute.ts';
import type { Expression } from './expression.ts';

/**
 * The sums of a product of two matrices and a row, by the product, where nothing else reads the product:
 * ONNX has both as one operation, and ONNX Runtime joins an activation to it.
 */
export function denseSums(
  nodes: readonly Expression[],
  roots: readonly Expression[],
): ReadonlyMap<Expression, Expression> {
  const readers = new Map<Expression, number>();
  for (const one of [...roots, ...nodes.flatMap(({ inputs }) => inputs)]) {
    readers.set(one, (readers.get(one) ?? 0) + 1);
  }
  const sums = nodes.filter(({ op, inputs }) => {
    const [product, row] = inputs;
    if (op !== 'add' || product!.op !== 'matmul' || readers.get(product!) !== 1) return false;
    return isFlat(product!) && row!.shape.length === 1 && row!.shape[0] === product!.shape.at(-1);
  });
  return new Map(sums.map((sum) => [sum.inputs[0]!, sum]));
}

/** Whether the product is of two matrices, or of rows under axes of which one length at most is not known. */
function isFlat(product: Expression): boolean {
  const [left, right] = product.inputs as [Expression, Expression];
  if (right.shape.length !== 2) return false;
  if (left.shape.length === 2) return true;
  const open = product.shape.filter((size) => typeof size !== 'number').length;
  return open <= 1 && intOf(product, 'transposeA') === 0;
}

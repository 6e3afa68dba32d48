import { add } from './elementwise.ts';
import type { Expression } from './expression.ts';

/** The gradient of a table: of the rows that were read, and what is left of the whole table. */
interface TableGradient {
  readonly rows: readonly { readonly indices: Expression; readonly values: Expression }[];
  readonly whole: Expression | undefined;
}

/**
 * Takes a gradient apart, so that no gradient of a whole table is made of the few rows that were read: of
 * its summands those that only scatter rows are given as rows.
 */
export function tableGradient(gradient: Expression): TableGradient {
  if (gradient.op === 'scatterRows') {
    const [, indices, values] = gradient.inputs as [Expression, Expression, Expression];
    return { rows: [{ indices, values }], whole: undefined };
  }
  if (gradient.op !== 'add') return { rows: [], whole: gradient };
  const [left, right] = gradient.inputs.map(tableGradient) as [TableGradient, TableGradient];
  const rows = [...left.rows, ...right.rows];
  if (rows.length === 0) return { rows, whole: gradient };
  const whole =
    left.whole && right.whole ? add(left.whole, right.whole) : (left.whole ?? right.whole);
  return { rows, whole };
}

import { BadRelation } from '../../data-error.ts';
import { checkedFields, checkedName, fieldNamed, named } from '../fields.ts';
import type { RelationNode, SortKey, WindowFunctionNode, WindowNode } from '../nodes.ts';

export function windowNode(
  input: RelationNode,
  options: { readonly by: readonly string[]; readonly order: readonly string[] },
  functions: Readonly<Record<string, { readonly node: WindowFunctionNode }>>,
): WindowNode {
  for (const name of options.by) fieldNamed(input, name);
  const order = sortKeys(input, options.order);
  const columns = Object.entries(functions).map(([name, { node }]) => {
    if (node.kind !== 'windowFunction') {
      throw new BadRelation(`${name} is no function over a window`, 'add columns with `with`');
    }
    checkOrder(input, order, node);
    return Object.freeze({ name: checkedName(name), function: node });
  });
  return {
    kind: 'window',
    input,
    by: Object.freeze([...options.by]),
    order,
    columns: Object.freeze(columns),
    fields: checkedFields([
      ...input.fields,
      ...columns.map((column) => named(column.name, column.function)),
    ]),
    purposes: input.purposes,
  };
}

/** Columns to sort by from their names, `-name` descending. */
export function sortKeys(input: RelationNode, by: readonly string[]): readonly SortKey[] {
  return Object.freeze(
    by.map((key) => {
      const descending = key.startsWith('-');
      const column = descending ? key.slice(1) : key;
      fieldNamed(input, column);
      return Object.freeze({ column, descending });
    }),
  );
}

/**
 * The columns asked for, then all others, so that equal rows are the only ties; but those that are
 * equal in every row that is ordered.
 */
export function totalOrder(
  input: RelationNode,
  order: readonly SortKey[],
  equal: readonly string[] = [],
): readonly SortKey[] {
  const asked = new Set([...equal, ...order.map(({ column }) => column)]);
  const rest = input.fields.filter(({ name }) => !asked.has(name));
  return [...order, ...rest.map(({ name }) => ({ column: name, descending: false }))];
}

/** Whether a function goes by the order asked for, ties and all. */
export function seesTies({ function: name, frame }: WindowFunctionNode): boolean {
  return name === 'rank' || name === 'denseRank' || frame?.unit === 'micros';
}

function checkOrder(
  input: RelationNode,
  order: readonly SortKey[],
  node: WindowFunctionNode,
): void {
  if (order.length === 0 && node.function.endsWith('ank')) {
    throw new BadRelation('a rank needs an order', 'name the columns in order');
  }
  if (node.frame?.unit !== 'micros') return;
  const [first] = order;
  const good =
    order.length === 1 &&
    first?.descending === false &&
    fieldNamed(input, first.column).type === 'timestamp' &&
    node.function === 'measure';
  if (!good) {
    throw new BadRelation(
      'a frame of time is for aggregates in the ascending order of one timestamp',
      'order by that column alone',
    );
  }
}

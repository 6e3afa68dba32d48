import { BadRelation } from '../../data-error.ts';
import { fieldOf } from '../expression.ts';
import type { ExpressionNode, RelationNode } from '../nodes.ts';
import { rowNumber } from '../window.ts';
import { unusedName } from './unused-name.ts';
import { windowNode } from './window.ts';

/** The first rows of each part: its row numbers, filtered, and dropped again. */
export function firstPerNode(
  input: RelationNode,
  {
    by,
    order,
    count = 1,
  }: { readonly by: readonly string[]; readonly order: readonly string[]; readonly count?: number },
): RelationNode {
  if (!Number.isSafeInteger(count) || count < 0) {
    throw new BadRelation(
      `the first ${count} rows are asked for; a whole number from 0 is allowed`,
    );
  }
  const place = unusedName(input, 'placeOfRow');
  const numbered = windowNode(input, { by, order }, { [place]: rowNumber() });
  const number: ExpressionNode = { kind: 'column', name: place, type: 'int', nullable: false };
  const most: ExpressionNode = { kind: 'literal', type: 'int', nullable: false, value: count };
  return {
    kind: 'project',
    input: {
      kind: 'filter',
      input: numbered,
      predicate: {
        kind: 'call',
        operation: 'lte',
        operands: [number, most],
        type: 'bool',
        nullable: false,
      },
      fields: numbered.fields,
      purposes: input.purposes,
    },
    columns: input.fields.map((field) => ({
      name: field.name,
      expression: { kind: 'column', name: field.name, ...fieldOf(field) },
    })),
    fields: input.fields,
    purposes: input.purposes,
  };
}

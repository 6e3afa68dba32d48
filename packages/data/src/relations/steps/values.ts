import { type Purpose, purposes } from '@backlot/access';
import { type Columns, columnType } from '../../contract.ts';
import { BadRelation } from '../../data-error.ts';
import { literalNode } from '../expression.ts';
import { checkedFields, checkedName } from '../fields.ts';
import type { LiteralNode, NamedField, ValuesNode } from '../nodes.ts';

/** Each is bound by itself. */
const mostValues = 10_000;

export function valuesNode(
  columns: Columns,
  rows: readonly Readonly<Record<string, unknown>>[],
): ValuesNode {
  const fields = checkedFields(Object.entries(columns).map(fieldOfColumn));
  const count = rows.length * fields.length;
  if (count > mostValues) {
    throw new BadRelation(
      `${count} values are written into a relation; ${mostValues} are allowed`,
      'deliver them as a table',
    );
  }
  return {
    kind: 'values',
    rows: Object.freeze(
      rows.map((row) => Object.freeze(fields.map((field) => givenValue(field, row[field.name])))),
    ),
    fields,
    // What a program writes itself restricts nothing.
    purposes: Object.freeze(Object.keys(purposes) as Purpose[]),
  };
}

function fieldOfColumn([name, column]: [string, Columns[string]]): NamedField {
  const { data } = column;
  return Object.freeze({
    name: checkedName(name),
    type: columnType(data),
    nullable: data.optional,
    ...(data.scale !== undefined && { scale: data.scale }),
  });
}

function givenValue(field: NamedField, value: unknown): LiteralNode {
  const { name, type, nullable, scale } = field;
  if (value !== null && value !== undefined) return literalNode(field, value) as LiteralNode;
  if (!nullable) throw new BadRelation(`a value of ${name} is missing`, 'make it optional()');
  return { kind: 'literal', type, nullable, value: null, ...(scale !== undefined && { scale }) };
}

import { BadRelation } from '../../data-error.ts';
import { fieldOf, literalNode } from '../expression.ts';
import { checkedFields, checkedName, fieldNamed, named } from '../fields.ts';
import type { AggregateNode, ExpressionNode, MeasureNode, RelationNode } from '../nodes.ts';
import { measureWhere } from './measures.ts';

/** An aggregate with the measure once for each known value, of its rows alone. */
export function pivotNode(
  input: RelationNode,
  options: {
    readonly keys: readonly string[];
    readonly on: string;
    readonly into: Readonly<Record<string, unknown>>;
    readonly measure: MeasureNode;
  },
): AggregateNode {
  const on = fieldNamed(input, options.on);
  const column: ExpressionNode = { kind: 'column', name: on.name, ...fieldOf(on) };
  const values = Object.entries(options.into);
  if (values.length === 0 || values.length > 1000) {
    throw new BadRelation(`a pivot has ${values.length} values; 1 to 1000 are allowed`);
  }
  const measures = values.map(([name, value]) => {
    const equal: ExpressionNode = {
      kind: 'call',
      operation: 'eq',
      operands: [column, literalNode(fieldOf(on), value)],
      type: 'bool',
      nullable: on.nullable,
    };
    return Object.freeze({
      name: checkedName(name),
      measure: measureWhere(options.measure, equal),
    });
  });
  const keys = options.keys.map((key) => fieldNamed(input, key));
  return {
    kind: 'aggregate',
    input,
    keys: Object.freeze([...options.keys]),
    measures: Object.freeze(measures),
    fields: checkedFields([...keys, ...measures.map(({ name, measure }) => named(name, measure))]),
    purposes: input.purposes,
  };
}

import { BadRelation } from '../../data-error.ts';
import { checkedFields, sharedPurposes } from '../fields.ts';
import type { CrossNode, RelationNode } from '../nodes.ts';

/** The most rows that each row of the left may be put beside. */
const mostRows = 10_000;

export function crossNode(left: RelationNode, right: RelationNode): CrossNode {
  const rows = boundOf(right);
  if (rows === undefined || rows > mostRows) {
    throw new BadRelation(
      `the right side of a cross join has ${rows ?? 'any number of'} rows; ${mostRows} are allowed`,
      'sort and limit it, or aggregate it without keys',
    );
  }
  return {
    kind: 'cross',
    left,
    right,
    fields: checkedFields([...left.fields, ...right.fields]),
    purposes: sharedPurposes(left, right),
  };
}

/** The most rows that a relation can have by its form alone; `undefined` where that depends on data. */
function boundOf(node: RelationNode): number | undefined {
  switch (node.kind) {
    case 'values':
      return node.rows.length;
    case 'limit':
      return node.count;
    case 'aggregate':
      return node.keys.length === 0 ? 1 : boundOf(node.input);
    case 'project':
    case 'filter':
    case 'distinct':
    case 'sort':
    case 'window':
    case 'sample':
      return boundOf(node.input);
    case 'except':
    case 'intersect':
    case 'pointInTime':
      return boundOf(node.left);
    default:
      return undefined;
  }
}

import { checkedFields, checkedPairs, optionalField, sharedPurposes } from '../fields.ts';
import type { JoinHow, JoinNode, RelationNode } from '../nodes.ts';

export function joinNode(
  left: RelationNode,
  right: RelationNode,
  how: JoinHow,
  pairs: readonly (readonly [left: string, right: string])[],
): JoinNode {
  const on = checkedPairs(left, right, pairs);
  const added = right.fields.filter(({ name }) => !on.some((pair) => pair.right === name));
  const own = how === 'full' ? left.fields.map(optionalField) : left.fields;
  const outer = how === 'left' || how === 'full';
  const fields =
    how === 'semi' || how === 'anti'
      ? left.fields
      : [...own, ...(outer ? added.map(optionalField) : added)];
  return {
    kind: 'join',
    how,
    left,
    right,
    on,
    fields: checkedFields(fields),
    purposes: sharedPurposes(left, right),
  };
}

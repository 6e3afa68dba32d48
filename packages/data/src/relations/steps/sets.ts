import { BadRelation } from '../../data-error.ts';
import { checkPair, fieldNamed, sharedPurposes } from '../fields.ts';
import type { NamedField, RelationNode, SetNode } from '../nodes.ts';

export function setNode(kind: SetNode['kind'], left: RelationNode, right: RelationNode): SetNode {
  const both = alignedFields(left, right);
  // Rows that are answered are rows of the left.
  return {
    kind,
    left,
    right,
    fields: kind === 'except' ? left.fields : both,
    ...purposesOf(left, right),
  };
}

/** The columns of two relations that have the same ones, missing where either's may be. */
export function alignedFields(left: RelationNode, right: RelationNode): readonly NamedField[] {
  const fields = left.fields.map((field) => {
    const peer = fieldNamed(right, field.name);
    checkPair(field, peer);
    return Object.freeze({ ...field, nullable: field.nullable || peer.nullable });
  });
  if (right.fields.length !== fields.length) {
    throw new BadRelation('the relations have different columns', 'select the same ones of both');
  }
  return Object.freeze(fields);
}

function purposesOf(left: RelationNode, right: RelationNode): Pick<RelationNode, 'purposes'> {
  return { purposes: sharedPurposes(left, right) };
}

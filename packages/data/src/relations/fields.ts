import type { Purpose } from '@backlot/access';
import { isColumnName } from '../contract.ts';
import { BadRelation } from '../data-error.ts';
import { fieldOf } from './expression.ts';
import type { FieldData, NamedField, RelationNode } from './nodes.ts';

/** The columns of a relation, checked: at least one, no name twice. */
export function checkedFields(fields: readonly NamedField[]): readonly NamedField[] {
  const seen = new Set<string>();
  for (const { name } of fields) {
    // Engines take names that differ only by case for one.
    const folded = name.toLowerCase();
    if (seen.has(folded)) {
      throw new BadRelation(`two columns are called ${name}`, 'rename one of them with select');
    }
    seen.add(folded);
  }
  if (fields.length === 0) throw new BadRelation('a relation has at least one column');
  return Object.freeze([...fields]);
}

export function checkedName(name: string): string {
  if (!isColumnName(name)) {
    throw new BadRelation('a column is named in camelCase, at most 63 letters and digits');
  }
  return name;
}

export function fieldNamed(node: RelationNode, name: string): NamedField {
  const found = node.fields.find((field) => field.name === name);
  if (!found)
    throw new BadRelation(`there is no column ${isColumnName(name) ? name : 'of that name'}`);
  return found;
}

/** A column of a name from what an expression or a measure says of itself. */
export function named(name: string, field: FieldData): NamedField {
  return Object.freeze({ name, ...fieldOf(field) });
}

export function optionalField(field: NamedField): NamedField {
  return Object.freeze({ ...field, nullable: true });
}

/** Columns that are compared hold the same. */
export function checkPair(left: NamedField, right: NamedField): void {
  if (sameType(left, right)) return;
  throw new BadRelation(`${left.name} is ${left.type} and ${right.name} is ${right.type}`);
}

function sameType(left: FieldData, right: FieldData): boolean {
  const [a, b] = [left.members ?? [], right.members ?? []];
  return (
    left.type === right.type &&
    left.scale === right.scale &&
    a.length === b.length &&
    a.every((member, at) => member.name === b[at]!.name && sameType(member, b[at]!))
  );
}

/** The pairs of columns that two relations are joined on, checked. */
export function checkedPairs(
  left: RelationNode,
  right: RelationNode,
  on: readonly (readonly [left: string, right: string])[],
): readonly { readonly left: string; readonly right: string }[] {
  if (on.length === 0) throw new BadRelation('a join names at least one pair of columns');
  return Object.freeze(
    on.map(([one, other]) => {
      checkPair(fieldNamed(left, one), fieldNamed(right, other));
      return Object.freeze({ left: one, right: other });
    }),
  );
}

export function sharedPurposes(left: RelationNode, right: RelationNode): readonly Purpose[] {
  return Object.freeze(left.purposes.filter((purpose) => right.purposes.includes(purpose)));
}

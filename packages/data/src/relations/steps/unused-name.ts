import type { RelationNode } from '../nodes.ts';

/** A name that no column of the relation has, whatever its letters' case. */
export function unusedName(node: RelationNode, wanted: string): string {
  const taken = new Set(node.fields.map(({ name }) => name.toLowerCase()));
  let name = wanted;
  for (let number = 2; taken.has(name.toLowerCase()); number++) name = `${wanted}${number}`;
  return name;
}

import type { RelationNode } from './nodes.ts';

/** The relations that a relation is made from. */
export function inputsOf(node: RelationNode): readonly RelationNode[] {
  switch (node.kind) {
    case 'source':
    case 'values':
      return [];
    case 'join':
    case 'cross':
    case 'pointInTime':
    case 'except':
    case 'intersect':
      return [node.left, node.right];
    case 'union':
      return node.inputs;
    case 'sql':
      return node.inputs.map(({ relation }) => relation);
    default:
      return [node.input];
  }
}

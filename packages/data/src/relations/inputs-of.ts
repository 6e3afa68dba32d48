import type { RelationNode } from './nodes.ts';

/** The relations that a relation is made from. */
export function inputsOf(node: RelationNode): readonly RelationNode[] {
  switch (node.kind) {
    case 'source':
      return [];
    case 'join':
    case 'pointInTime':
      return [node.left, node.right];
    case 'union':
      return node.inputs;
    default:
      return [node.input];
  }
}

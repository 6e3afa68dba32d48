import { createHash } from 'node:crypto';

/** RFC 6962, section 2.1: the hash of a leaf, SHA-256 of a zero byte and the entry. */
export function leafHash(entry: Uint8Array): Uint8Array {
  return createHash('sha256').update(Uint8Array.of(0)).update(entry).digest();
}

/** RFC 6962, section 2.1: the hash of an inner node, SHA-256 of a one byte and both children. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return createHash('sha256').update(Uint8Array.of(1)).update(left).update(right).digest();
}

/** The roots of the perfect subtrees that a tree of some size falls into, largest first. */
export type Frontier = readonly Uint8Array[];

/** The frontier after one more leaf. `size` is the number of leaves before it. */
export function appendLeaf(frontier: Frontier, size: number, leaf: Uint8Array): Uint8Array[] {
  const next = [...frontier];
  let hash = leaf;
  for (let rest = size; rest % 2 === 1; rest = Math.floor(rest / 2)) {
    hash = nodeHash(next.pop()!, hash);
  }
  next.push(hash);
  return next;
}

/** The root of the whole tree; SHA-256 of nothing when it is empty. */
export function frontierRoot(frontier: Frontier): Uint8Array {
  if (frontier.length === 0) return createHash('sha256').digest();
  return frontier.reduceRight((right, left) => nodeHash(left, right));
}

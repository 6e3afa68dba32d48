import { assert } from '@backlot/core';
import { nodeHash } from './merkle.ts';

/** Hashes from the leaf's or the smaller tree's side towards the root (RFC 6962, section 2.1). */
export type Proof = readonly Uint8Array[];

/** The root of some leaf hashes, at least one. */
export function rootOf(leaves: readonly Uint8Array[]): Uint8Array {
  assert(leaves.length > 0, 'a tree with a root hash of its own has a leaf');
  if (leaves.length === 1) return leaves[0]!;
  const split = largestPowerBelow(leaves.length);
  return nodeHash(rootOf(leaves.slice(0, split)), rootOf(leaves.slice(split)));
}

/** RFC 6962, section 2.1.1: the audit path of a leaf in the tree of these leaves. */
export function inclusionProof(leaves: readonly Uint8Array[], index: number): Uint8Array[] {
  assert(index >= 0 && index < leaves.length, 'the proven leaf is in the tree');
  if (leaves.length === 1) return [];
  const split = largestPowerBelow(leaves.length);
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)];
  return index < split
    ? [...inclusionProof(left, index), rootOf(right)]
    : [...inclusionProof(right, index - split), rootOf(left)];
}

/** RFC 6962, section 2.1.2: that the tree of the first `size` leaves is a prefix of this one. */
export function consistencyProof(leaves: readonly Uint8Array[], size: number): Uint8Array[] {
  assert(size >= 1 && size <= leaves.length, 'the smaller tree has a leaf and is in the larger');
  return subproof(leaves, size, true);
}

function subproof(leaves: readonly Uint8Array[], size: number, whole: boolean): Uint8Array[] {
  if (size === leaves.length) return whole ? [] : [rootOf(leaves)];
  const split = largestPowerBelow(leaves.length);
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)];
  return size <= split
    ? [...subproof(left, size, whole), rootOf(right)]
    : [...subproof(right, size - split, false), rootOf(left)];
}

/** Whether the proof leads from a leaf hash at `index` to the root of a tree of `size` leaves. */
export function verifyInclusion(input: {
  readonly leaf: Uint8Array;
  readonly index: number;
  readonly size: number;
  readonly root: Uint8Array;
  readonly proof: Proof;
}): boolean {
  const { leaf, index, size, root, proof } = input;
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) return false;
  let [place, last, hash] = [index, size - 1, leaf];
  for (const sibling of proof) {
    if (last === 0) return false;
    if (place % 2 === 1 || place === last) {
      hash = nodeHash(sibling, hash);
      while (place % 2 === 0 && place !== 0) [place, last] = [half(place), half(last)];
    } else {
      hash = nodeHash(hash, sibling);
    }
    [place, last] = [half(place), half(last)];
  }
  return last === 0 && equal(hash, root);
}

/** Whether the proof shows a tree of `size` leaves to begin with the tree of `oldSize` leaves. */
export function verifyConsistency(input: {
  readonly oldSize: number;
  readonly oldRoot: Uint8Array;
  readonly size: number;
  readonly root: Uint8Array;
  readonly proof: Proof;
}): boolean {
  const { oldSize, oldRoot, size, root, proof } = input;
  if (!Number.isSafeInteger(oldSize) || oldSize < 1 || oldSize > size) return false;
  if (oldSize === size) return proof.length === 0 && equal(oldRoot, root);
  let [place, last] = [oldSize - 1, size - 1];
  while (place % 2 === 1) [place, last] = [half(place), half(last)];
  const path = [...proof];
  // The smaller tree is perfect exactly when nothing of its last index is left.
  const start = place === 0 ? oldRoot : path.shift();
  if (!start) return false;
  let [old, hash] = [start, start];
  for (const sibling of path) {
    if (last === 0) return false;
    if (place % 2 === 1 || place === last) {
      old = nodeHash(sibling, old);
      hash = nodeHash(sibling, hash);
      while (place % 2 === 0 && place !== 0) [place, last] = [half(place), half(last)];
    } else {
      hash = nodeHash(hash, sibling);
    }
    [place, last] = [half(place), half(last)];
  }
  return last === 0 && equal(old, oldRoot) && equal(hash, root);
}

/** The largest power of two that is less than n. */
function largestPowerBelow(n: number): number {
  let power = 1;
  while (power * 2 < n) power *= 2;
  return power;
}

function half(n: number): number {
  return Math.floor(n / 2);
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

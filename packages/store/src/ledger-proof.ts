import { assert } from '@backlot/core';
import { nodeHash } from './merkle.ts';

/** Hashes from the leaf's or the smaller tree's side towards the root (RFC 6962, section 2.1). */
export type Proof = readonly Uint8Array[];

/** The Merkle tree over leaf hashes, from which roots and proofs of any of its prefixes are taken. */
export class ProofTree {
  readonly #leaves: readonly Uint8Array[];
  readonly #known = new Map<string, Uint8Array>();

  constructor(leaves: readonly Uint8Array[]) {
    this.#leaves = leaves;
  }

  /** The root of the first `size` leaves, at least one. */
  root(size: number): Uint8Array {
    assert(size >= 1 && size <= this.#leaves.length, 'the tree holds that many leaves');
    return this.#hash(0, size);
  }

  /** RFC 6962, section 2.1.1: the audit path of a leaf in the tree of the first `size` leaves. */
  inclusion(index: number, size: number): Uint8Array[] {
    assert(index >= 0 && index < size && size <= this.#leaves.length, 'the leaf is in the tree');
    return this.#path(index, 0, size);
  }

  /** RFC 6962, section 2.1.2: that the first `oldSize` leaves begin the first `size` leaves. */
  consistency(oldSize: number, size: number): Uint8Array[] {
    const isPrefix = oldSize >= 1 && oldSize <= size && size <= this.#leaves.length;
    assert(isPrefix, 'the smaller tree has a leaf and is in the larger');
    return this.#subproof(oldSize, 0, size, true);
  }

  #hash(start: number, size: number): Uint8Array {
    if (size === 1) return this.#leaves[start]!;
    const key = `${start} ${size}`;
    const known = this.#known.get(key);
    if (known) return known;
    const split = largestPowerBelow(size);
    const hash = nodeHash(this.#hash(start, split), this.#hash(start + split, size - split));
    this.#known.set(key, hash);
    return hash;
  }

  #path(index: number, start: number, size: number): Uint8Array[] {
    if (size === 1) return [];
    const split = largestPowerBelow(size);
    return index < split
      ? [...this.#path(index, start, split), this.#hash(start + split, size - split)]
      : [...this.#path(index - split, start + split, size - split), this.#hash(start, split)];
  }

  #subproof(oldSize: number, start: number, size: number, whole: boolean): Uint8Array[] {
    if (oldSize === size) return whole ? [] : [this.#hash(start, size)];
    const split = largestPowerBelow(size);
    const [right, rest] = [start + split, size - split];
    return oldSize <= split
      ? [...this.#subproof(oldSize, start, split, whole), this.#hash(right, rest)]
      : [...this.#subproof(oldSize - split, right, rest, false), this.#hash(start, split)];
  }
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

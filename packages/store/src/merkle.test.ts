import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { seededRandom } from '@backlot/core';
import { ProofTree, verifyConsistency, verifyInclusion } from './ledger-proof.ts';
import { appendLeaf, frontierRoot, leafHash } from './merkle.ts';

const largest = 256;
const leaves = Array.from({ length: largest }, (_, index) => leafHash(Buffer.from(`e${index}`)));
const tree = new ProofTree(leaves);

/** RFC 6962, section 2.1, word for word. */
function definition(entries: readonly string[]): Buffer {
  const sha256 = (...parts: readonly Uint8Array[]): Buffer =>
    createHash('sha256').update(Buffer.concat(parts)).digest();
  if (entries.length === 0) return sha256();
  if (entries.length === 1) return sha256(Buffer.of(0), Buffer.from(entries[0]!));
  let k = 1;
  while (k * 2 < entries.length) k *= 2;
  return sha256(Buffer.of(1), definition(entries.slice(0, k)), definition(entries.slice(k)));
}

const roots = Array.from({ length: largest + 1 }, (_, size) =>
  definition(Array.from({ length: size }, (__, index) => `e${index}`)),
);

test('the known answers of the certificate transparency test vectors', () => {
  const inputs = [
    '',
    '00',
    '10',
    '2021',
    '3031',
    '40414243',
    '5051525354555657',
    '606162636465666768696a6b6c6d6e6f',
  ];
  const hashes = inputs.map((input) => leafHash(Buffer.from(input, 'hex')));
  const hex = (size: number): string =>
    Buffer.from(new ProofTree(hashes).root(size)).toString('hex');
  assert.equal(hex(1), '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d');
  assert.equal(hex(2), 'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125');
  assert.equal(hex(8), '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328');
});

test('the frontier has the root of the recursive definition at every size from 0 to 256', () => {
  let frontier: Uint8Array[] = [];
  for (let size = 0; size <= largest; size++) {
    assert.deepEqual(Buffer.from(frontierRoot(frontier)), roots[size]);
    if (size > 0) assert.deepEqual(Buffer.from(tree.root(size)), roots[size]);
    if (size < largest) frontier = appendLeaf(frontier, size, leaves[size]!);
  }
});

test('every entry of every tree up to 256 has a proof of inclusion', () => {
  for (let size = 1; size <= largest; size++) {
    for (let index = 0; index < size; index++) {
      const proof = tree.inclusion(index, size);
      const root = roots[size]!;
      assert.ok(verifyInclusion({ leaf: leaves[index]!, index, size, root, proof }));
      const other = (index + 1) % size;
      if (size > 1) {
        assert.ok(!verifyInclusion({ leaf: leaves[other]!, index, size, root, proof }));
        assert.ok(!verifyInclusion({ leaf: leaves[index]!, index: other, size, root, proof }));
      }
    }
  }
});

test('every pair of trees up to 256 has a proof of consistency', () => {
  for (let size = 1; size <= largest; size++) {
    for (let oldSize = 1; oldSize <= size; oldSize++) {
      const proof = tree.consistency(oldSize, size);
      const [oldRoot, root] = [roots[oldSize]!, roots[size]!];
      assert.ok(verifyConsistency({ oldSize, oldRoot, size, root, proof }));
      const wrong = roots[oldSize - 1]!;
      assert.ok(!verifyConsistency({ oldSize, oldRoot: wrong, size, root, proof }));
    }
  }
});

test('no proof with one bit flipped, one hash more or one hash less is accepted', () => {
  const random = seededRandom(6962);
  for (let trial = 0; trial < 60; trial++) {
    const size = 2 + random.below(largest - 1);
    const index = random.below(size);
    const oldSize = 1 + random.below(size - 1);
    const included = tree.inclusion(index, size);
    const consistent = tree.consistency(oldSize, size);
    const [leaf, root, oldRoot] = [leaves[index]!, roots[size]!, roots[oldSize]!];
    for (const proof of damaged(included, random.below(256))) {
      assert.ok(!verifyInclusion({ leaf, index, size, root, proof }));
    }
    for (const proof of damaged(consistent, random.below(256))) {
      assert.ok(!verifyConsistency({ oldSize, oldRoot, size, root, proof }));
    }
  }
});

test('every single bit of a proof counts', () => {
  const [size, index, oldSize] = [21, 10, 11];
  const included = tree.inclusion(index, size);
  const consistent = tree.consistency(oldSize, size);
  const [leaf, root, oldRoot] = [leaves[index]!, roots[size]!, roots[oldSize]!];
  for (let bit = 0; bit < 256; bit++) {
    for (const proof of damaged(included, bit)) {
      assert.ok(!verifyInclusion({ leaf, index, size, root, proof }));
    }
    for (const proof of damaged(consistent, bit)) {
      assert.ok(!verifyConsistency({ oldSize, oldRoot, size, root, proof }));
    }
  }
});

test('sizes and indexes that make no sense are not accepted', () => {
  const [leaf, root] = [leaves[0]!, roots[1]!];
  for (const [index, size] of [
    [-1, 1],
    [1, 1],
    [0, 0],
    [0.5, 1],
  ] as const) {
    assert.ok(!verifyInclusion({ leaf, index, size, root, proof: [] }));
  }
  assert.ok(!verifyConsistency({ oldSize: 0, oldRoot: root, size: 1, root, proof: [] }));
  assert.ok(!verifyConsistency({ oldSize: 2, oldRoot: root, size: 1, root, proof: [] }));
});

function* damaged(proof: readonly Uint8Array[], bit: number): Iterable<readonly Uint8Array[]> {
  for (let place = 0; place < proof.length; place++) {
    const hash = new Uint8Array(proof[place]!);
    hash[bit >> 3]! ^= 1 << (bit & 7);
    yield proof.with(place, hash);
    yield proof.toSpliced(place, 1);
  }
  yield [...proof, leaves[0]!];
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@backlot/core';
import { InvalidArgument } from '../../error.ts';
import { duplicateGroups } from '../duplicate-groups.ts';
import { nearDuplicateImages } from './near-duplicate-images.ts';
import { hammingDistance } from './perceptual-hash.ts';

function drawnHashes(count: number, seed: number): Uint8Array[] {
  const random = seededRandom(seed);
  const hashes: Uint8Array[] = [];
  for (let at = 0; at < count; at++) {
    const old = at % 2 === 1 ? hashes[random.below(at)] : undefined;
    const hash = Uint8Array.from({ length: 8 }, (_, k) => old?.[k] ?? random.below(256));
    const flips = old ? random.below(20) : 0;
    for (let flip = 0; flip < flips; flip++) hash[random.below(8)]! ^= 1 << random.below(8);
    hashes.push(hash);
  }
  return hashes;
}

test('all pairs within a distance are found, and no other', () => {
  const hashes = drawnHashes(400, 3);
  for (const distance of [0, 1, 3, 4, 7, 10, 12, 15]) {
    const wanted: string[] = [];
    for (let i = 0; i < hashes.length; i++) {
      for (let j = i + 1; j < hashes.length; j++) {
        const bits = hammingDistance(hashes[i]!, hashes[j]!);
        if (bits <= distance) wanted.push(`${i} ${j} ${1 - bits / 64}`);
      }
    }
    const { left, right, similarity } = nearDuplicateImages(hashes, { distance });
    const found = Array.from(left, (i, at) => `${i} ${right[at]} ${similarity[at]}`);
    assert.deepEqual(found, wanted);
    assert.ok(wanted.length > 5);
  }
});

test('pairs that share a row make one group, named by its first row', () => {
  const pairs = { left: Int32Array.of(1, 4, 0), right: Int32Array.of(4, 5, 3) };
  assert.deepEqual([...duplicateGroups(pairs, 7)], [0, 1, 2, 0, 1, 1, 6]);
  assert.throws(() => duplicateGroups(pairs, 5), InvalidArgument);
});

test('what is out of range is refused', () => {
  const same = Array.from({ length: 10 }, () => new Uint8Array(8));
  assert.equal(nearDuplicateImages(same, { distance: 0 }).left.length, 45);
  assert.throws(() => nearDuplicateImages(same, { most: 44 }), InvalidArgument);
  assert.throws(() => nearDuplicateImages(same, { distance: 16 }), InvalidArgument);
  assert.throws(() => nearDuplicateImages([new Uint8Array(4)]), InvalidArgument);
  assert.equal(nearDuplicateImages([]).left.length, 0);
});

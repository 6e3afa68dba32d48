import assert from 'node:assert/strict';
import { test } from 'node:test';
import { interactionsFromPairs } from '@backlot/learn';
import fc from 'fast-check';
import {
  decodeInteractionSet,
  encodeInteractionSet,
  type InteractionSet,
  NotAnInteractionSet,
} from './interaction-set.ts';

function setOf(pairs: readonly (readonly [number, number])[], weighted: boolean): InteractionSet {
  const [users, items] = [
    ['a', 'ü', '李'],
    ['x', 'y'],
  ];
  const matrix = interactionsFromPairs({
    ...{ users: 3, items: 2 },
    userIndices: pairs.map(([user]) => user),
    itemIndices: pairs.map(([, item]) => item),
    ...(weighted && { weights: pairs.map((_, at) => at + 1) }),
  });
  return { users, items, matrix, attributes: { locale: ['de', 'fr', 'zh-Hans'] } };
}

test('a set comes back as it was, wherever its bytes lie', () => {
  const pair = fc.tuple(fc.nat(2), fc.nat(1));
  fc.assert(
    fc.property(fc.array(pair), fc.boolean(), fc.nat(7), (pairs, weighted, shift) => {
      const set = setOf(pairs, weighted);
      const bytes = encodeInteractionSet(set);
      const within = Buffer.alloc(bytes.length + 8, 0xff);
      within.set(bytes, shift);
      assert.deepEqual(decodeInteractionSet(within.subarray(shift, shift + bytes.length)), set);
    }),
    { seed: 11 },
  );
});

test('a cut or longer text is refused at every length', () => {
  const bytes = encodeInteractionSet(
    setOf(
      [
        [0, 0],
        [1, 1],
      ],
      true,
    ),
  );
  for (let length = 0; length < bytes.length; length++) {
    assert.throws(() => decodeInteractionSet(bytes.subarray(0, length)), NotAnInteractionSet);
  }
  assert.throws(() => decodeInteractionSet(Buffer.concat([bytes, bytes])), NotAnInteractionSet);
});
